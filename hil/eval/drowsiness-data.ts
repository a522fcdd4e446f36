import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { VigilError } from '../../src/runtime/errors.js';
import { readNpy } from './npy.js';

/** 0 alert, 1 low vigilant, 2 drowsy. */
export type DrowsinessLabel = 0 | 1 | 2;

/** One blink: frequency, amplitude, duration, velocity, in standard deviations of the subject's alert video. */
export type BlinkRow = readonly number[];

export interface DrowsinessVideo {
  readonly fold: string;
  readonly subject: string;
  readonly label: DrowsinessLabel;
  /** All blinks in order; windows of 30 with a step of 2 are cut from them. */
  readonly blinks: readonly BlinkRow[];
}

export interface DrowsinessFold {
  readonly name: string;
  /** Of the blinks file. */
  readonly sha256: string;
  readonly videos: readonly DrowsinessVideo[];
}

export const windowBlinks = 30;
export const windowStep = 2;
export const blinkFeatures = 4;

const labelOf = new Map<number, DrowsinessLabel>([
  [0, 0],
  [5, 1],
  [10, 2],
]);

/**
 * Every fold in `drowsiness/uta-rldd-blinks` of the data folder: `BlinksTest_30_NAME.npy` (n x 30 x 4) with
 * `LabelsTest_30_NAME.npy` (n or n x 1; 0, 5, 10).
 * @throws VigilError `NO_EVALUATION_DATA`, `NPY_INVALID`, `DROWSINESS_DATA_INVALID`
 */
export function readDrowsinessFolds(dataDir: string): DrowsinessFold[] {
  const folder = join(dataDir, 'drowsiness', 'uta-rldd-blinks');
  const names = existsSync(folder)
    ? readdirSync(folder).flatMap((file) => /^BlinksTest_30_(\w+)\.npy$/.exec(file)?.[1] ?? [])
    : [];
  if (names.length === 0) {
    throw new VigilError(
      'NO_EVALUATION_DATA',
      `Expected blink windows as BlinksTest_30_NAME.npy in ${folder} but found none.`,
      'Set VIGIL_DATA to a folder that holds drowsiness/uta-rldd-blinks.',
      { folder },
    );
  }
  return names.sort().map((name) => readFold(folder, name));
}

function readFold(folder: string, name: string): DrowsinessFold {
  const blinksFile = join(folder, `BlinksTest_30_${name}.npy`);
  const bytes = readFileSync(blinksFile);
  const windows = readNpy(bytes, blinksFile);
  const labelsFile = join(folder, `LabelsTest_30_${name}.npy`);
  const labels = readNpy(readFileSync(labelsFile), labelsFile);
  const [n, blinks, features] = windows.shape;
  const perWindow = windowBlinks * blinkFeatures;
  if (blinks !== windowBlinks || features !== blinkFeatures || labels.values.length !== n) {
    throw invalid(
      blinksFile,
      `n x 30 x 4 with n labels`,
      `${windows.shape.join(' x ')}, ${labels.values.length} labels`,
    );
  }
  const runs: { label: DrowsinessLabel; windows: BlinkRow[][] }[] = [];
  for (let i = 0; i < n; i++) {
    const label = labelOf.get(labels.values[i]);
    if (label === undefined) throw invalid(labelsFile, '0, 5 or 10', String(labels.values[i]));
    if (runs.at(-1)?.label !== label) runs.push({ label, windows: [] });
    const flat = windows.values.subarray(i * perWindow, (i + 1) * perWindow);
    runs.at(-1)!.windows.push(rowsOf(flat));
  }
  let subject = -1;
  const videos = runs.map((run, index): DrowsinessVideo => {
    // Labels rise within a subject: one that does not begins the next.
    if (index === 0 || run.label <= runs[index - 1].label) subject++;
    return { fold: name, subject: `${name}/${subject}`, label: run.label, blinks: sequenceOf(run.windows) };
  });
  return { name, sha256: createHash('sha256').update(bytes).digest('hex'), videos };
}

function rowsOf(flat: Float64Array): BlinkRow[] {
  return Array.from({ length: windowBlinks }, (_, blink) =>
    Array.from(flat.subarray(blink * blinkFeatures, (blink + 1) * blinkFeatures)),
  );
}

/** The blinks behind overlapping windows. Rows of zeros in front fill up videos of fewer than 30 blinks. */
function sequenceOf(windows: readonly (readonly BlinkRow[])[]): BlinkRow[] {
  const all = windows.flatMap((window, i) => (i === 0 ? window : window.slice(-windowStep)));
  const seen = all.filter((row) => row.some((value) => value !== 0));
  return seen.length === 0 ? all : seen;
}

/**
 * Windows of 30 blinks with a step of 2, each as 120 numbers. Fewer blinks are repeated until they are 30, so that no
 * padding tells how short a video was.
 */
export function windowsOf(blinks: readonly BlinkRow[]): Float32Array[] {
  if (blinks.length < windowBlinks) {
    const first = windowBlinks % blinks.length;
    const rows = Array.from(
      { length: windowBlinks },
      (_, i) => blinks[(i + blinks.length - first) % blinks.length],
    );
    return [Float32Array.from(rows.flat())];
  }
  const count = Math.floor((blinks.length - windowBlinks) / windowStep) + 1;
  return Array.from({ length: count }, (_, i) =>
    Float32Array.from(blinks.slice(i * windowStep, i * windowStep + windowBlinks).flat()),
  );
}

function invalid(file: string, expected: string, actual: string): VigilError {
  return new VigilError(
    'DROWSINESS_DATA_INVALID',
    `Expected ${expected} in ${file} but found ${actual}.`,
    'Use the files of the UTA-RLDD blink features as published.',
    { file },
  );
}
