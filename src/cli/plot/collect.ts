import { messageKey, type DbcDatabase, type DbcMessage, type DbcSignal } from '../../can/dbc.js';
import { CanDecoder } from '../../can/decoder.js';
import { compileDecodePlan } from '../../can/decode-plan.js';
import type { DecodedBatch } from '../../can/decoded-batch.js';
import type { CanFrames } from '../../can/frames.js';
import { isJ1939 } from '../../can/j1939.js';
import { Envelope, type Curve } from './envelope.js';
import type { SelectedSignal } from './glob.js';

/** What drawing needs to know of a signal. */
export type PlottedSignal = Pick<DbcSignal, 'unit' | 'values' | 'length' | 'rawType' | 'factor'>;

/** One signal over time. */
export interface Series {
  /** `MESSAGE.SIGNAL`, or a measure's own name. */
  readonly name: string;
  readonly signal: PlottedSignal;
  readonly curve: Curve;
  /** Samples behind the curve, before any were left out. */
  readonly samples: number;
  readonly lowest: number;
  readonly highest: number;
}

export interface Collected {
  /** Signals with at least one sample. */
  readonly series: readonly Series[];
  /** `MESSAGE.SIGNAL` of the others. */
  readonly empty: readonly string[];
  /** What is plotted, ms after the log's first frame. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Time stamp of the first frame, ms as the log says; NaN for an empty log. */
  readonly firstMs: number;
}

export interface TimeWindow {
  /** ms after the log's first frame. */
  readonly fromMs: number;
  /** Infinity: to the end. */
  readonly toMs: number;
}

/**
 * Reads a log once and keeps an envelope per signal; memory depends on the number of signals, not on the log.
 */
export async function collectSeries(
  log: AsyncIterable<CanFrames>,
  database: DbcDatabase,
  selected: readonly SelectedSignal[],
  window: TimeWindow,
): Promise<Collected> {
  const keys = new Set(selected.map(({ message }) => messageKey(message.id, message.extended)));
  // A frame goes to the J1939 message that fits best, and which that is depends on all of them.
  const keepAll = selected.some(({ message }) => isJ1939(message));
  const isKept = (message: DbcMessage): boolean =>
    keepAll || keys.has(messageKey(message.id, message.extended));
  const plan = compileDecodePlan(database, isKept);
  const decoder = new CanDecoder(plan);
  const envelopes = new Map<SelectedSignal, Envelope>();
  let recycle: DecodedBatch | undefined;
  let firstMs = Number.NaN;
  let lastMs = Number.NaN;
  for await (const frames of log) {
    if (frames.count === 0) continue;
    if (Number.isNaN(firstMs)) {
      firstMs = frames.t[0];
      for (const entry of selected) envelopes.set(entry, envelopeFor(firstMs, window));
    }
    lastMs = frames.t[frames.count - 1];
    const batch = decoder.decode(frames, recycle);
    for (const [entry, envelope] of envelopes) addRows(batch, entry, envelope, firstMs, window);
    recycle = batch;
    if (lastMs - firstMs > window.toMs) break;
  }
  const series = [...envelopes].map(([{ message, signal }, envelope]): Series => ({
    name: `${message.name}.${signal.name}`,
    signal,
    curve: relative(envelope.curve(), firstMs),
    samples: envelope.samples,
    lowest: envelope.range[0],
    highest: envelope.range[1],
  }));
  return {
    series: series.filter(({ samples }) => samples > 0),
    empty: [...new Set(series.filter(({ samples }) => samples === 0).map(({ name }) => name))],
    fromMs: window.fromMs,
    toMs: Number.isFinite(window.toMs) ? window.toMs : Math.max(window.fromMs, lastMs - firstMs),
    firstMs,
  };
}

function envelopeFor(firstMs: number, { fromMs, toMs }: TimeWindow): Envelope {
  const start = firstMs + fromMs;
  return Number.isFinite(toMs) ? new Envelope(start, firstMs + toMs) : new Envelope(start);
}

function addRows(
  batch: DecodedBatch,
  { message, signal }: SelectedSignal,
  envelope: Envelope,
  firstMs: number,
  { fromMs, toMs }: TimeWindow,
): void {
  for (const decoded of batch.messages) {
    if (decoded.message !== message) continue;
    const values = decoded.column(signal.name);
    for (let i = 0; i < decoded.rows; i++) {
      const t = decoded.t[i] - firstMs;
      if (t >= fromMs && t <= toMs) envelope.add(decoded.t[i], values[i]);
    }
  }
}

function relative({ t, value }: Curve, firstMs: number): Curve {
  return { t: t.map((time) => time - firstMs), value };
}
