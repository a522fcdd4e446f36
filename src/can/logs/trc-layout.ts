/** Columns of a PEAK trace line, named by the letters of its `$COLUMNS` line. */
export type TrcColumn = 'N' | 'O' | 'T' | 'B' | 'I' | 'd' | 'R' | 'l' | 'L' | 'D';

export interface TrcVersion {
  readonly version: string;
  /** Order of the columns; version 2 states it in each file, this is what we write. */
  readonly columns: readonly TrcColumn[];
  /** Digits after the point of the time offset, which counts milliseconds. */
  readonly fractionDigits: number;
  /** Version 1 puts the direction, "Error" or "Warng" where version 2 has a record type. */
  readonly generation: 1 | 2;
}

/** Facts: PEAK's description of the file format, and files of each version. */
export const trcVersions: readonly TrcVersion[] = [
  { version: '1.0', columns: ['N', 'O', 'I', 'L', 'D'], fractionDigits: 0, generation: 1 },
  { version: '1.1', columns: ['N', 'O', 'd', 'I', 'L', 'D'], fractionDigits: 1, generation: 1 },
  { version: '1.2', columns: ['N', 'O', 'B', 'd', 'I', 'L', 'D'], fractionDigits: 1, generation: 1 },
  { version: '1.3', columns: ['N', 'O', 'B', 'd', 'I', 'R', 'L', 'D'], fractionDigits: 1, generation: 1 },
  { version: '2.0', columns: ['N', 'O', 'T', 'I', 'd', 'l', 'D'], fractionDigits: 3, generation: 2 },
  {
    version: '2.1',
    columns: ['N', 'O', 'T', 'B', 'I', 'd', 'R', 'L', 'D'],
    fractionDigits: 3,
    generation: 2,
  },
];

/** 30 December 1899, from which `$STARTTIME` counts days, in milliseconds since 1970. */
const dayZeroMs = Date.UTC(1899, 11, 30);
const nanosecondsPerDay = 86_400_000_000_000n;
const nanosecondsPerMicrosecond = 1000n;

/** Nanoseconds since 1970 of a `$STARTTIME` value, to the microsecond; null when it is none. Exact: no double is used. */
export function startOfDays(text: string): bigint | null {
  const match = /^(\d{1,6})(?:\.(\d{1,18}))?$/.exec(text.trim());
  if (!match) return null;
  const [, days, fraction] = match as (string | undefined)[];
  const digits = fraction ?? '';
  const part = (BigInt(digits === '' ? '0' : digits) * nanosecondsPerDay) / 10n ** BigInt(digits.length);
  const ns = BigInt(days ?? '0') * nanosecondsPerDay + part + BigInt(dayZeroMs) * 1_000_000n;
  const half = nanosecondsPerMicrosecond / 2n;
  return ((ns + half) / nanosecondsPerMicrosecond) * nanosecondsPerMicrosecond;
}

/** The value for `$STARTTIME`, with 15 digits after the point, which hold a nanosecond. */
export function daysText(startMs: number): string {
  const ns = BigInt(startMs - dayZeroMs) * 1_000_000n;
  const fraction = ((ns % nanosecondsPerDay) * 10n ** 15n + nanosecondsPerDay / 2n) / nanosecondsPerDay;
  return `${ns / nanosecondsPerDay}.${fraction.toString().padStart(15, '0')}`;
}
