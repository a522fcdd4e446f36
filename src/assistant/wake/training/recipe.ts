import { invalidArgument } from '../../../runtime/errors.js';
import { bestRun } from '../detector.js';
import { wakeHopMs, type WakeFeatures } from '../features.js';
import { scoreHead, type WakeHead } from '../head.js';
import type { WakeHeadFile } from '../head-file.js';
import { fitHead, type Windows } from './fit.js';
import { hear, heldOutEvery, type Heard, type Pool, type PoolSize } from './pool.js';
import { Random } from './random.js';
import { commonWords, nearTexts } from './texts.js';
import { phonemesOf, pickVoice, speak, voices } from './voices.js';

/** Count up when the recipe gives other heads than before. */
export const recipeVersion = 2;

export interface RecipeSize extends PoolSize {
  readonly positives: number;
  readonly near: number;
}

export const fullSize: RecipeSize = { positives: 400, near: 200, sentences: 420, noises: 40 };
/** To try things out: worse heads in a fifth of the time. */
export const quickSize: RecipeSize = { positives: 120, near: 60, sentences: 120, noises: 10 };

/** A window speaks for the phrase when it ends from `from` to `to` after it, ms. */
const positiveSpan = { from: -20, to: 360 };
/** Windows that end so long before the phrase does, ms, hold only part of it. */
const partMs = 260;
/**
 * No head believes less than the one, nor demands more than the other. Of the windows that it learns from, one in four
 * holds the phrase; in a car hardly one in ten thousand does, so what it learnt to call likely is not likely there.
 */
const thresholdRange = { low: 0.97, high: 0.99 };

/**
 * The lowest threshold within the range at which nothing in ordinary speech of held-out voices is a detection. Similar
 * phrases have no say, or no head would hear anything.
 */
export function chooseThreshold(head: Omit<WakeHead, 'threshold'>, ordinary: readonly Heard[]): number {
  const most = ordinary
    .filter(({ heldOut, text }) => heldOut && !holds(text, head.phrase))
    .reduce((so, heard) => Math.max(so, runOf(head, heard)), 0);
  return Math.min(thresholdRange.high, Math.max(thresholdRange.low, most + 1e-6));
}

/** The highest threshold at which an utterance would be a detection. */
function runOf(head: Omit<WakeHead, 'threshold'>, { windows }: Heard): number {
  return bestRun(windows.map((window) => scoreHead({ ...head, threshold: 1 }, window)));
}

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
  features: WakeFeatures,
  progress: (step: string) => void,
): WakeHeadFile {
  const random = new Random(seed ^ hashOf(phrase));
  const ordinary = pool.heard.filter(({ text }) => !holds(text, phrase));
  const others = pool.utterances.filter(({ text }) => !holds(text, phrase)).map(({ audio }) => audio);
  const say = (text: string, index: number): Heard => {
    const heldOut = index % heldOutEvery === 0;
    return hear(text, speak(text, pickVoice(random, heldOut), random), others, heldOut, features, random);
  };
  const positives = Array.from({ length: size.positives }, (_, i) => {
    if (i % 100 === 0) progress(`"${phrase}": ${i} of ${size.positives} spoken`);
    return say(phrase, i);
  });
  const texts = random.shuffled(nearTexts(phrase, commonWords(), phonemesOf, random));
  const near = Array.from({ length: size.near }, (_, i) => {
    if (i % 100 === 0) progress(`"${phrase}": ${i} of ${size.near} similar ones spoken`);
    return say(texts[i % texts.length], i);
  });
  const negatives = [...ordinary, ...near];
  const windowsFor = (heldOut: boolean): Windows => {
    const mine = positives.filter((heard) => heard.heldOut === heldOut);
    return {
      positive: mine.flatMap(fullWindows),
      negative: [
        ...negatives.filter((heard) => heard.heldOut === heldOut).flatMap(({ windows }) => windows),
        ...mine.flatMap(partWindows),
      ],
    };
  };
  const { head, epochs } = fitHead(windowsFor(false), windowsFor(true), random, (epoch, loss) => {
    if (epoch % 5 === 0) progress(`"${phrase}": pass ${epoch}, loss of held-out voices ${loss.toFixed(3)}`);
  });
  const untuned = { ...head, phrase };
  const threshold = chooseThreshold(untuned, ordinary);
  const heldNear = near.filter(({ heldOut }) => heldOut);
  const heldPhrases = positives.filter(({ heldOut }) => heldOut);
  const heldNegatives = [...ordinary.filter(({ heldOut }) => heldOut), ...heldNear];
  const heldWindows = heldNegatives.reduce((sum, { windows }) => sum + windows.length, 0);
  const accepted = (heard: Heard): boolean => runOf(untuned, heard) >= threshold;
  return {
    head: { ...untuned, threshold },
    card: {
      seed,
      recipe: recipeVersion,
      positives: positives.length,
      negatives: negatives.length,
      voices: voices.filter(({ heldOut }) => !heldOut).map(({ name }) => name),
      heldOutVoices: voices.filter(({ heldOut }) => heldOut).map(({ name }) => name),
      epochs,
      heldOut: {
        phrases: heldPhrases.length,
        heard: heldPhrases.filter(accepted).length,
        negativeHours: (heldWindows * wakeHopMs) / 3.6e6,
        falseAccepts: heldNegatives.filter(accepted).length,
      },
    },
  };
}

function fullWindows({ windows, endMs }: Heard): Float32Array[] {
  return windows.filter((_, i) => {
    const after = (i + 1) * wakeHopMs - endMs;
    return after >= positiveSpan.from && after <= positiveSpan.to;
  });
}

function partWindows({ windows, endMs }: Heard): Float32Array[] {
  return windows.filter((_, i) => (i + 1) * wakeHopMs < endMs - partMs);
}

/** With or without the spaces: "snow boy" is "snowboy". */
function holds(text: string, phrase: string): boolean {
  return ` ${text} `.includes(` ${phrase} `) || text.replaceAll(' ', '').includes(phrase.replaceAll(' ', ''));
}

/** FNV-1a, 32 bits. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
