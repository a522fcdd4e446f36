import { FrameFlag } from '../frames.js';
import type { TextCursor } from './text-cursor.js';

/** What the cells of a column mean; `byte` columns follow one another and hold the payload. */
export type CsvRole =
  | 'seconds'
  | 'microseconds'
  | 'id'
  | 'extended'
  | 'remote'
  | 'error'
  | 'fd'
  | 'bitRateSwitch'
  | 'errorStateIndicator'
  | 'direction'
  | 'channel'
  | 'bus'
  | 'length'
  | 'hexData'
  | 'base64Data'
  | 'byte';

const roles: Readonly<Record<string, CsvRole>> = {
  time: 'seconds',
  timestamp: 'seconds',
  'time stamp': 'microseconds',
  id: 'id',
  arbitration_id: 'id',
  extended: 'extended',
  remote: 'remote',
  error: 'error',
  fd: 'fd',
  brs: 'bitRateSwitch',
  esi: 'errorStateIndicator',
  direction: 'direction',
  dir: 'direction',
  channel: 'channel',
  bus: 'bus',
  length: 'length',
  len: 'length',
  dlc: 'length',
  data: 'hexData',
  'data bytes': 'hexData',
};

/** Columns of a header line; null when it names no identifier or payload, or something unknown. */
export function rolesOf(header: string): CsvRole[] | null {
  const names = header
    .trim()
    .replace(/,$/, '')
    .split(',')
    .map((name) => name.trim().toLowerCase());
  const found: CsvRole[] = [];
  for (const name of names) {
    const role = /^d\d{1,2}$/.test(name) ? 'byte' : (roles[name] as CsvRole | undefined);
    if (role === undefined) return null;
    found.push(role);
  }
  // The table that python-can writes has its payload in base64.
  if (names.includes('arbitration_id') && names.includes('dlc')) {
    return found.map((role) => (role === 'hexData' ? 'base64Data' : role));
  }
  return found.includes('id') && (found.includes('hexData') || found.includes('byte')) ? found : null;
}

/** Flag that a column of yes and no sets. */
export const flagOfRole: Readonly<Partial<Record<CsvRole, number>>> = {
  extended: FrameFlag.extended,
  remote: FrameFlag.remote,
  error: FrameFlag.error,
  fd: FrameFlag.fd,
  bitRateSwitch: FrameFlag.bitRateSwitch,
  errorStateIndicator: FrameFlag.errorStateIndicator,
};

/** 1 or 0, true or false; -1 for anything else. */
export function readTruth(line: TextCursor): number {
  if (line.takeText('1') || line.takeText('true')) return 1;
  return line.takeText('0') || line.takeText('false') ? 0 : -1;
}

const valueOf64 = new Int8Array(256).fill(-1);
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
for (let value = 0; value < 64; value++) valueOf64[alphabet.charCodeAt(value)] = value;

/** Base64 (RFC 4648) under the cursor into `out`. @returns bytes, at most `most`; -1 when it is damaged */
export function readBase64(line: TextCursor, out: Uint8Array, start: number, most: number): number {
  let bits = 0;
  let held = 0;
  let count = 0;
  for (; !line.atEnd; line.at++) {
    const value = valueOf64[line.bytes[line.at]];
    if (value < 0) break;
    bits = ((bits << 6) | value) & 0xfff;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    if (count === most) return -1;
    out[start + count++] = (bits >> held) & 0xff;
  }
  // What is left over are zeros that fill the last group, which `=` completes.
  const padding = held / 2;
  for (let i = 0; i < padding; i++) if (!line.take(0x3d)) return -1;
  return held >= 6 ? -1 : count;
}
