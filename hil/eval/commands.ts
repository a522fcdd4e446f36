import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SpeechModel } from '../../src/assistant/speech/speech-recogniser.js';
import { compile } from '../../src/assistant/grammar/compile.js';
import { readCommands } from '../../src/assistant/grammar/load.js';
import { Follower } from '../../src/assistant/grammar/match.js';
import { normalise } from '../../src/assistant/grammar/normalise.js';
import { readSpeech } from '../../src/audio/wav.js';
import { packageRoot } from '../../src/runtime/paths.js';
import { readCommandClips, readNoises } from './command-clips.js';
import { accuracyOver, grouped, isRight, type Accuracy, type Snr, type Trial } from './command-score.js';
import type { Evaluation, EvaluationInput } from './evaluation.js';
import { SpeechHearing } from './speech-hearing.js';
import { inNoise } from './speech-noise.js';
import { benchmarkSnrs, countOption, modelOption, snrOption } from './speech-options.js';

export const coffeeFile = join(packageRoot, 'test', 'data', 'coffee-commands.yaml');

/** Sentences followed at once; orders are long. */
const beam = 8;

interface Plan {
  readonly model: SpeechModel;
  readonly snrs: readonly Snr[];
  readonly seeds: number;
  readonly limit: number | undefined;
}

function planOf({ options }: EvaluationInput): Plan {
  return {
    model: modelOption(options, 'base'),
    snrs: snrOption(options, ['clean', ...benchmarkSnrs]),
    seeds: countOption(options, 'seeds') ?? 1,
    limit: countOption(options, 'limit'),
  };
}

/** The same sound, through the grammar and without. */
export interface CommandTrial extends Trial {
  /** What the network writes without a grammar, read by the grammar: intent and every slot. */
  readonly freeRight: boolean;
}

async function runTrials(
  input: EvaluationInput,
  plan: Plan,
): Promise<{ trials: CommandTrial[]; missing: number }> {
  const { clips: all, missing } = readCommandClips(input.dataDir);
  const clips = all.slice(0, plan.limit);
  const noises = plan.snrs.some((snr) => snr !== 'clean') ? readNoises(input.dataDir) : [];
  const automaton = compile(readCommands(readFileSync(coffeeFile, 'utf8'), coffeeFile));
  const follower = new Follower(automaton);
  const hearing = new SpeechHearing(plan.model, beam);
  const trials: CommandTrial[] = [];
  try {
    const grammar = await hearing.grammar(automaton, 'coffee');
    for (const [number, clip] of clips.entries()) {
      const speech = readSpeech(clip.path);
      for (const snr of plan.snrs) {
        for (let seed = 1; seed <= (snr === 'clean' ? 1 : plan.seeds); seed++) {
          const { audio, noise } = inNoise(speech, noises, clip.name, snr, seed);
          const { sentences, freeText, llr, cpuMs } = await hearing.hear(audio, grammar);
          const best = sentences.at(0);
          trials.push({
            ...{ clip: clip.name, snr, seed, noise, llr, cpuMs },
            said: best?.text ?? '',
            right: isRight(clip, best?.meaning),
            freeRight: isRight(clip, follower.meanings(normalise(freeText)).at(0)),
          });
        }
      }
      const right = trials.filter((trial) => trial.right).length;
      input.progress(
        `${number + 1} of ${clips.length} recordings, ${right} of ${trials.length} trials right`,
      );
    }
  } finally {
    hearing.close();
  }
  return { trials, missing };
}

/** Spoken orders of many people, clean and with noise, through the grammar: intent and every slot right or not. */
export const commands: Evaluation = {
  name: 'commands',
  about: 'recorded commands through the grammar, clean and at 6 to 24 dB (--limit, --snr, --seeds, --model)',
  run: async (input) => {
    const plan = planOf(input);
    const { trials, missing } = await runTrials(input, plan);
    const noisy = trials.filter(({ snr }) => snr !== 'clean' && benchmarkSnrs.includes(snr));
    const counted = noisy.length > 0 ? noisy : trials;
    const headline = accuracyOver(counted);
    const free = accuracyOver(counted.map((trial) => ({ ...trial, right: trial.freeRight })));
    const by = <K>(list: readonly CommandTrial[], keyOf: (trial: CommandTrial) => K): Map<K, Accuracy> =>
      new Map([...grouped(list, keyOf)].map(([key, part]) => [key, accuracyOver(part)]));
    const bySnr = by(trials, ({ snr }) => snr);
    const byNoise = by(noisy, ({ noise }) => noise ?? '');
    const freeBySnr = by(
      trials.map((trial) => ({ ...trial, right: trial.freeRight })),
      ({ snr }) => snr,
    );
    const n = new Set(trials.map(({ clip }) => clip)).size;
    const cpu = trials.map(({ cpuMs }) => cpuMs).sort((a, b) => a - b);
    const json = {
      accuracy: headline.accuracy,
      n,
      low: headline.low,
      high: headline.high,
      trials: headline.trials,
      seeds: plan.seeds,
      unit: 'recording; interval by resampling recordings',
      conditions: plan.snrs.filter((snr) => noisy.length === 0 || snr !== 'clean'),
      clean: bySnr.get('clean')?.accuracy ?? null,
      bySnr: Object.fromEntries(bySnr),
      byNoise: Object.fromEntries(byNoise),
      free: { ...free, bySnr: Object.fromEntries(freeBySnr) },
      model: plan.model,
      labelsWithoutRecording: missing,
      medianCpuMs: cpu[cpu.length >> 1],
      wrong: trials.filter(({ right }) => !right),
    };
    const text = [
      line(`Moonshine ${plan.model}, mean in noise`, headline),
      ...[...bySnr].map(([snr, accuracy]) => line(snr === 'clean' ? 'clean' : `${snr} dB`, accuracy)),
      ...[...byNoise].map(([noise, accuracy]) => line(noise, accuracy)),
      line('its free text, read by the grammar', free),
      `${n} recordings (${missing} labels without one); right: intent and every slot; 95 % by resampling recordings.`,
    ].join('\n');
    return { json, text };
  },
};

function line(name: string, { accuracy, low, high, trials }: Accuracy): string {
  return `${name.padEnd(34)} ${(100 * accuracy).toFixed(1)} % [${(100 * low).toFixed(1)}, ${(100 * high).toFixed(1)}]  ${trials} trials`;
}
