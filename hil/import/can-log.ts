import { readCandump, type CandumpLog } from '../../src/can/candump.js';
import type { CanFrames } from '../../src/can/frames.js';
import { VigilError } from '../../src/runtime/errors.js';
import { lastStamp, splitFrames } from '../recording/can-batch.js';
import type { ImportItem, ImportSource } from './source.js';

export interface CanLogOptions {
  readonly file: string;
  /** Added to the stamps. */
  readonly offsetMs: number;
  /** Take stamps as they are; else the log's first frame is the zero. */
  readonly absolute: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** Stamps later than this are dates, not times of a drive. */
const longestLogMs = 7 * 24 * 3600 * 1000;

function earliestStamp(frames: CanFrames): number {
  let first = Infinity;
  for (let i = 0; i < frames.count; i++) first = Math.min(first, frames.t[i]);
  return first;
}

/**
 * Milliseconds to the nearest microsecond: that is what logs resolve, and adding to a date in ms leaves rounding
 * errors of a quarter of one.
 */
function toMicrosecond(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}

function shifted(frames: CanFrames, offsetMs: number): CanFrames {
  return { ...frames, t: frames.t.map((stamp) => toMicrosecond(stamp + offsetMs)) };
}

function outsideDrive(file: string, firstMs: number): VigilError {
  return new VigilError(
    'CAN_LOG_STAMPS',
    `Expected stamps within a drive in ${file} but the first one is ${(firstMs / 1000).toFixed(6)} s.`,
    'Leave out --can-absolute to let the log begin at 0, or bring its dates to the drive with --can-offset.',
    { file, firstMs },
  );
}

/** The frames of a candump log, in batches of at most 20 ms. */
export class CanLogSource implements ImportSource {
  readonly name = 'can';
  /** A log does not announce its length. */
  readonly durationMs = null;
  readonly #options: CanLogOptions;
  readonly #log: CandumpLog;
  #offsetMs: number;
  #firstMs = 0;
  #lastMs = 0;
  #frames = 0;
  #disordered = 0;
  #beforeStart = 0;

  constructor(options: CanLogOptions) {
    this.#options = options;
    this.#offsetMs = options.offsetMs;
    this.#log = readCandump(options.file, { batchFrames: 4096 });
  }

  /** @throws VigilError `CAN_LOG_EMPTY`, `CAN_LOG_STAMPS`, `FILE_UNREADABLE` */
  get items(): AsyncIterable<ImportItem> {
    return this.#read();
  }

  firstMs(): number {
    return this.#firstMs;
  }

  offsetMs(): number {
    return this.#offsetMs;
  }

  losses(): string[] {
    const { malformed, problems, endsMidLine } = this.#log.summary;
    const losses: string[] = [];
    const first = problems.at(0);
    const where = first ? `, first in line ${first.line}: ${first.message}` : '';
    if (malformed > 0)
      losses.push(`CAN log has ${malformed} damaged line${malformed === 1 ? '' : 's'}${where}`);
    if (this.#beforeStart > 0) {
      losses.push(`CAN log steps back to before its start: ${this.#beforeStart} frames left out`);
    }
    if (endsMidLine) losses.push('CAN log ends in the middle of a line');
    return losses;
  }

  facts(): Record<string, number | string> {
    const { lines } = this.#log.summary;
    return {
      frames: this.#frames,
      lines,
      seconds: Number(((this.#lastMs - this.#firstMs) / 1000).toFixed(3)),
      batchesOutOfOrder: this.#disordered,
    };
  }

  async *#read(): AsyncGenerator<ImportItem, void, void> {
    const { file, signal } = this.#options;
    for await (const frames of this.#log) {
      signal?.throwIfAborted();
      if (frames.count === 0) continue;
      if (this.#frames === 0) this.#begin(earliestStamp(frames));
      this.#frames += frames.count;
      for (const batch of splitFrames(shifted(frames, this.#offsetMs))) {
        if (earliestStamp(batch) < this.#firstMs) {
          this.#beforeStart += batch.count;
          continue;
        }
        const t = lastStamp(batch);
        if (t < this.#lastMs) this.#disordered++;
        this.#lastMs = Math.max(this.#lastMs, t);
        yield { kind: 'can', t, frames: batch };
      }
    }
    if (this.#frames > 0) return;
    throw new VigilError(
      'CAN_LOG_EMPTY',
      `Expected CAN frames in ${file} but there are none.`,
      'It must be a log as `candump -L` writes it.',
      { file },
    );
  }

  /** @param firstStamp the log's own, ms; the least of the first batch, as logs of several buses step back a little */
  #begin(firstStamp: number): void {
    const { file, absolute, offsetMs } = this.#options;
    this.#offsetMs = absolute ? offsetMs : offsetMs - firstStamp;
    this.#firstMs = toMicrosecond(firstStamp + this.#offsetMs);
    this.#lastMs = this.#firstMs;
    if (Math.abs(this.#firstMs) > longestLogMs) throw outsideDrive(file, this.#firstMs);
  }
}
