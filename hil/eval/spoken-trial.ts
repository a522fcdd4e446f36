import type { ListeningDiagnostic, ListenerEvent } from '../../src/assistant/listening/listener-event.js';
import { Listener } from '../../src/assistant/listening/listener.js';
import type { ListeningRules } from '../../src/assistant/listening/rules.js';
import type { CompiledGrammar } from '../../src/assistant/speech/compiled-grammar.js';
import type { CommandRecogniser } from '../../src/assistant/speech/speech-recogniser.js';
import { silenceDb } from '../../src/audio/pcm.js';
import { speechRate } from '../../src/audio/resampler.js';
import { VoiceActivity } from '../../src/audio/voice-activity.js';
import { randomBell, randomUniform } from '../demo/noise.js';

export type HeardEvent = Extract<ListenerEvent, { kind: 'heard' }>;

/** One utterance at an open microphone. */
export interface SpokenTrial {
  readonly heard: readonly HeardEvent[];
  readonly notHeard: readonly string[];
  /** Of the first thing heard: when its answer was there on a processor of its own, ms of the sound. */
  readonly answeredT: number | null;
  readonly asked: number;
  readonly cpuMs: number;
}

/** A chunk of a live microphone, samples at 16 kHz. */
const chunk = 320;
const room = 3e-4;

/** Streams sound to a listener whose microphone is open from the start, in lock-step. */
export async function streamed(
  recogniser: CommandRecogniser,
  voice: VoiceActivity,
  grammar: CompiledGrammar,
  audio: Float32Array,
  rules: Partial<ListeningRules> = {},
): Promise<SpokenTrial> {
  voice.reset();
  const listener = new Listener({ zone: 'driver', recogniser, voice, wake: null, rules });
  const heard: HeardEvent[] = [];
  const notHeard: string[] = [];
  const diagnostics: ListeningDiagnostic[] = [];
  listener.events.subscribe((event) => {
    if (event.kind === 'heard') heard.push(event);
    if (event.kind === 'notHeard') notHeard.push(event.why);
  });
  listener.diagnostics.subscribe((diagnostic) => diagnostics.push(diagnostic));
  listener.open(grammar, 0);
  for (let at = 0; at < audio.length; at += chunk) {
    const t = (1000 * at) / speechRate;
    listener.push({ t, rate: speechRate, samples: audio.subarray(at, at + chunk) });
    await listener.settled();
  }
  const { asked } = listener.counters();
  listener.close();
  const first = heard.at(0);
  const used = diagnostics.find(({ endpointT }) => endpointT === first?.endpointT);
  return {
    heard,
    notHeard,
    answeredT: first === undefined || used === undefined ? null : used.endpointT + used.cpuMs,
    asked,
    cpuMs: diagnostics.reduce((sum, { cpuMs }) => sum + cpuMs, 0),
  };
}

const block = 160; // 10 ms

/** Speech has so many loud blocks within twice as many: the click of a recorder's switch has fewer. */
const fewest = 6;

/**
 * Where speech really ends in a clean recording, ms: the end of the last 10 ms that are above the recording's noise,
 * which is what its quietest twentieth is, by 12 dB, and not more than 40 dB below its loudest; with others like it
 * before. No voice activity network is asked.
 */
export function speechEndMs(samples: Float32Array): number {
  const levels = blockLevels(samples);
  const sorted = [...levels].sort((a, b) => a - b);
  const quiet = sorted[Math.floor(sorted.length / 20)] ?? silenceDb;
  const loud = sorted.at(-1) ?? silenceDb;
  const floor = Math.max(quiet + 12, loud - 40);
  const isLoud = levels.map((level) => level > floor);
  const last = isLoud.findLastIndex(
    (loud, i) =>
      loud && isLoud.slice(Math.max(0, i - 2 * fewest + 1), i + 1).filter(Boolean).length >= fewest,
  );
  return ((last + 1) * block * 1000) / speechRate;
}

/**
 * A recording with `seconds` more of its own quietest fifth of a second, forwards and backwards, and the noise of a
 * quiet room: no recorder is without.
 */
export function withTail(samples: Float32Array, seconds: number, seed: number): Float32Array {
  const levels = blockLevels(samples);
  const span = 20;
  let best = 0;
  let least = Infinity;
  for (let at = 0; at + span <= levels.length; at++) {
    const level = Math.max(...levels.slice(at, at + span));
    if (level < least) [best, least] = [at, level];
  }
  const quiet = samples.subarray(best * block, (best + span) * block);
  const random = randomUniform(seed);
  const out = new Float32Array(samples.length + seconds * speechRate);
  for (let i = 0; i < out.length; i++) {
    const k = (i - samples.length) % (2 * quiet.length);
    const own =
      i < samples.length
        ? samples[i]
        : (quiet[k < quiet.length ? quiet.length - 1 - k : k - quiet.length] ?? 0);
    out[i] = own + randomBell(random, room);
  }
  return out;
}

function blockLevels(samples: Float32Array): number[] {
  const levels: number[] = [];
  for (let at = 0; at + block <= samples.length; at += block) {
    let sum = 0;
    for (let i = at; i < at + block; i++) sum += samples[i] * samples[i];
    levels.push(sum > 0 ? Math.max(silenceDb, 10 * Math.log10(sum / block)) : silenceDb);
  }
  return levels;
}
