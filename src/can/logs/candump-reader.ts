import { CandumpBatches, parseCandump, type CandumpStamps } from '../candump.js';
import type { CanFrames } from '../frames.js';
import type { CanLog, LogHeader, LogReadOptions, LogSource, LogSummary } from './log-format.js';
import { startOfDates } from './stamps.js';
import { batchFramesOf, headLines } from './text-log.js';

/** More than this part of stamps that step back are no clock's: they count from one frame to the next. */
const deltaShare = 0.05;
const newline = 0x0a;

interface Beginning {
  readonly startNs: bigint | null;
  readonly stamps: CandumpStamps;
  readonly channelNames: readonly string[];
  readonly isStamped: boolean;
}

/** What the first lines tell about all of them. */
function beginningOf(head: Uint8Array): Beginning {
  const whole = head.subarray(0, head.lastIndexOf(newline) + 1);
  const { frames, summary } = parseCandump(whole);
  let stepsBack = 0;
  for (let row = 1; row < frames.count; row++) if (frames.t[row] < frames.t[row - 1]) stepsBack += 1;
  const startNs = frames.count > 0 ? startOfDates(frames.t[0] / 1000) : null;
  // The log of -L never counts so.
  const [first = ''] = headLines(whole, 1);
  const deltas = startNs === null && !first.includes('#') && stepsBack > deltaShare * frames.count;
  const channelNames: string[] = [];
  for (const [channel, name] of summary.channels) channelNames[channel] = name;
  return {
    startNs,
    stamps: { epochSeconds: Number((startNs ?? 0n) / 1_000_000_000n), deltas },
    channelNames: Array.from(channelNames, (name: string | undefined) => name ?? ''),
    isStamped: frames.count === 0 || first.trimStart().startsWith('('),
  };
}

/** Text of candump in any shape; read natively. Holds one batch and one piece of the file. */
export class CandumpReader implements CanLog {
  readonly header: LogHeader;
  readonly #source: LogSource;
  readonly #batches: CandumpBatches;
  readonly #notes: string[] = [];

  constructor(source: LogSource, options: LogReadOptions) {
    this.#source = source;
    const { startNs, stamps, channelNames, isStamped } = beginningOf(source.head);
    this.#batches = new CandumpBatches(batchFramesOf(options), stamps);
    this.header = { startNs, channelNames };
    if (stamps.deltas) this.#notes.push('stamps count from one frame to the next (candump -td); added up');
    if (!isStamped) this.#notes.push('the log has no time stamps: every frame is at 0');
  }

  get summary(): LogSummary {
    const { frames, malformed, problems, endsMidLine } = this.#batches.summary();
    return {
      frames,
      skipped: {},
      damaged: malformed,
      problems: problems.map(({ line, message, text }) => ({
        place: `line ${line}`,
        text: `${message} but found "${text}"`,
      })),
      cutOff: endsMidLine,
      notes: this.#notes,
    };
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<CanFrames, void, undefined> {
    const batches = this.#batches;
    // The unread end of a piece, always less than a line, and the next piece behind it.
    let text = new Uint8Array(0);
    let held = 0;
    for await (const piece of this.#source.stream()) {
      if (held + piece.length > text.length) {
        const larger = new Uint8Array(held + piece.length + 4096);
        larger.set(text.subarray(0, held));
        text = larger;
      }
      text.set(piece, held);
      held += piece.length;
      let start = 0;
      for (;;) {
        start += batches.parse(text, start, held, false);
        if (!batches.isFull) break;
        yield batches.take();
      }
      text.copyWithin(0, start, held);
      held -= start;
    }
    for (let start = 0; ;) {
      start += batches.parse(text, start, held, true);
      if (!batches.isFull) break;
      yield batches.take();
    }
    if (!batches.isEmpty) yield batches.take();
  }
}
