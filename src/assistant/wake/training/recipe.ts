import { invalidArgument } from '../../../runtime/errors.js';
import { embeddingSize, wakeHopMs } from '../features.js';
import { logOdds, scoreOf, smoothed, type HeadMember, type WakeHead } from '../head.js';
import type { WakeHeadFile } from '../head-file.js';
import type { WholeFeatures } from '../whole-features.js';
import { fitMember, type Stretch } from './fit.js';
import { hear, hopsOf, type Heard, type Pool, type PoolSize } from './pool.js';
import { Random, seedOf } from './random.js';
import { commonWords, intoned, nearTexts } from './texts.js';
import { scoreForRate, standsOut, type Peaks } from './threshold.js';
import { phonemesOf, pickVoice, speak, voices } from './voices.js';

/** Count up when the recipe gives other heads than before. */
export const recipeVersion = 4;

export interface RecipeSize extends PoolSize {
  /** Utterances of the phrase, each heard in several scenes. */
  readonly phrases: number;
  readonly scenes: number;
  readonly near: number;
  readonly spliced: number;
  readonly members: number;
  readonly passes: number;
}

export const fullSize: RecipeSize = {
  ...{ sentences: 700, noises: 80 },
  ...{ phrases: 240, scenes: 3, near: 240, spliced: 160 },
  ...{ members: 2, passes: 10 },
};
/** To try things out: worse heads in a fraction of the time. */
export const quickSize: RecipeSize = {
  ...{ sentences: 240, noises: 30 },
  ...{ phrases: 100, scenes: 3, near: 100, spliced: 60 },
  ...{ members: 1, passes: 10 },
};

/** A window speaks for the phrase when it ends from `from` to `to` after it, ms. */
const positiveSpan = { from: -20, to: 360 };
/** Windows that end so long before the phrase does, ms, hold only part of it. */
const partMs = 260;
/** Every so manieth utterance is by a held-out voice. */
const heldOutEvery = 5;
/**
 * False accepts an hour that the head's thresholds are set for, on ordinary speech of held-out voices in noise: the one
 * where about a single one is found in that speech, the other for a second opinion, which may be asked often.
 */
const rates = { threshold: 4, candidate: 60 };
/** What counts when heads are compared: phrases at most so far above noise. */
const noisyDb = 15;

/** `Hey Vigil!` -> `hey vigil`. @throws VigilError `INVALID_ARGUMENT` */
export function normalisedPhrase(text: string): string {
  const phrase = text
    .toLowerCase()
    .replaceAll(/[^a-z' ]+/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
  const letters = phrase.replaceAll(/[^a-z]/g, '').length;
  if (letters < 4 || phrase.split(' ').length > 4)
    throw invalidArgument('phrase', 'one to four English words of 4 letters or more together', text);
  return phrase;
}

/** Everything that a head is trained on. */
interface Material {
  readonly positives: readonly Heard[];
  readonly near: readonly Heard[];
  readonly ordinary: readonly Heard[];
}

/**
 * Trains a head for one phrase on synthesized speech only: the same steps for every phrase.
 * @param phrase normalised
 * @param pool made with the same seed
 * @param progress is told what is being done
 * @throws VigilError `VOICE_MISSING`, `VOICE_FAILED`
 */
export function trainWake(
  phrase: string,
  seed: number,
  size: RecipeSize,
  pool: Pool,
  features: WholeFeatures,
  progress: (step: string) => void,
): WakeHeadFile {
  const material = speakAll(phrase, seed, size, pool, features, progress);
  const { mean, deviation } = statistics(pool.heard);
  const learnt = (list: readonly Heard[]): Heard[] => list.filter(({ heldOut }) => !heldOut);
  const heldOut = (list: readonly Heard[]): Heard[] => list.filter((heard) => heard.heldOut);
  const stretch = (heard: Heard, hops: readonly number[]): Stretch => ({
    embeddings: standardised(heard.embeddings, mean, deviation),
    hops,
  });
  const training = {
    positive: learnt(material.positives).map((heard) => stretch(heard, fullHops(heard))),
    ordinary: learnt(material.ordinary).map((heard) => stretch(heard, allHops(heard))),
    near: [
      ...learnt(material.near).map((heard) => stretch(heard, allHops(heard))),
      ...learnt(material.positives).map((heard) => stretch(heard, partHops(heard))),
    ],
  };
  const held = {
    noisy: heldOut(material.positives).filter(({ snrDb }) => snrDb < noisyDb),
    ordinary: heldOut(material.ordinary),
  };
  const peaks = (members: readonly HeadMember[], list: readonly Heard[]): number[] =>
    list.map(({ embeddings }) => Math.max(...smoothed(logOdds({ mean, deviation, members }, embeddings))));
  const fitted = Array.from({ length: size.members }, (_, i) => {
    progress(`"${phrase}": member ${i + 1} of ${size.members} learns`);
    const merit = (member: HeadMember): number =>
      standsOut(peaks([member], held.noisy), peaks([member], held.ordinary));
    return fitMember(training, size.passes, merit, new Random(seedOf(seed, `${phrase} member`, i)));
  });
  const members = fitted.map(({ member }) => member);
  const other: Peaks = { odds: peaks(members, held.ordinary), hours: hoursOf(held.ordinary) };
  const head: WakeHead = {
    phrase,
    threshold: scoreForRate(other, rates.threshold),
    candidate: scoreForRate(other, rates.candidate),
    mean,
    deviation,
    members,
  };
  const heard = (list: readonly Heard[], from: number): number =>
    peaks(members, list).filter((odds) => scoreOf(odds) >= from).length;
  const heldNear = heldOut(material.near);
  return {
    head,
    card: {
      seed,
      recipe: recipeVersion,
      positives: material.positives.length,
      negatives: material.ordinary.length + material.near.length,
      voices: voices.filter((voice) => !voice.heldOut).map(({ name }) => name),
      heldOutVoices: voices.filter((voice) => voice.heldOut).map(({ name }) => name),
      passes: fitted.map(({ passes }) => passes),
      heldOut: {
        noisyPhrases: held.noisy.length,
        heard: heard(held.noisy, head.threshold),
        perhapsHeard: heard(held.noisy, head.candidate),
        hours: other.hours,
        falseAccepts: heard(held.ordinary, head.threshold),
        candidates: heard(held.ordinary, head.candidate),
        similar: heldNear.length,
        similarAccepted: heard(heldNear, head.threshold),
      },
    },
  };
}

function speakAll(
  phrase: string,
  seed: number,
  size: RecipeSize,
  pool: Pool,
  features: WholeFeatures,
  progress: (step: string) => void,
): Material {
  const hears = (text: string, audio: Float32Array, heldOut: boolean, what: string, i: number): Heard => {
    const { surroundings } = pool;
    const place = heldOut ? surroundings.heldOut : surroundings.learnt;
    return hear(text, audio, place, heldOut, features, new Random(seedOf(seed, `${phrase} ${what}`, i)));
  };
  const phrases = Array.from({ length: size.phrases }, (_, i) => {
    if (i % 80 === 0) progress(`"${phrase}": ${i} of ${size.phrases} spoken`);
    const random = new Random(seedOf(seed, phrase, i));
    const heldOut = i % heldOutEvery === 0;
    return { heldOut, audio: speak(intoned(phrase, random), pickVoice(random, heldOut), random) };
  });
  const positives = phrases.flatMap(({ audio, heldOut }, i) => {
    if (i % 80 === 0) progress(`"${phrase}": ${i} of ${size.phrases} heard`);
    return Array.from({ length: size.scenes }, (_, k) =>
      hears(phrase, audio, heldOut, 'scene', i * size.scenes + k),
    );
  });
  const shuffle = new Random(seedOf(seed, `${phrase} similar texts`));
  const texts = shuffle.shuffled(nearTexts(phrase, commonWords(), phonemesOf, shuffle));
  const near = Array.from({ length: size.near }, (_, i) => {
    if (i % 80 === 0) progress(`"${phrase}": ${i} of ${size.near} similar ones spoken`);
    const random = new Random(seedOf(seed, `${phrase} similar`, i));
    const heldOut = i % heldOutEvery === 0;
    const text = texts[i % texts.length];
    return hears(text, speak(text, pickVoice(random, heldOut), random), heldOut, 'similar scene', i);
  });
  const spliced = Array.from({ length: size.spliced }, (_, i) => {
    const random = new Random(seedOf(seed, `${phrase} part`, i));
    const { audio, heldOut } = phrases[i % phrases.length];
    const { others } = heldOut ? pool.surroundings.heldOut : pool.surroundings.learnt;
    return hears('', splice(audio, random.pick(others), random), heldOut, 'part scene', i);
  });
  return {
    positives,
    near: [...near, ...spliced],
    ordinary: pool.heard.filter(({ text }) => !holds(text, phrase)),
  };
}

/** Half of the phrase before or after something else. */
function splice(phrase: Float32Array, other: Float32Array, random: Random): Float32Array {
  const length = Math.floor(phrase.length * random.between(0.45, 0.6));
  const rest = other.subarray(0, Math.min(other.length, 12_000));
  const out = new Float32Array(length + rest.length);
  const isFirst = random.chance(0.5);
  out.set(
    isFirst ? phrase.subarray(0, length) : phrase.subarray(phrase.length - length),
    isFirst ? 0 : rest.length,
  );
  out.set(rest, isFirst ? length : 0);
  return out;
}

/** Of each number of an embedding, over all. */
function statistics(list: readonly Heard[]): {
  readonly mean: Float32Array;
  readonly deviation: Float32Array;
} {
  const sums = new Float64Array(embeddingSize);
  const squares = new Float64Array(embeddingSize);
  let n = 0;
  for (const { embeddings } of list) {
    embeddings.forEach((value, i) => {
      sums[i % embeddingSize] += value;
      squares[i % embeddingSize] += value * value;
    });
    n += embeddings.length / embeddingSize;
  }
  return {
    mean: Float32Array.from(sums, (sum) => sum / n),
    deviation: Float32Array.from(squares, (square, i) =>
      Math.sqrt(Math.max(0, square / n - (sums[i] / n) ** 2) + 1e-3),
    ),
  };
}

function standardised(embeddings: Float32Array, mean: Float32Array, deviation: Float32Array): Float32Array {
  return embeddings.map((value, i) => (value - mean[i % embeddingSize]) / deviation[i % embeddingSize]);
}

function hoursOf(list: readonly Heard[]): number {
  return (list.reduce((sum, heard) => sum + hopsOf(heard), 0) * wakeHopMs) / 3.6e6;
}

function allHops(heard: Heard): number[] {
  return Array.from({ length: hopsOf(heard) }, (_, hop) => hop);
}

function fullHops(heard: Heard): number[] {
  return allHops(heard).filter((hop) => {
    const after = (hop + 1) * wakeHopMs - heard.endMs;
    return after >= positiveSpan.from && after <= positiveSpan.to;
  });
}

function partHops(heard: Heard): number[] {
  return allHops(heard).filter((hop) => (hop + 1) * wakeHopMs < heard.endMs - partMs);
}

/** With or without the spaces: "snow boy" is "snowboy". */
function holds(text: string, phrase: string): boolean {
  return ` ${text} `.includes(` ${phrase} `) || text.replaceAll(' ', '').includes(phrase.replaceAll(' ', ''));
}
