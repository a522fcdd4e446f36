import { compile } from '../../grammar/compile.js';
import { loadCommands } from '../../grammar/load.js';
import { embeddingSize } from '../features.js';
import { afterSilence, headFrames } from '../head.js';
import type { WholeFeatures } from '../whole-features.js';
import { scene, type Surroundings } from './augment.js';
import { babble, carNoise } from './noise.js';
import { Random, seedOf } from './random.js';
import { commonWords, randomSentence } from './texts.js';
import { pickVoice, speak } from './voices.js';
import { speechRate } from '../../../audio/resampler.js';

/** An utterance that was heard. */
export interface Heard {
  readonly text: string;
  /** By a voice, and in noise, that no head learns from. */
  readonly heldOut: boolean;
  /** End of the utterance, ms; the first window ends at 80 ms. */
  readonly endMs: number;
  /** Of the utterance over the noise; NaN where there is no utterance. */
  readonly snrDb: number;
  /** Embeddings one after the other, preceded by 11 of silence: window i begins with embedding i. */
  readonly embeddings: Float32Array;
}

/** Windows of an utterance, one ending each 80 ms. */
export function hopsOf({ embeddings }: Heard): number {
  return embeddings.length / embeddingSize - headFrames + 1;
}

/** Speech and noise that no phrase is expected in: the same for every phrase, so it is made once for several. */
export interface Pool {
  readonly heard: readonly Heard[];
  /** For voices to learn from, and for held-out ones. */
  readonly surroundings: { readonly learnt: Surroundings; readonly heldOut: Surroundings };
}

export interface PoolSize {
  readonly sentences: number;
  readonly noises: number;
}

/** Audio as its embeddings. */
export function embedded(audio: Float32Array, features: WholeFeatures): Float32Array {
  return afterSilence(features.embed(audio), features.silence);
}

/** Hears one utterance in a scene of its own. */
export function hear(
  text: string,
  utterance: Float32Array,
  surroundings: Surroundings,
  heldOut: boolean,
  features: WholeFeatures,
  random: Random,
): Heard {
  const { audio, end, snrDb } = scene(utterance, surroundings, random);
  return { text, heldOut, endMs: end / 16, snrDb, embeddings: embedded(audio, features) };
}

/** Every so manieth sentence is by a held-out voice: rare false accepts show in hours only. */
const heldOutSentences = 3;
/** Utterances kept to be put before and after others, and to babble. */
const keptUtterances = 120;
const noiseSeconds = 15;
const noisePieces = 100;

/** Noise bank and other speech of one of the two kinds of voices. */
function surroundingsFor(seed: number, heldOut: boolean, others: readonly Float32Array[]): Surroundings {
  const noises = Array.from({ length: heldOut ? noisePieces / 4 : noisePieces }, (_, i) => {
    const random = new Random(seedOf(seed, heldOut ? 'noise held out' : 'noise', i));
    const length = noiseSeconds * speechRate;
    const car = carNoise(length, random);
    if (others.length === 0 || !random.chance(0.25)) return car;
    const share = random.between(0.3, 1.2);
    const people = babble(length, others, random);
    const scale = 1 / Math.hypot(1, share);
    return car.map((value, k) => scale * (value + share * people[k]));
  });
  return { others, noises };
}

/**
 * Half commands of our own grammar, half words in random order; then noise alone.
 * @param progress is told how many of how many are made
 * @throws VigilError as `speak`
 */
export function makePool(
  seed: number,
  { sentences, noises }: PoolSize,
  features: WholeFeatures,
  progress: (done: number, total: number) => void,
): Pool {
  const commands = compile(loadCommands());
  const words = commonWords();
  const total = sentences + noises;
  const say = (i: number): { text: string; audio: Float32Array } => {
    const random = new Random(seedOf(seed, 'sentence', i));
    const salad = (): string =>
      Array.from({ length: 2 + random.below(8) }, () => random.pick(words)).join(' ');
    const text = i % 2 === 0 ? (randomSentence(commands, random) ?? salad()) : salad();
    return { text, audio: speak(text, pickVoice(random, i % heldOutSentences === 0), random) };
  };
  const said = Array.from({ length: sentences }, (_, i) => {
    if (i % 10 === 0) progress(i >> 1, total);
    return say(i);
  });
  const kept = (heldOut: boolean): Float32Array[] =>
    said
      .filter((_, i) => (i % heldOutSentences === 0) === heldOut)
      .slice(0, keptUtterances)
      .map(({ audio }) => audio);
  const surroundings = {
    learnt: surroundingsFor(seed, false, kept(false)),
    heldOut: surroundingsFor(seed, true, kept(true)),
  };
  const heard = said.map(({ text, audio }, i): Heard => {
    if (i % 10 === 0) progress((sentences + i) >> 1, total);
    const heldOut = i % heldOutSentences === 0;
    const random = new Random(seedOf(seed, 'scene', i));
    return hear(text, audio, heldOut ? surroundings.heldOut : surroundings.learnt, heldOut, features, random);
  });
  for (let i = 0; i < noises; i++) {
    const random = new Random(seedOf(seed, 'noise alone', i));
    const heldOut = i % heldOutSentences === 0;
    const bank = (heldOut ? surroundings.heldOut : surroundings.learnt).noises;
    const noise = random.pick(bank);
    const start = random.below(noise.length - 5 * speechRate);
    const loudness = 10 ** (random.between(-55, -12) / 20);
    const audio = noise
      .subarray(start, start + 5 * speechRate)
      .map((value) => Math.max(-1, Math.min(1, loudness * value)));
    heard.push({ text: '', heldOut, endMs: 0, snrDb: Number.NaN, embeddings: embedded(audio, features) });
    progress(sentences + i + 1, total);
  }
  return { heard, surroundings };
}
