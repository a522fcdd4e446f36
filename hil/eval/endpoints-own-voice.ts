import { Listener } from '../../src/assistant/listening/listener.js';
import { CompiledGrammar } from '../../src/assistant/speech/compiled-grammar.js';
import { SpeechRecogniser } from '../../src/assistant/speech/speech-recogniser.js';
import { loadCommands } from '../../src/assistant/grammar/load.js';
import { chunksOf } from '../../src/audio/chunks.js';
import { speechRate } from '../../src/audio/resampler.js';
import { VoiceActivity } from '../../src/audio/voice-activity.js';
import { randomBell, randomUniform } from '../demo/noise.js';
import type { Evaluation, EvaluationInput } from './evaluation.js';
import { grammarOfState } from './incar-sentences.js';
import { percentileOver } from './percentiles.js';
import { activeLevel } from './speech-mix.js';
import { installedVoices, spoken, voiceName } from './speech-voices.js';
import { countOption } from './speech-options.js';
import { wilson } from './wilson.js';

/** What the assistant may say, long enough to be interrupted. */
const replies = [
  'The temperature on the driver side is now twenty one degrees, and the fan is at level three.',
  'There are three charging stations on the way, the nearest is twelve kilometres from here.',
  'I did not find a contact of that name. Do you want to call somebody else instead?',
  'The rear window on the left is open. It is raining. Shall I close all the windows?',
  'Your next appointment is at half past four. You will be there about ten minutes early.',
];
const commands = ['stop', 'cancel', 'no', 'open the window', "i'm cold"];

interface Condition {
  /** The reply at the microphone against what is played, dB; the driver against the reply's echo, dB. */
  readonly couplingDb: number;
  readonly aboveDb: number;
  readonly hasReference: boolean;
}

const conditions: readonly Condition[] = [false, true].flatMap((hasReference) =>
  [-20, -10].flatMap((couplingDb) => [0, 6, 12].map((aboveDb) => ({ couplingDb, aboveDb, hasReference }))),
);

/** How a cabin hands on what a loudspeaker plays: 8 ms later, with reflections that die away over a tenth of a second. */
function echoed(samples: Float32Array, gain: number, random: () => number): Float32Array {
  const delay = 128;
  const taps = Array.from({ length: 24 }, (_, i) => ({
    at: delay + Math.floor(i * 64 + random() * 64),
    gain: (i === 0 ? 1 : 0.5 * (2 * random() - 1)) * Math.exp(-i / 8),
  }));
  return Float32Array.from(samples, (_, i) =>
    taps.reduce((sum, tap) => sum + gain * tap.gain * (samples[i - tap.at] ?? 0), 0),
  );
}

interface Trial extends Condition {
  /** Told to speak although only the reply was heard. */
  readonly isFalse: boolean;
  /** From the driver's first sound, ms; null: not noticed. */
  readonly noticedMs: number | null;
  readonly replyS: number;
}

const driverFromS = 2;

class OwnVoiceTrials {
  readonly #recogniser = new SpeechRecogniser();
  readonly #voice = new VoiceActivity();
  readonly #grammar = new CompiledGrammar(
    grammarOfState(loadCommands('en'), 'confirming'),
    this.#recogniser.tokenizer,
  );

  async run(
    condition: Condition,
    reply: Float32Array,
    driver: Float32Array | null,
    random: () => number,
  ): Promise<Trial> {
    const { couplingDb, aboveDb, hasReference } = condition;
    const echo = echoed(reply, 10 ** (couplingDb / 20), random);
    const gain = driver === null ? 0 : (activeLevel(echo) / activeLevel(driver)) * 10 ** (aboveDb / 20);
    const from = driverFromS * speechRate;
    const sound = Float32Array.from(
      echo,
      (value, i) => value + gain * (driver?.[i - from] ?? 0) + randomBell(random, 1e-3),
    );
    this.#voice.reset();
    const listener = new Listener({
      zone: 'driver',
      recogniser: this.#recogniser,
      voice: this.#voice,
      wake: null,
    });
    const started: number[] = [];
    listener.events.subscribe((event) => {
      if (event.kind === 'speechStarted') started.push(event.t);
    });
    listener.open(this.#grammar, 0);
    listener.ownVoice(0, true);
    for (const chunk of chunksOf({ rate: speechRate, samples: sound })) {
      const at = (chunk.t * speechRate) / 1000;
      if (hasReference)
        listener.reference({ ...chunk, samples: reply.subarray(at, at + chunk.samples.length) });
      listener.push(chunk);
      await listener.settled();
    }
    listener.close();
    const beginMs = driverFromS * 1000;
    const noticed = started.find((t) => t >= beginMs);
    return {
      ...condition,
      isFalse: started.some((t) => driver === null || t < beginMs),
      noticedMs: driver === null || noticed === undefined ? null : noticed - beginMs,
      replyS: reply.length / speechRate,
    };
  }

  close(): void {
    this.#recogniser.close();
  }
}

/** Without the silence before it. */
function promptly(samples: Float32Array): Float32Array {
  return samples.subarray(speechRate / 2);
}

async function run(input: EvaluationInput): Promise<{ text: string; json: Record<string, unknown> }> {
  const limit = countOption(input.options, 'limit') ?? 5;
  const voices = installedVoices();
  const own = voices.find(({ name }) => name === 'slt') ?? voices[0];
  const others = voices.filter((voice) => voiceName(voice) !== voiceName(own)).slice(0, limit);
  const random = randomUniform(1);
  const trials = new OwnVoiceTrials();
  const lines: string[] = [];
  const results: object[] = [];
  try {
    for (const condition of conditions) {
      const alone: Trial[] = [];
      const together: Trial[] = [];
      for (const [i, text] of replies.entries()) {
        const reply = promptly(spoken(text, own, 1));
        alone.push(await trials.run(condition, reply, null, random));
        for (const voice of others) {
          const driver = promptly(spoken(commands[i], voice, 1));
          together.push(await trials.run(condition, reply, driver, random));
        }
      }
      const noticed = together.flatMap(({ noticedMs }) => (noticedMs === null ? [] : [noticedMs]));
      const result = summary(condition, alone, together, noticed);
      results.push(result);
      lines.push(lineOf(result));
      input.progress(`${results.length} of ${conditions.length} conditions`);
    }
  } finally {
    trials.close();
  }
  return { text: lines.join('\n'), json: { conditions: results } };
}

interface Summary extends Condition {
  readonly n: number;
  readonly noticed: number;
  readonly within: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly falseStarts: number;
  readonly replies: number;
  readonly replyS: number;
}

function summary(
  condition: Condition,
  alone: readonly Trial[],
  together: readonly Trial[],
  noticed: readonly number[],
): Summary {
  const all = [...alone, ...together];
  return {
    ...condition,
    n: together.length,
    noticed: noticed.length,
    within: noticed.filter((ms) => ms <= 200).length,
    p50Ms: percentileOver(noticed, 0.5).value,
    p95Ms: percentileOver(noticed, 0.95).value,
    falseStarts: all.filter(({ isFalse }) => isFalse).length,
    replies: all.length,
    replyS: all.reduce((sum, { replyS }) => sum + replyS, 0),
  };
}

function lineOf(result: Summary): string {
  const { couplingDb, aboveDb, hasReference, n, noticed, within, p50Ms, p95Ms, falseStarts } = result;
  const { low, high } = wilson(noticed, n);
  return (
    `echo ${couplingDb} dB, ${hasReference ? 'reference' : 'no reference'}, driver ${aboveDb} dB above it: ` +
    `noticed ${noticed} of ${n} [${(100 * low).toFixed(0)}, ${(100 * high).toFixed(0)} %], ${within} within 200 ms, ` +
    `p50 ${p50Ms.toFixed(0)} p95 ${p95Ms.toFixed(0)} ms; own voice taken for speech in ${falseStarts} of ` +
    `${result.replies} replies (${(result.replyS / 60).toFixed(1)} min)`
  );
}

/** Whether a driver who breaks in is noticed, and the own voice is not. */
export const ownVoice: Evaluation = {
  name: 'own-voice',
  about: 'speech that breaks in on a reply, and replies taken for speech (--limit: voices)',
  run,
};
