import { stripVTControlCharacters } from 'node:util';
import { colors as pc } from '../../src/cli/colors.js';
import type { FrameTimings } from '../../src/camera/face-tracker.js';
import { budgets } from '../../src/runtime/budgets.js';
import { colouredState, driveTime, percent, shown } from './wording.js';
import type { Tally } from './tally.js';

/** Closures shown. */
export const traceLength = 12;

const bars = ['█', '▇', '▆', '▅', '▄', '▃', '▂', '▁', ' '];

/** Open eyes fill the cell, closed ones leave it empty. */
function eyeBar(closure: number): string {
  return bars[Math.max(0, Math.min(8, Math.round(closure * 8)))];
}

function signed(degrees: number): string {
  const rounded = Math.round(degrees);
  return `${rounded < 0 ? '-' : '+'}${Math.abs(rounded)}°`;
}

interface Field {
  readonly text: string;
  /** Fields leave a narrow terminal in this order, highest first. */
  readonly expendable: number;
}

/**
 * One line: time, speed, eyes (the last closures as bars), head against its neutral pose, PERCLOS, state, and how
 * much of the frame budget is used. Never wider than `columns`, as a line that wraps can't be redrawn in place.
 */
export function statusLine(
  tally: Tally,
  trace: readonly number[],
  timings: FrameTimings | undefined,
  columns: number,
): string {
  const { measures, speed, state } = tally;
  const kmh = speed?.quality === 'valid' && typeof speed.value === 'number' ? speed.value.toFixed(0) : '-';
  const head = `${shown(measures?.headYawDeg, signed)} ${shown(measures?.headPitchDeg, signed)}`;
  const fields: Field[] = [
    { text: pc.bold(driveTime(tally.lastMs)), expendable: 0 },
    { text: `${kmh.padStart(3)} km/h`, expendable: 1 },
    { text: `eyes ${pc.cyan(trace.map(eyeBar).join('').padStart(traceLength))}`, expendable: 2 },
    { text: `head ${head.padEnd(9)}`, expendable: 4 },
    { text: `PERCLOS ${shown(measures?.perclos, percent).padStart(6)}`, expendable: 3 },
    { text: state === null ? '-' : colouredState(state), expendable: 0 },
    { text: pc.dim(`frame ${budgetUse(timings)}`), expendable: 5 },
  ];
  while (width(fields) > columns && fields.some(({ expendable }) => expendable > 0)) {
    const worst = Math.max(...fields.map(({ expendable }) => expendable));
    fields.splice(
      fields.findIndex(({ expendable }) => expendable === worst),
      1,
    );
  }
  return fields.map(({ text }) => text).join(separator);
}

const separator = '  ';

function width(fields: readonly Field[]): number {
  return stripVTControlCharacters(fields.map(({ text }) => text).join(separator)).length;
}

function budgetUse(timings: FrameTimings | undefined): string {
  if (timings === undefined) return '-';
  const budget = budgets['vision.frame'].p50Ms;
  return `${timings.totalMs.toFixed(1)}/${budget} ms ${Math.round((timings.totalMs / budget) * 100)} %`;
}
