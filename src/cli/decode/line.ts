import type { DbcSignal } from '../../can/dbc.js';
import { readBits } from '../../can/encode.js';
import { FrameFlag, type CanFrames } from '../../can/frames.js';
import { valueName } from '../../can/raw-value.js';
import type { MatchedFrames, MessageRows, MessageView } from './frame-decoder.js';

/** Writes frame `i` of a batch as one line, without its end. */
export type LineWriter = (frames: CanFrames, i: number, of: MessageRows, row: number) => string;

/** Times from here on (1970 plus four months, in ms) are dates, which a double holds to a quarter of a microsecond. */
const datesFromMs = 1e10;

/**
 * Seconds with six digits after the point, nine where the log resolves nanoseconds.
 * @param startNs of the log; `t` counts from there
 */
export function secondsText(t: number, startNs: bigint | null): string {
  let seconds = Math.floor(t / 1000);
  const restMs = t - seconds * 1000;
  let nanoseconds = Math.abs(t) < datesFromMs ? Math.round(restMs * 1e6) : Math.round(restMs * 1e3) * 1000;
  if (startNs !== null) {
    seconds += Number(startNs / 1_000_000_000n);
    nanoseconds += Number(startNs % 1_000_000_000n);
  }
  seconds += Math.floor(nanoseconds / 1e9);
  nanoseconds -= Math.floor(nanoseconds / 1e9) * 1e9;
  if (seconds < 0 && nanoseconds > 0) return (seconds + nanoseconds / 1e9).toFixed(6);
  const digits = String(nanoseconds).padStart(9, '0');
  return `${seconds}.${digits.endsWith('000') ? digits.slice(0, 6) : digits}`;
}

/** Beyond 2^53 a double is no longer exact: such whole numbers are read from the payload again. */
function isWide({ length, rawType, factor, offset }: DbcSignal): boolean {
  return (
    (rawType === 'signed' || rawType === 'unsigned') &&
    Number.isInteger(factor) &&
    Number.isInteger(offset) &&
    length + Math.log2(Math.max(1, Math.abs(factor))) > 53
  );
}

function exactText(signal: DbcSignal, { data, offset, length }: CanFrames, i: number): string {
  const payload = data.subarray(offset[i], offset[i] + length[i]);
  const bits = readBits(payload, signal);
  const raw = signal.rawType === 'signed' ? BigInt.asIntN(signal.length, bits) : bits;
  return (raw * BigInt(signal.factor) + BigInt(signal.offset)).toString();
}

interface Field {
  readonly signal: DbcSignal;
  readonly wide: boolean;
  /** What stands before the value. */
  readonly head: string;
}

interface Lead {
  readonly text: string;
  readonly fields: readonly Field[];
}

/** What is the same in every line of a message, worked out once. */
function leads(make: (view: MessageView) => Lead): (view: MessageView) => Lead {
  const made = new Map<MessageView, Lead>();
  return (view) => {
    const known = made.get(view);
    if (known !== undefined) return known;
    const lead = make(view);
    made.set(view, lead);
    return lead;
  };
}

function fieldsOf(view: MessageView, head: (signal: DbcSignal) => string): Field[] {
  return view.signals.map((signal) => ({ signal, wide: isWide(signal), head: head(signal) }));
}

/**
 * One JSON object a frame. Values are numbers (those of 64 bits in full); signals that are not in the frame
 * are left out, an infinite float is null.
 */
export function jsonLines(startNs: bigint | null): LineWriter {
  const leadOf = leads((view) => ({
    text: `,"message":${JSON.stringify(view.message.name)}`,
    fields: fieldsOf(view, ({ name }) => `${JSON.stringify(name)}:`),
  }));
  return (frames, i, { view, columns }, row) => {
    const { text, fields } = leadOf(view);
    let signals = '';
    for (let s = 0; s < fields.length; s++) {
      const value = columns[s][row];
      if (Number.isNaN(value)) continue;
      const { head, wide, signal } = fields[s];
      const shown = wide ? exactText(signal, frames, i) : Number.isFinite(value) ? String(value) : 'null';
      signals += signals === '' ? head + shown : `,${head}${shown}`;
    }
    const extended = (frames.flags[i] & FrameFlag.extended) !== 0 ? ',"extended":true' : '';
    const truncated = frames.length[i] < view.message.length ? ',"truncated":true' : '';
    return (
      `{"t":${secondsText(frames.t[i], startNs)},"channel":${frames.channel[i]},"id":${frames.id[i]}` +
      `${extended}${text}${truncated},"signals":{${signals}}}`
    );
  };
}

/** A double without the dust of its last digits. */
function plain(value: number): string {
  return String(Number(value.toPrecision(12)));
}

/** One line a frame: time, channel, identifier, message, then values with unit, or name and number. */
export function humanLines(startNs: bigint | null, channelNames: readonly string[]): LineWriter {
  const leadOf = leads((view) => ({
    text: view.message.name,
    fields: fieldsOf(view, ({ name }) => `${name}=`),
  }));
  return (frames, i, { view, columns }, row) => {
    const { text, fields } = leadOf(view);
    let signals = '';
    for (let s = 0; s < fields.length; s++) {
      const value = columns[s][row];
      if (Number.isNaN(value)) continue;
      const { head, wide, signal } = fields[s];
      const number = wide ? exactText(signal, frames, i) : plain(value);
      const name = valueName(signal, value);
      const unit = signal.unit === '' ? '' : ` ${signal.unit}`;
      signals += `  ${head}${name === undefined ? number + unit : `${name} (${number})`}`;
    }
    const id = frames.id[i].toString(16).toUpperCase();
    const width = (frames.flags[i] & FrameFlag.extended) !== 0 ? 8 : 3;
    const channel = frames.channel[i];
    const truncated = frames.length[i] < view.message.length ? '  (truncated)' : '';
    return (
      `${secondsText(frames.t[i], startNs)}  ${channelNames.at(channel) ?? channel}  ` +
      `${id.padStart(width, '0')}  ${text}${signals}${truncated}`
    );
  };
}

/** All lines of a batch, each with its end. */
export function batchText(frames: CanFrames, matched: MatchedFrames, line: LineWriter): string {
  const { rows, which, row } = matched;
  let text = '';
  for (let i = 0; i < frames.count; i++) {
    if (which[i] >= 0) text += `${line(frames, i, rows[which[i]], row[i])}\n`;
  }
  return text;
}
