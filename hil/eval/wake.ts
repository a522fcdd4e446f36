import type { SpeechModel } from '../../src/assistant/speech/speech-recogniser.js';
import type { WakeHeadFile } from '../../src/assistant/wake/head-file.js';
import { fullSize, quickSize } from '../../src/assistant/wake/training/recipe.js';
import { WholeFeatures } from '../../src/assistant/wake/whole-features.js';
import { invalidArgument } from '../../src/runtime/errors.js';
import type { Evaluation, EvaluationInput } from './evaluation.js';
import { wakeClips, wakeWords } from './wake-clips.js';
import { wakeHeads } from './wake-heads.js';
import { runTrials } from './wake-run.js';
import {
  askedOf,
  falseAcceptsOf,
  recallOf,
  type FalseAccepts,
  type Recall,
  type WakeMode,
  type WakeSnr,
  type WakeTrial,
} from './wake-score.js';

const allSnrs: readonly WakeSnr[] = ['clean', 20, 10, 5, 0];
interface Plan {
  readonly all: readonly string[];
  readonly wanted: readonly string[];
  readonly snrs: readonly WakeSnr[];
  readonly quick: boolean;
  /** Of the second opinion; null: none. */
  readonly model: SpeechModel | null;
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
  const model = options['model'] ?? 'tiny';
  if (model !== 'tiny' && model !== 'base' && model !== 'none')
    throw invalidArgument('--model', 'tiny, base or none', model);
  return {
    all,
    wanted,
    snrs: snrs ?? allSnrs,
    quick: options['quick'] !== undefined,
    model: model === 'none' ? null : model,
  };
}

/** Figures of one way to count. */
interface ModeFigures {
  readonly recall: Readonly<Record<string, Recall>>;
  readonly falseAccepts: { readonly clean: FalseAccepts; readonly noisy: FalseAccepts };
}

interface WordFigures extends ModeFigures {
  readonly word: string;
  readonly words: number;
  readonly threshold: number;
  readonly candidate: number;
  /** Of the head alone, where the other figures are those with a second opinion. */
  readonly alone: ModeFigures | null;
  readonly card: WakeHeadFile['card'];
}

function modeFigures(trials: readonly WakeTrial[], snrs: readonly WakeSnr[], mode: WakeMode): ModeFigures {
  return {
    recall: Object.fromEntries(
      snrs.map((snr) => [
        String(snr),
        recallOf(
          trials.filter((trial) => trial.snr === snr),
          mode,
        ),
      ]),
    ),
    falseAccepts: falseAcceptsBy(trials, mode),
  };
}

function falseAcceptsBy(trials: readonly WakeTrial[], mode: WakeMode): ModeFigures['falseAccepts'] {
  const [clean, noisy] = [true, false].map((isClean) =>
    falseAcceptsOf(
      trials.filter(({ snr }) => (snr === 'clean') === isClean),
      mode,
    ),
  );
  return { clean, noisy };
}

function figuresOf(
  word: string,
  { head, card }: WakeHeadFile,
  all: readonly WakeTrial[],
  { snrs, model }: Plan,
): WordFigures {
  const trials = all.filter((trial) => trial.word === word);
  const alone = modeFigures(trials, snrs, 'alone');
  return {
    word,
    words: word.split(' ').length,
    threshold: head.threshold,
    candidate: head.candidate,
    ...(model === null ? alone : modeFigures(trials, snrs, 'verified')),
    alone: model === null ? null : alone,
    card,
  };
}

/** Recorded wake words of many people, and everything that is none, through heads that never heard a person. */
export const wake: Evaluation = {
  name: 'wake',
  about:
    'wake words: misses clean and at 20 to 0 dB, false accepts an hour (--words a,b, --snr, --quick, --model tiny|base|none for the second opinion)',
  run: async (input) => {
    const plan = planOf(input);
    const size = plan.quick ? quickSize : fullSize;
    const files = wakeHeads(plan.wanted, size, new WholeFeatures(), input.progress);
    const trials = await runTrials({
      dataDir: input.dataDir,
      clips: wakeClips(input.dataDir, plan.all).filter((_, i) => !plan.quick || i % 3 === 0),
      snrs: plan.snrs,
      words: plan.wanted,
      heads: files.map(({ head }) => head),
      model: plan.model,
      progress: input.progress,
    });
    const mode = plan.model === null ? 'alone' : 'verified';
    const figures = plan.wanted.map((word, i) => figuresOf(word, files[i], trials, plan));
    const several = new Set(figures.filter((figure) => figure.words > 1).map(({ word }) => word));
    const atTen = trials.filter(({ word, snr }) => snr === 10 && several.has(word));
    const longPhrases = atTen.length > 0 ? recallOf(atTen, mode) : null;
    const asked = plan.model === null ? null : askedOf(trials);
    const json = {
      twoWordsAt10dB: longPhrases,
      twoWordMissesAt10dB: longPhrases === null ? null : 1 - longPhrases.recall,
      falseAccepts: falseAcceptsBy(trials, mode),
      secondOpinion: plan.model === null ? null : { model: plan.model, ...asked },
      words: figures,
      unit: 'recording (a share of speakers said several); Wilson and exact Poisson 95 %; the noisy hours are the clean ones again',
      quick: plan.quick,
    };
    return { json, text: wakeReport(figures, longPhrases, asked, plan) };
  },
};

function percent({ recall, low, high }: Recall): string {
  const text = (share: number): string => (100 * share).toFixed(0);
  return `${text(recall)} [${text(low)}, ${text(high)}]`;
}

function rate({ events, hours, high }: FalseAccepts): string {
  return `${events} in ${hours.toFixed(2)} h (< ${high.toFixed(1)}/h)`;
}

function row(name: string, { recall, falseAccepts }: ModeFigures, snrs: readonly WakeSnr[]): string {
  return [
    name.padEnd(20),
    ...snrs.map((snr) => percent(recall[String(snr)]).padEnd(15)),
    rate(falseAccepts.clean).padEnd(24),
    rate(falseAccepts.noisy),
  ].join(' ');
}

function wakeReport(
  figures: readonly WordFigures[],
  longPhrases: Recall | null,
  asked: ReturnType<typeof askedOf> | null,
  { snrs, model }: Plan,
): string {
  const header = [
    'heard, %'.padEnd(20),
    ...snrs.map((snr) => (snr === 'clean' ? snr : `${snr} dB`).padEnd(15)),
    'false accepts, clean'.padEnd(24),
    'in noise',
  ].join(' ');
  const rows = figures.flatMap((figure) => [
    row(figure.word, figure, snrs),
    ...(figure.alone === null ? [] : [row('  by the head alone', figure.alone, snrs)]),
  ]);
  const n = figures.map(({ word, recall }) => `${word} ${recall[String(snrs[0])].n}`).join(', ');
  const goal =
    longPhrases === null
      ? 'no phrase of two words at 10 dB'
      : `phrases of two words at 10 dB: ${longPhrases.n - longPhrases.heard} of ${longPhrases.n} missed (goal: 5 %)`;
  return [
    header,
    ...rows,
    goal,
    ...(asked === null
      ? []
      : [
          `second opinion (${model}): asked ${asked.perHour.toFixed(0)} times an hour of other speech for each phrase, ` +
            `${(100 * asked.coreShare).toFixed(2)} % of a core`,
        ]),
    `Recordings: ${n}. Heads trained on synthesized speech only, one recipe; 95 % intervals (Wilson; false accepts: upper end, exact Poisson).`,
  ].join('\n');
}
