import { VigilError } from '../../runtime/errors.js';
import type { CanFrames } from '../frames.js';
import { ascFormat } from './asc.js';
import { blfFormat } from './blf.js';
import { busMasterFormat } from './busmaster.js';
import { carbusFormat } from './carbus.js';
import { candumpFormat, longCandumpFormats } from './candump.js';
import { crtdFormat } from './crtd.js';
import { csvFormat, pythonCsvFormat } from './csv.js';
import type { CanLog, LogFormat, LogHeader, LogReadOptions, LogSource, LogSummary } from './log-format.js';
import { microchipFormat } from './microchip.js';
import { mf4Format } from './mf4.js';
import { openSource } from './source.js';
import { olderTrcFormats, trcFormat } from './trc.js';

/** Every format, one file each. A new one is added here and nowhere else. */
export const logFormats: readonly LogFormat[] = [
  candumpFormat,
  ascFormat,
  blfFormat,
  mf4Format,
  trcFormat,
  csvFormat,
  busMasterFormat,
  microchipFormat,
  crtdFormat,
  carbusFormat,
  ...longCandumpFormats,
  ...olderTrcFormats,
  pythonCsvFormat,
];

/** A log whose format was recognised. */
export class RecognisedLog implements CanLog {
  readonly #source: LogSource;
  readonly #log: CanLog;

  constructor(
    readonly format: LogFormat,
    source: LogSource,
    log: CanLog,
  ) {
    this.#source = source;
    this.#log = log;
  }

  get path(): string {
    return this.#source.path;
  }

  /** Part of the file that has been read, 0 to 1; null when that is not known. */
  get readShare(): number | null {
    const { fileBytes = 0, bytesRead = 0 } = this.#source;
    return bytesRead > 0 ? Math.min(1, bytesRead / fileBytes) : null;
  }

  get header(): LogHeader {
    return this.#log.header;
  }

  /** The format's own, and what is wrong with the compression. */
  get summary(): LogSummary {
    const summary = this.#log.summary;
    const damage = this.#source.damage ?? null;
    if (damage === null) return summary;
    const problem = { place: 'compression', text: damage };
    return { ...summary, cutOff: true, problems: [problem, ...summary.problems].slice(0, 20) };
  }

  [Symbol.asyncIterator](): AsyncIterator<CanFrames> {
    return this.#log[Symbol.asyncIterator]();
  }
}

/** Bytes shown where nothing recognises them. */
const shownBytes = 16;

function unknownFormat({ path, head }: LogSource): VigilError {
  const begin = Buffer.from(head.subarray(0, shownBytes)).toString('hex');
  const names = logFormats.flatMap((format) => (format.open ? [format.name] : []));
  return new VigilError(
    head.length === 0 ? 'LOG_EMPTY' : 'LOG_FORMAT_UNKNOWN',
    `Expected a CAN log (${names.join(', ')}) at ${path} but it ` +
      (head.length === 0 ? 'is empty.' : `begins with the bytes ${begin}, which no format recognises.`),
    head.length === 0 ? '' : 'If you know better, name its format.',
    { path },
  );
}

/** The format that is surest of these bytes; null when none is. */
export function sniffFormat(head: Uint8Array): LogFormat | null {
  let best: LogFormat | null = null;
  let surest = 0;
  for (const format of logFormats) {
    if (!format.open) continue;
    const sure = format.sniff(head);
    if (sure > surest) {
      best = format;
      surest = sure;
    }
  }
  return best;
}

/** @throws VigilError `INVALID_ARGUMENT` */
export function formatNamed(name: string, use: 'read' | 'write'): LogFormat {
  const usable = logFormats.filter((format) => {
    if (use === 'read') return format.open ? true : false;
    return format.create ? true : false;
  });
  const format = usable.find((candidate) => candidate.name === name);
  if (format) return format;
  throw new VigilError(
    'INVALID_ARGUMENT',
    `Expected a format that Vigil can ${use} but received "${name}".`,
    `It must be one of ${usable.map((candidate) => candidate.name).join(', ')}.`,
  );
}

/**
 * Opens a log of any format, compressed or not; what it is follows from its content, never from its name.
 * @param options.format read it as this format whatever it looks like
 * @throws VigilError `FILE_UNREADABLE`, `LOG_EMPTY`, `LOG_FORMAT_UNKNOWN`, and what the format throws for a file
 *   whose beginning is damaged
 */
export async function openLog(
  path: string,
  options: LogReadOptions & { readonly format?: string } = {},
): Promise<RecognisedLog> {
  const source = await openSource(path);
  const { format: name, ...readOptions } = options;
  const format = name === undefined ? sniffFormat(source.head) : formatNamed(name, 'read');
  if (!format?.open) throw unknownFormat(source);
  return new RecognisedLog(format, source, await format.open(source, readOptions));
}
