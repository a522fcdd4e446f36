import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DrowsinessModel } from '../../src/driver/drowsiness/model.js';
import { pooled, type DrowsinessScorer } from '../../src/driver/drowsiness/score.js';
import { VigilError } from '../../src/runtime/errors.js';
import { fileSha256 } from '../../src/runtime/models.js';
import { packageRoot } from '../../src/runtime/paths.js';
import {
  readDrowsinessFolds,
  windowsOf,
  type DrowsinessFold,
  type DrowsinessVideo,
} from './drowsiness-data.js';
import { drowsinessFigures, type ScoredVideo } from './drowsiness-figures.js';
import { probes, standardisedAnew } from './drowsiness-probe.js';
import { drowsinessReport, drowsinessText, type Judgement } from './drowsiness-report.js';
import type { Evaluation } from './evaluation.js';

const modelsFolder = join(packageRoot, 'models');
const trainingFolder = join(modelsFolder, 'training', 'drowsiness');

interface ModelFile {
  readonly file: string;
  readonly sha256: string;
}

interface FoldModels {
  readonly model: ModelFile;
  readonly baseline: ModelFile;
}

/** What the training program wrote: which folds it saw, and the models that left one out. */
interface Card {
  readonly foldSha256: Readonly<Record<string, string>>;
  readonly final: FoldModels;
  readonly leaveOneFoldOut: Readonly<Record<string, FoldModels>>;
}

interface Judges {
  readonly model: DrowsinessScorer;
  readonly baseline: DrowsinessScorer;
}

function loaded({ file, sha256 }: ModelFile, folder: string): DrowsinessModel {
  const path = join(folder, file);
  const actual = fileSha256(path);
  if (actual !== sha256) {
    throw new VigilError(
      'MODEL_HASH_MISMATCH',
      `Expected sha256 ${sha256} for ${path} but found ${actual ?? 'no file'}.`,
      'Install the package again.',
      { path, expected: sha256, actual: actual ?? '' },
    );
  }
  return new DrowsinessModel(path, sha256);
}

/**
 * Who judges which videos: the shipped model whatever it was not trained on; if it was trained on all there is, the models
 * that were trained without the fold in question.
 */
function judgesOf(folds: readonly DrowsinessFold[], card: Card) {
  const known = new Set([...Object.keys(card.foldSha256), ...Object.values(card.foldSha256)]);
  const unseen = folds.filter(({ name, sha256 }) => !known.has(name) && !known.has(sha256));
  const foldsFolder = join(trainingFolder, 'folds');
  if (unseen.length > 0) {
    const judges: Judges = {
      model: DrowsinessModel.load(),
      baseline: loaded(card.final.baseline, foldsFolder),
    };
    return { basis: 'unseenFolds' as const, judged: unseen.map((fold) => ({ fold, judges })) };
  }
  const judged = folds.map((fold) => {
    const name = Object.keys(card.foldSha256).find(
      (trained) => trained === fold.name || card.foldSha256[trained] === fold.sha256,
    );
    const models = card.leaveOneFoldOut[name ?? fold.name];
    const judges: Judges = {
      model: loaded(models.model, foldsFolder),
      baseline: loaded(models.baseline, foldsFolder),
    };
    return { fold, judges };
  });
  return { basis: 'leaveOneFoldOut' as const, judged };
}

function scored(videos: readonly DrowsinessVideo[], scorer: DrowsinessScorer): ScoredVideo[] {
  return videos.map(({ subject, label, blinks }) => ({
    subject,
    label,
    probabilities: pooled(windowsOf(blinks).map((window) => scorer.score(window))),
  }));
}

/** Videos of the UTA-RLDD blink features: three classes, alert against drowsy, and how much of it is the data's own leak. */
export const drowsiness: Evaluation = {
  name: 'drowsiness',
  about: 'the drowsiness model on videos of people it was not trained on, against a softmax over statistics',
  run: ({ dataDir, progress }) => {
    const folds = readDrowsinessFolds(dataDir);
    const card = JSON.parse(readFileSync(join(trainingFolder, 'card.json'), 'utf8')) as Card;
    const { basis, judged } = judgesOf(folds, card);
    const all = (videosOf: (fold: DrowsinessFold) => readonly DrowsinessVideo[], who: keyof Judges) =>
      judged.flatMap(({ fold, judges }) => {
        progress(`${fold.name}: ${who}`);
        return scored(videosOf(fold), judges[who]);
      });
    const judgement: Judgement = {
      basis,
      folds: judged.map(({ fold }) => fold.name),
      model: all(({ videos }) => videos, 'model'),
      baseline: all(({ videos }) => videos, 'baseline'),
      probes: probes.map((probe) => {
        const videos = all(({ videos }) => standardisedAnew(videos, probe), 'model');
        return { ...probe, videos, figures: drowsinessFigures(videos) };
      }),
    };
    const json = drowsinessReport(judgement);
    return Promise.resolve({ json: { ...json }, text: drowsinessText(judgement, json) });
  },
};
