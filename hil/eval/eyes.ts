import { join } from 'node:path';
import { EyeStateClassifier, eyeStateModel } from '../../src/camera/eye-network.js';
import { VigilError } from '../../src/runtime/errors.js';
import { requireModel } from '../../src/runtime/models.js';
import { readEyeCard, type EyeCard } from './eye-card.js';
import { findCrops, readCrop, type EyeLabel } from './eye-crops.js';
import { scoreClips, type ClipEyes, type ClipsResult } from './eye-frames.js';
import { eyeFigures, groupBy, type EyeFigures, type ScoredEye } from './eye-score.js';
import type { Evaluation } from './evaluation.js';
import type { Interval } from './wilson.js';

interface CropsResult {
  readonly eyes: readonly ScoredEye[];
  readonly unlabelled: number;
  readonly unreadable: readonly string[];
}

const groupNames = [
  'glasses',
  'reflections',
  'lighting',
  'sensor',
] as const satisfies readonly (keyof EyeLabel)[];

/**
 * The committed eye-state network, run by the native runtime: over every labelled crop below `eyes` in the data folder,
 * and over eyes that the pipeline itself cuts out of films with blink labels.
 */
export const eyes: Evaluation = {
  name: 'eyes',
  about: 'the eye-state network on infrared eye crops by subject, and on eyes cut by the pipeline',
  run: async ({ dataDir, progress }) => {
    const { sha256 } = requireModel(eyeStateModel);
    const card = readEyeCard(sha256);
    const folder = join(dataDir, 'eyes');
    progress('crops');
    const crops = await scoreCrops(folder);
    const clips = await scoreClips(join(dataDir, 'video', 'blinks'), progress);
    return { text: table(crops, clips, card), json: report(crops, clips, card) };
  },
};

async function scoreCrops(folder: string): Promise<CropsResult> {
  const { crops, unlabelled } = findCrops(folder);
  if (crops.length === 0) {
    throw new VigilError(
      'NO_EVALUATION_DATA',
      `Expected eye crops with labels (in the names of the MRL Eye dataset, or in a labels.csv) below ${folder} but found none.`,
      'Set VIGIL_DATA to a folder that holds eyes/mrl.',
      { folder },
    );
  }
  const network = new EyeStateClassifier();
  const scored: ScoredEye[] = [];
  const unreadable: string[] = [];
  for (const { file, label } of crops) {
    try {
      scored.push({ label, closedProbability: network.closedProbability(await readCrop(file)) });
    } catch (error) {
      if (!(error instanceof VigilError && error.code === 'IMAGE_UNREADABLE')) throw error;
      unreadable.push(file);
    }
  }
  return { eyes: scored, unlabelled, unreadable };
}

/** Crops of people whom the training saw, and of others. */
function bySeen(all: readonly ScoredEye[], card: EyeCard): { seen: ScoredEye[]; unseen: ScoredEye[] } {
  const trained = new Set(card.subjects);
  return {
    seen: all.filter(({ label }) => trained.has(label.subject)),
    unseen: all.filter(({ label }) => !trained.has(label.subject)),
  };
}

interface NamedFigures extends EyeFigures {
  readonly name: string;
}

function subjectFigures(all: readonly ScoredEye[]): NamedFigures[] {
  return [...groupBy(all, ({ label }) => label.subject)]
    .map(([name, part]) => ({ name, ...eyeFigures(part) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function groupFigures(all: readonly ScoredEye[]): NamedFigures[] {
  return groupNames.flatMap((group) =>
    [...groupBy(all, ({ label }) => label[group] ?? 'unknown')]
      .map(([value, part]) => ({ name: `${group}: ${value}`, ...eyeFigures(part) }))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
  );
}

function worstOf(subjects: readonly NamedFigures[]): NamedFigures {
  return subjects.reduce((worst, one) => (one.balancedAccuracy < worst.balancedAccuracy ? one : worst));
}

function report(
  { eyes: all, unlabelled, unreadable }: CropsResult,
  clips: ClipsResult,
  card: EyeCard,
): Record<string, unknown> {
  const { seen, unseen } = bySeen(all, card);
  const judged = unseen.length > 0 ? unseen : seen;
  const subjects = subjectFigures(judged);
  const worst = worstOf(subjects);
  return {
    ...eyeFigures(judged),
    trainedOn: unseen.length === 0,
    unit: 'crop; interval: bootstrap over subjects',
    worstSubject: { subject: worst.name, balancedAccuracy: worst.balancedAccuracy, n: worst.n },
    groups: groupFigures(judged),
    perSubject: subjects,
    seen: seen.length > 0 ? eyeFigures(seen) : null,
    unseen: unseen.length > 0 ? eyeFigures(unseen) : null,
    crossValidation: card.crossValidation,
    pipeline: clips,
    unlabelled,
    unreadable,
    model: { sha256: card.sha256, seed: card.seed, dataSha256: card.dataSha256, subjects: card.subjects },
  };
}

function table(
  { eyes: all, unlabelled, unreadable }: CropsResult,
  clips: ClipsResult,
  card: EyeCard,
): string {
  const { seen, unseen } = bySeen(all, card);
  const judged = unseen.length > 0 ? unseen : seen;
  const subjects = subjectFigures(judged);
  const worst = worstOf(subjects);
  const { crossValidation: cv } = card;
  const rows: NamedFigures[] = [
    ...(unseen.length > 0 ? [{ name: 'people the training did not see', ...eyeFigures(unseen) }] : []),
    ...(seen.length > 0 ? [{ name: 'people the training saw', ...eyeFigures(seen) }] : []),
    ...groupFigures(judged),
    ...subjects,
  ];
  const width = Math.max(...rows.map(({ name }) => name.length));
  return [
    `${'eye crops'.padEnd(width)}  ${['n', 'closed', 'people', 'balanced', 'closed', 'open'].map((s) => s.padStart(9)).join('')}  95 %`,
    ...rows.map((row) => line(row, width)),
    `Worst of them: ${worst.name}, ${share(worst.balancedAccuracy)} of ${worst.n}.`,
    unseen.length > 0
      ? 'Groups and subjects are those that the training did not see.'
      : 'The training saw all of these people: these figures say that the network runs, not how good it is.',
    `Cross-validated by subject (card): mean of ${cv.folds.length} folds ${share(cv.meanBalancedAccuracy)}, all crops together ` +
      `${share(cv.balancedAccuracy)} ${pair(cv.interval95)}, n = ${cv.n}; worst ${cv.worstSubject.subject}, ` +
      `${share(cv.worstSubject.balancedAccuracy)} of ${cv.worstSubject.n}.`,
    ...(unlabelled > 0 ? [`Pictures without a label, left out: ${unlabelled}.`] : []),
    ...unreadable.map((file) => `Unreadable, left out: ${file}`),
    ...clips.clips.flatMap(clipLines),
    ...clips.missing.map(({ clip, reason }) => `Eyes of the clip ${clip} could not be cut: ${reason}`),
    'Intervals: bootstrap over subjects (2000), none below five of them. At or above 0.5 is closed.',
  ].join('\n');
}

function line(
  { name, n, closed, subjects, balancedAccuracy, closedRecall, openRecall, interval95 }: NamedFigures,
  width: number,
): string {
  const counts = [n, closed, subjects].map((value) => String(value).padStart(9)).join('');
  const shares = [balancedAccuracy, closedRecall, openRecall]
    .map((value) => share(value).padStart(9))
    .join('');
  return `${name.padEnd(width)}  ${counts}${shares}  ${interval(interval95)}`;
}

function clipLines({ clip, closures, network, geometry }: ClipEyes): string[] {
  const { n, closed } = network;
  return [
    `Cut by the pipeline from ${clip}, one person: ${n} eyes, ${closed} closed, of ${closures} closures`,
    ...(
      [
        ['network', network],
        ['lid gap below half its median', geometry],
      ] as const
    ).map(
      ([name, f]) =>
        `  ${name}: balanced ${share(f.balancedAccuracy)}, closed ${share(f.closedRecall)}, open ${share(f.openRecall)}`,
    ),
  ];
}

function share(value: number): string {
  return Number.isNaN(value) ? '-' : value.toFixed(4);
}

function interval({ low, high }: Interval): string {
  return Number.isNaN(low) ? '' : `[${share(low)}, ${share(high)}]`;
}

function pair(range: readonly [number, number] | null): string {
  return range === null ? '' : interval({ low: range[0], high: range[1] });
}
