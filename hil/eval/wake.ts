import { defaultRule, detections } from '../../src/assistant/wake/detector.js';
import { WakeFeatures } from '../../src/assistant/wake/features.js';
import { scoreHead, windowsOf } from '../../src/assistant/wake/head.js';
import type { WakeHeadFile } from '../../src/assistant/wake/head-file.js';
import { fullSize, quickSize } from '../../src/assistant/wake/training/recipe.js';
import { speechRate } from '../../src/audio/resampler.js';
import { readSpeech } from '../../src/audio/wav.js';
import { invalidArgument } from '../../src/runtime/errors.js';
import { sha256Of } from '../../src/runtime/models.js';
import { randomUniform } from '../demo/noise.js';
import { readNoises, type Noise } from './command-clips.js';
import type { Evaluation, EvaluationInput } from './evaluation.js';
import { mixed } from './speech-mix.js';
import { wakeClips, wakeWords, type WakeClip } from './wake-clips.js';
import { wakeHeads } from './wake-heads.js';
import {
  falseAcceptsOf,
  recallOf,
  type FalseAccepts,
  type Recall,
  type WakeSnr,
  type WakeTrial,
} from './wake-score.js';

const allSnrs: readonly WakeSnr[] = ['clean', 20, 10, 5, 0];
/** Silence after a recording, seconds: some are cut right after the word. */
const tailS = 0.6;
/** Of the noises, those of cars; all where none is. */
const carNoises = /car|engine|road/i;

interface Plan {
  readonly all: readonly string[];
  readonly wanted: readonly string[];
  readonly snrs: readonly WakeSnr[];
  readonly quick: boolean;
}

function planOf({ dataDir, options = {} }: EvaluationInput): Plan {
  const all = wakeWords(dataDir);
  const wanted = options['words']?.split(',').map((word) => word.trim()) ?? all;
  const unknown = wanted.find((word) => !all.includes(word));
  if (unknown !== undefined) throw invalidArgument('--words', `some of ${all.join(', ')}`, unknown);
  const snrs = options['snr']?.split(',').map((text): WakeSnr => {
    if (text === 'clean') return text;
    if (!/^-?\d+(\.\d+)?$/.test(text)) throw invalidArgument('--snr', 'dB or clean, with commas', text);
    return Number(text);
  });
  return { all, wanted, snrs: snrs ?? allSnrs, quick: options['quick'] !== undefined };
}

/** A recording in one condition; which noise and which part of it follows from the recording's name. */
function heardAs(clip: WakeClip, speech: Float32Array, noises: readonly Noise[], snr: WakeSnr): Float32Array {
  const audio = new Float32Array(speech.length + tailS * speechRate);
  audio.set(speech);
  if (snr === 'clean') return audio;
  const random = randomUniform(Number.parseInt(sha256Of(Buffer.from(`${clip.name} ${snr}`)).slice(0, 7), 16));
  const noise = noises[Math.floor(random() * noises.length)];
  return mixed(audio, noise.samples, snr, random);
}

function runTrials(input: EvaluationInput, plan: Plan, heads: readonly WakeHeadFile[]): WakeTrial[] {
  const features = new WakeFeatures();
  const all = readNoises(input.dataDir);
  const cars = all.filter(({ name }) => carNoises.test(name));
  const noises = cars.length > 0 ? cars : all;
  const clips = wakeClips(input.dataDir, plan.all).filter((_, i) => !plan.quick || i % 3 === 0);
  const trials: WakeTrial[] = [];
  clips.forEach((clip, number) => {
    const speech = readSpeech(clip.path);
    for (const snr of plan.snrs) {
      const audio = heardAs(clip, speech, noises, snr);
      features.reset();
      const windows = windowsOf(features.push(audio), features.silence);
      heads.forEach(({ head }, i) => {
        const scores = windows.map((window) => scoreHead(head, window));
        trials.push({
          word: plan.wanted[i],
          said: clip.word,
          snr,
          detections: detections(scores, { ...defaultRule, threshold: head.threshold }).length,
          seconds: audio.length / speechRate,
        });
      });
    }
    if ((number + 1) % 20 === 0) input.progress(`${number + 1} of ${clips.length} recordings`);
  });
  return trials;
}

interface WordFigures {
  readonly word: string;
  readonly words: number;
  readonly threshold: number;
  readonly recall: Readonly<Record<string, Recall>>;
  readonly falseAccepts: { readonly clean: FalseAccepts; readonly noisy: FalseAccepts };
  readonly card: WakeHeadFile['card'];
}

function figuresOf(
  word: string,
  { head, card }: WakeHeadFile,
  all: readonly WakeTrial[],
  snrs: readonly WakeSnr[],
): WordFigures {
  const trials = all.filter((trial) => trial.word === word);
  return {
    word,
    words: word.split(' ').length,
    threshold: head.threshold,
    recall: Object.fromEntries(
      snrs.map((snr) => [String(snr), recallOf(trials.filter((trial) => trial.snr === snr))]),
    ),
    falseAccepts: {
      clean: falseAcceptsOf(trials.filter(({ snr }) => snr === 'clean')),
      noisy: falseAcceptsOf(trials.filter(({ snr }) => snr !== 'clean')),
    },
    card,
  };
}

/** Recorded wake words of many people, and everything that is none, through heads that never heard a person. */
export const wake: Evaluation = {
  name: 'wake',
  about: 'wake words: misses clean and at 20 to 0 dB, false accepts an hour (--words a,b, --snr, --quick)',
  run: (input) => {
    const plan = planOf(input);
    const size = plan.quick ? quickSize : fullSize;
    const heads = wakeHeads(plan.wanted, size, new WakeFeatures(), input.progress);
    const trials = runTrials(input, plan, heads);
    const figures = plan.wanted.map((word, i) => figuresOf(word, heads[i], trials, plan.snrs));
    const several = new Set(figures.filter((figure) => figure.words > 1).map(({ word }) => word));
    const atTen = trials.filter(({ word, snr }) => snr === 10 && several.has(word));
    const longPhrases = atTen.length > 0 ? recallOf(atTen) : null;
    const json = {
      twoWordsAt10dB: longPhrases,
      twoWordMissesAt10dB: longPhrases === null ? null : 1 - longPhrases.recall,
      falseAccepts: {
        clean: falseAcceptsOf(trials.filter(({ snr }) => snr === 'clean')),
        noisy: falseAcceptsOf(trials.filter(({ snr }) => snr !== 'clean')),
      },
      words: figures,
      unit: 'recording (a share of speakers said several); Wilson and exact Poisson 95 %; the noisy hours are the clean ones again',
      quick: plan.quick,
    };
    return Promise.resolve({ json, text: report(figures, longPhrases, plan.snrs) });
  },
};

function percent({ recall, low, high }: Recall): string {
  const text = (share: number): string => (100 * share).toFixed(0);
  return `${text(recall)} [${text(low)}, ${text(high)}]`;
}

function rate({ events, hours, high }: FalseAccepts): string {
  return `${events} in ${hours.toFixed(2)} h (< ${high.toFixed(1)}/h)`;
}

function report(
  figures: readonly WordFigures[],
  longPhrases: Recall | null,
  snrs: readonly WakeSnr[],
): string {
  const rows = figures.map(({ word, recall, falseAccepts, threshold }) =>
    [
      word.padEnd(14),
      ...snrs.map((snr) => percent(recall[String(snr)]).padEnd(15)),
      rate(falseAccepts.clean).padEnd(24),
      rate(falseAccepts.noisy).padEnd(24),
      threshold.toFixed(2),
    ].join(' '),
  );
  const header = [
    'heard, %'.padEnd(14),
    ...snrs.map((snr) => (snr === 'clean' ? snr : `${snr} dB`).padEnd(15)),
    'false accepts, clean'.padEnd(24),
    'in noise'.padEnd(24),
    'from score',
  ].join(' ');
  const n = figures.map(({ word, recall }) => `${word} ${recall[String(snrs[0])].n}`).join(', ');
  const goal =
    longPhrases === null
      ? 'no phrase of two words'
      : `phrases of two words at 10 dB: ${longPhrases.n - longPhrases.heard} of ${longPhrases.n} missed (goal: 5 %)`;
  return [
    header,
    ...rows,
    goal,
    `Recordings: ${n}. Heads trained on synthesized speech only, one recipe; 95 % intervals (Wilson; false accepts: upper end, exact Poisson).`,
  ].join('\n');
}
