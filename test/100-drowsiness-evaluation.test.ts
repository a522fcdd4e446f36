import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readDrowsinessFolds, windowsOf } from '../hil/eval/drowsiness-data.js';
import {
  auc,
  calibrationCurve,
  calibrationError,
  confusion,
  drowsinessFigures,
  subjectBootstrap,
  type ScoredVideo,
} from '../hil/eval/drowsiness-figures.js';
import { probes, standardisedAnew } from '../hil/eval/drowsiness-probe.js';
import { drowsiness } from '../hil/eval/drowsiness.js';
import { readNpy } from '../hil/eval/npy.js';
import { seededRandom, temporaryFolder, vigilErrorOf } from './10-support.js';

/** A file as NumPy writes it. */
function npy(
  values: readonly number[],
  shape: readonly number[],
  kind: '<f8' | '<f4' | '<i8' = '<f8',
): Buffer {
  const text = `{'descr': '${kind}', 'fortran_order': False, 'shape': (${shape.join(', ')}${shape.length === 1 ? ',' : ''}), }`;
  const header = Buffer.from(`${text.padEnd(117)}\n`, 'latin1');
  const start = Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, header.length, 0]);
  const array =
    kind === '<f8'
      ? Float64Array.from(values)
      : kind === '<f4'
        ? Float32Array.from(values)
        : BigInt64Array.from(values.map(BigInt));
  return Buffer.concat([start, header, Buffer.from(array.buffer)]);
}

/** Blinks around a level, as rows of frequency, amplitude, duration, velocity. */
function madeUpBlinks(count: number, level: number, random: () => number): number[][] {
  return Array.from({ length: count }, () =>
    [level, -level, level, -level].map((mean) => mean + random() * 2 - 1),
  );
}

/** A fold of `subjects` people; their videos have 10, 40 and 44 blinks: the first needs filling up. */
function writeFold(dataDir: string, name: string, subjects: number): void {
  const random = seededRandom(5);
  const windows: number[][][] = [];
  const labels: number[] = [];
  for (let subject = 0; subject < subjects; subject++) {
    for (const [label, count] of [
      [0, 10 + 30 * (subject % 2)],
      [5, 40],
      [10, 44],
    ]) {
      const blinks = madeUpBlinks(count, label / 4, random);
      if (count < 30) {
        windows.push([...Array.from({ length: 30 - count }, () => [0, 0, 0, 0]), ...blinks]);
        labels.push(label);
      }
      for (let from = 0; from + 30 <= count; from += 2) {
        windows.push(blinks.slice(from, from + 30));
        labels.push(label);
      }
    }
  }
  const folder = join(dataDir, 'drowsiness', 'uta-rldd-blinks');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `BlinksTest_30_${name}.npy`), npy(windows.flat(2), [windows.length, 30, 4]));
  writeFileSync(join(folder, `LabelsTest_30_${name}.npy`), npy(labels, [labels.length, 1]));
}

describe('NumPy files', () => {
  it('of all kinds used are read', () => {
    for (const kind of ['<f8', '<f4', '<i8'] as const) {
      const array = readNpy(npy([1, -2, 3, 4, 5, 6], [2, 3], kind), 'x.npy');
      expect(array.shape).toEqual([2, 3]);
      expect(Array.from(array.values)).toEqual([1, -2, 3, 4, 5, 6]);
    }
  });

  it('that are cut off, or something else, are refused', () => {
    const whole = npy([1, 2, 3], [3]);
    expect(vigilErrorOf(() => readNpy(whole.subarray(0, -1), 'x.npy')).code).toBe('NPY_INVALID');
    expect(vigilErrorOf(() => readNpy(whole.subarray(0, 5), 'x.npy')).code).toBe('NPY_INVALID');
    expect(vigilErrorOf(() => readNpy(Buffer.from('PK'.repeat(40)), 'x.npy')).code).toBe('NPY_INVALID');
    const swapped = Buffer.from(whole.toString('latin1').replace('<f8', '>f8'), 'latin1');
    expect(vigilErrorOf(() => readNpy(swapped, 'x.npy')).code).toBe('NPY_INVALID');
  });
});

describe('fold files', () => {
  const dataDir = temporaryFolder('drowsiness');
  writeFold(dataDir, 'Fold9', 3);
  const [fold] = readDrowsinessFolds(dataDir);

  it('become the videos of subjects, with padding and overlap taken off', () => {
    expect(fold.videos.map(({ subject, label, blinks }) => [subject, label, blinks.length])).toEqual([
      ['Fold9/0', 0, 10],
      ['Fold9/0', 1, 40],
      ['Fold9/0', 2, 44],
      ['Fold9/1', 0, 40],
      ['Fold9/1', 1, 40],
      ['Fold9/1', 2, 44],
      ['Fold9/2', 0, 10],
      ['Fold9/2', 1, 40],
      ['Fold9/2', 2, 44],
    ]);
  });

  it('become windows of 30 blinks; few blinks repeat and end with the last', () => {
    const [short, , long] = fold.videos;
    expect(windowsOf(long.blinks)).toHaveLength(8);
    const [window, ...more] = windowsOf(short.blinks);
    expect(more).toEqual([]);
    expect(window).toEqual(Float32Array.from([...short.blinks, ...short.blinks, ...short.blinks].flat()));
  });

  it('that are missing are an error with advice', () => {
    expect(vigilErrorOf(() => readDrowsinessFolds(temporaryFolder('nothing'))).code).toBe(
      'NO_EVALUATION_DATA',
    );
  });

  it('standardised anew have a reference of mean 0 and deviation 1, which is not judged', () => {
    const [same] = probes;
    const videos = standardisedAnew(fold.videos, same);
    expect(videos.map(({ subject }) => subject)).toEqual(['Fold9/1', 'Fold9/1', 'Fold9/1']);
    expect(videos.map(({ blinks }) => blinks.length)).toEqual([20, 40, 44]);
    const reference = fold.videos[3].blinks.slice(0, 20).map((row) => row[2]);
    const mean = reference.reduce((sum, value) => sum + value, 0) / 20;
    const deviation = Math.sqrt(reference.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 20);
    expect(videos[2].blinks[7][2]).toBeCloseTo((fold.videos[5].blinks[7][2] - mean) / deviation, 9);
  });
});

const video = (subject: string, label: 0 | 1 | 2, alert: number, drowsy: number): ScoredVideo => ({
  subject,
  label,
  probabilities: { alert, lowVigilant: 1 - alert - drowsy, drowsy },
});

describe('figures', () => {
  const videos = [
    video('a', 0, 0.7, 0.1),
    video('a', 1, 0.2, 0.1),
    video('a', 2, 0.1, 0.8),
    video('b', 0, 0.3, 0.5),
    video('b', 1, 0.6, 0.2),
    video('b', 2, 0.2, 0.3),
  ];

  it('are those counted by hand', () => {
    const figures = drowsinessFigures(videos);
    expect(figures).toMatchObject({
      n: 6,
      subjects: 2,
      videoAccuracy: 0.5,
      sensitivity: 1,
      specificity: 0.5,
    });
    // Drowsy against alert: 0.125 and 0.625 for the alert ones, 0.889 and 0.6 for the drowsy ones.
    expect(figures.aucAlertDrowsy).toBe(0.75);
    expect(confusion(videos)).toEqual([
      [1, 0, 1],
      [1, 1, 0],
      [0, 1, 1],
    ]);
    const losses = [0.7, 0.7, 0.8, 0.3, 0.2, 0.3].map((p) => -Math.log(p));
    expect(figures.crossEntropy).toBeCloseTo(losses.reduce((sum, loss) => sum + loss, 0) / 6, 9);
  });

  it('count ties of the AUC half', () => {
    expect(auc([1, 2], [2, 3])).toBe(0.875);
    expect(auc([1], [])).toBeNaN();
  });

  it('draw a calibration curve from groups of equal size', () => {
    const curve = calibrationCurve(videos, 2);
    expect(curve.map(({ n, found }) => [n, found])).toEqual([
      [2, 0.5],
      [2, 0.5],
    ]);
    expect(calibrationError(curve)).toBeCloseTo(
      (0.5 - (0.125 + 0.6) / 2 + ((8 / 9 + 0.625) / 2 - 0.5)) / 2,
      9,
    );
  });

  it('resample whole subjects, the same in every run, and pairs stay together', () => {
    const many = Array.from({ length: 8 }, (_, i) =>
      videos.map((each) => ({ ...each, subject: `${each.subject}${i}` })),
    ).flat();
    const seen = new Set<number>();
    const interval = subjectBootstrap([many, many], ([left, right]) => {
      expect(left).toEqual(right);
      seen.add(left.length);
      return drowsinessFigures(left).videoAccuracy;
    });
    expect([...seen]).toEqual([48]);
    expect(interval.low).toBeLessThanOrEqual(0.5);
    expect(interval.high).toBeGreaterThanOrEqual(0.5);
    expect(subjectBootstrap([videos], () => 1).low).toBeNaN();
  });
});

describe('eval drowsiness', () => {
  it('scores the shipped model on folds that it was not trained on', async () => {
    const dataDir = temporaryFolder('drowsiness-unseen');
    writeFold(dataDir, 'Fold1', 2);
    writeFold(dataDir, 'Fold4', 6);
    const { json, text } = await drowsiness.run({ dataDir, progress: () => undefined });
    expect(json).toMatchObject({ basis: 'unseenFolds', folds: ['Fold4'], n: 18, subjects: 6, unit: 'video' });
    expect(json['videoAccuracy']).toBeGreaterThanOrEqual(0);
    expect(json['aucAlertDrowsy']).toBeGreaterThan(0.9); // made-up drowsy blinks are plainly long
    expect(text).toContain('not trained on: Fold4');
  });

  it('leaves one fold out where all were trained on', async () => {
    const dataDir = temporaryFolder('drowsiness-known');
    writeFold(dataDir, 'Fold2', 5);
    const { json, text } = await drowsiness.run({ dataDir, progress: () => undefined });
    expect(json).toMatchObject({ basis: 'leaveOneFoldOut', folds: ['Fold2'], n: 15 });
    expect(text).toContain('trained without it');
  });
});
