import { compile } from '../../grammar/compile.js';
import { loadCommands } from '../../grammar/load.js';
import type { WakeFeatures } from '../features.js';
import { windowsOf } from '../head.js';
import { carNoise, scene } from './augment.js';
import { Random } from './random.js';
import { commonWords, randomSentence } from './texts.js';
import { pickVoice, speak } from './voices.js';

/** An utterance that was heard, as the windows that end every 80 ms. */
export interface Heard {
  readonly text: string;
  /** By a voice that no head learns from. */
  readonly heldOut: boolean;
  readonly windows: readonly Float32Array[];
  /** End of the utterance, ms; the first window ends at 80 ms. */
  readonly endMs: number;
}

/** Speech and noise that no phrase is expected in: the same for every phrase, so it is made once for several. */
export interface Pool {
  readonly heard: readonly Heard[];
  /** The utterances themselves, without noise, to be put before and after others. */
  readonly utterances: readonly { readonly text: string; readonly audio: Float32Array }[];
}

export interface PoolSize {
  readonly sentences: number;
  readonly noises: number;
}

/** Hears one utterance in a scene of its own. */
export function hear(
  text: string,
  utterance: Float32Array,
  others: readonly Float32Array[],
  heldOut: boolean,
  features: WakeFeatures,
  random: Random,
): Heard {
  const { audio, end } = scene(utterance, others, random);
  return { text, heldOut, windows: heardWindows(audio, features), endMs: end / 16 };
}

function heardWindows(audio: Float32Array, features: WakeFeatures): Float32Array[] {
  features.reset();
  return windowsOf(features.push(audio), features.silence);
}

/** Every so manieth utterance is by a held-out voice. */
export const heldOutEvery = 5;

/**
 * Half commands of our own grammar, half words in random order; then noise alone.
 * @param progress is told how many of how many are made
 * @throws VigilError as `speak`
 */
export function makePool(
  seed: number,
  { sentences, noises }: PoolSize,
  features: WakeFeatures,
  progress: (done: number, total: number) => void,
): Pool {
  const random = new Random(seed);
  const commands = compile(loadCommands());
  const words = commonWords();
  const heard: Heard[] = [];
  const utterances: { text: string; audio: Float32Array }[] = [];
  for (let i = 0; i < sentences; i++) {
    const salad = (): string =>
      Array.from({ length: 2 + random.below(6) }, () => random.pick(words)).join(' ');
    const text = i % 2 === 0 ? (randomSentence(commands, random) ?? salad()) : salad();
    const heldOut = i % heldOutEvery === 0;
    const audio = speak(text, pickVoice(random, heldOut), random);
    if (!heldOut) utterances.push({ text, audio });
    const others = utterances.slice(-20).map((utterance) => utterance.audio);
    heard.push(hear(text, audio, others, heldOut, features, random));
    progress(i + 1, sentences + noises);
  }
  for (let i = 0; i < noises; i++) {
    const loudness = 10 ** (random.between(-50, -12) / 20);
    const audio = carNoise(48_000, random).map((value) => Math.max(-1, Math.min(1, loudness * value)));
    heard.push({
      text: '',
      heldOut: i % heldOutEvery === 0,
      windows: heardWindows(audio, features),
      endMs: 0,
    });
    progress(sentences + i + 1, sentences + noises);
  }
  return { heard, utterances };
}
