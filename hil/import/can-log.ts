import type { CanFrames } from '../../src/can/frames.js';
import { lossesOf } from '../../src/can/logs/convert.js';
import { openLog, type RecognisedLog } from '../../src/can/logs/registry.js';
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

/** Milliseconds to the nearest nanosecond, which is the most that logs resolve: adding leaves rounding errors. */
function toNanosecond(ms: number): number {
  return Math.round(ms * 1e6) / 1e6;
}

function shifted(frames: CanFrames, shiftMs: number): CanFrames {
  return { ...frames, t: frames.t.map((stamp) => toNanosecond(stamp + shiftMs)) };
}

function outsideDrive(file: string, firstMs: number): VigilError {
  return new VigilError(
    'CAN_LOG_STAMPS',
    `Expected stamps within a drive in ${file} but the first one is ${(firstMs / 1000).toFixed(6)} s.`,
    'Leave out --can-absolute to let the log begin at 0, or bring its dates to the drive with --can-offset.',
    { file, firstMs },
  );
}

/** The frames of a CAN log of any format, in batches of at most 20 ms. */
export class CanLogSource implements ImportSource {
  readonly name = 'can';
  /** A log does not announce its length. */
  readonly durationMs = null;
  readonly #options: CanLogOptions;
  #log: RecognisedLog | undefined;
  #offsetMs: number;
  /** Added to the frames' times, which count from the log's own start. */
  #shiftMs = 0;
  #firstMs = 0;
  #lastMs = 0;
  #frames = 0;
  #disordered = 0;
  #beforeStart = 0;

  constructor(options: CanLogOptions) {
    this.#options = options;
    this.#offsetMs = options.offsetMs;
  }

  /** @throws VigilError `CAN_LOG_EMPTY`, `CAN_LOG_STAMPS`, and what `openLog` throws */
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
    const losses = this.#log ? lossesOf(this.#log.summary).map((loss) => `CAN log: ${loss}`) : [];
    if (this.#beforeStart > 0) {
      losses.push(`CAN log steps back to before its start: ${this.#beforeStart} frames left out`);
    }
    return losses;
  }

  facts(): Record<string, number | string> {
    return {
      ...(this.#log ? { format: this.#log.format.name } : {}),
      frames: this.#frames,
      seconds: Number(((this.#lastMs - this.#firstMs) / 1000).toFixed(3)),
      batchesOutOfOrder: this.#disordered,
    };
  }

  async *#read(): AsyncGenerator<ImportItem, void, void> {
    const { file, signal } = this.#options;
    this.#log = await openLog(file);
    const startMs = Number(this.#log.header.startNs ?? 0n) / 1e6;
    for await (const frames of this.#log) {
      signal?.throwIfAborted();
      if (frames.count === 0) continue;
      if (this.#frames === 0) this.#begin(startMs, earliestStamp(frames));
      this.#frames += frames.count;
      for (const batch of splitFrames(shifted(frames, this.#shiftMs))) {
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
      'What looked like lines of a log could not be read: see `vigil convert`.',
      { file },
    );
  }

  /**
   * @param startMs date of the log's time 0, 0 when it has none
   * @param firstStamp from there; the least of the first batch, as logs of several buses step back a little
   */
  #begin(startMs: number, firstStamp: number): void {
    const { file, absolute, offsetMs } = this.#options;
    this.#shiftMs = absolute ? startMs + offsetMs : offsetMs - firstStamp;
    this.#offsetMs = this.#shiftMs - startMs;
    this.#firstMs = toNanosecond(firstStamp + this.#shiftMs);
    this.#lastMs = this.#firstMs;
    if (Math.abs(this.#firstMs) > longestLogMs) throw outsideDrive(file, this.#firstMs);
  }
}
