import { basename } from 'node:path';
import { VigilError } from '../../runtime/errors.js';
import { OutputFile } from '../../runtime/output-file.js';
import { mapChannels, mapHeader, parseChannelMap } from './channel-map.js';
import type { LogFormat, LogSummary, LogWriter } from './log-format.js';
import { formatNamed, logFormats, openLog, type RecognisedLog } from './registry.js';
import { FileSink, compressionForName } from './sink.js';

export interface ConvertOptions {
  readonly input: string;
  readonly output: string;
  /** Name of the format to read as; recognised from the content when absent. */
  readonly from?: string | undefined;
  /** Name of the format to write; chosen by the output's extension when absent. */
  readonly to?: string | undefined;
  /** New channels, `FROM=TO,...` (see `parseChannelMap`). */
  readonly channels?: string | undefined;
  /** Overwrite the output. */
  readonly force?: boolean;
  readonly signal?: AbortSignal;
  /** @param share part of the input that has been read, null when not known */
  readonly onProgress?: (frames: number, share: number | null) => void;
}

export interface ConvertSummary {
  readonly input: string;
  readonly output: string;
  /** Names of the formats. */
  readonly from: string;
  readonly to: string;
  readonly framesRead: number;
  readonly framesWritten: number;
  /** Size of the output. */
  readonly bytes: number;
  /** From the first frame to the last. */
  readonly seconds: number;
  /** What is missing in the output; then the exit code is 3. */
  readonly losses: readonly string[];
  /** What is good to know. */
  readonly notes: readonly string[];
}

function formatForName(output: string): LogFormat {
  const extension = /\.([^.]+)$/.exec(basename(output).replace(/\.(gz|zst)$/i, ''))?.[1].toLowerCase();
  const format = logFormats.find(
    (one) => one.create && extension !== undefined && one.extensions.includes(extension),
  );
  if (format) return format;
  const names = logFormats.flatMap((one) => (one.create ? [one.name] : []));
  throw new VigilError(
    'INVALID_ARGUMENT',
    `Expected the name of the output to say its format but received ${output}.`,
    `Say it with --to: ${names.join(', ')}.`,
  );
}

function counts(record: Readonly<Record<string, number>>): string[] {
  return Object.entries(record).map(([kind, count]) => `${kind} (${count})`);
}

/** What a log lost when it was read. */
export function lossesOf(summary: LogSummary): string[] {
  const losses: string[] = [];
  const first = summary.problems.at(0);
  const where = first ? `, first at ${first.place}: ${first.text}` : '';
  if (summary.damaged > 0) {
    losses.push(`${summary.damaged} damaged record${summary.damaged === 1 ? '' : 's'} left out${where}`);
  }
  if (summary.cutOff) {
    const reason = summary.problems.find(({ place }) => place === 'compression');
    losses.push(`the end is cut off${reason ? ` (${reason.text})` : ''}; what is whole was read`);
  }
  return losses;
}

/** Copies the frames; the writer is ended, the sink is not. */
async function copy(
  log: RecognisedLog,
  writer: LogWriter,
  { channels, signal, onProgress }: ConvertOptions,
): Promise<{ read: number; passed: number; seconds: number }> {
  const map = channels === undefined ? undefined : parseChannelMap(channels, log.header);
  let read = 0;
  let passed = 0;
  let firstMs = Infinity;
  let lastMs = -Infinity;
  for await (const batch of log) {
    signal?.throwIfAborted();
    const frames = map ? mapChannels(batch, map) : batch;
    await writer.write(frames);
    read += batch.count;
    passed += frames.count;
    for (let row = 0; row < frames.count; row++) {
      firstMs = Math.min(firstMs, frames.t[row]);
      lastMs = Math.max(lastMs, frames.t[row]);
    }
    onProgress?.(read, log.readShare);
  }
  await writer.close();
  return { read, passed, seconds: passed === 0 ? 0 : (lastMs - firstMs) / 1000 };
}

/**
 * Reads a log of any format and writes another. The output appears under its name when it is complete, or not at all.
 * @throws VigilError `INVALID_ARGUMENT`, `OUTPUT_EXISTS`, `OUTPUT_IS_INPUT`, `OUTPUT_FOLDER`, `OUTPUT_FAILED` and what
 *   `openLog` throws
 */
export async function convertLog(options: ConvertOptions): Promise<ConvertSummary> {
  const target = options.to === undefined ? formatForName(options.output) : formatNamed(options.to, 'write');
  const log = await openLog(options.input, options.from === undefined ? {} : { format: options.from });
  const output = await OutputFile.plan(options.output, options.force === true, [options.input]);
  let sink: FileSink | undefined;
  try {
    sink = await FileSink.open(output.temporary, compressionForName(options.output));
    const map = options.channels === undefined ? undefined : parseChannelMap(options.channels, log.header);
    const writer = await target.create!(sink, map ? mapHeader(log.header, map) : log.header);
    const { read, passed, seconds } = await copy(log, writer, options);
    await sink.close();
    await output.publish();
    const { leftOut = {}, reduced = {} } = writer;
    const unwritten = Object.values(leftOut).reduce((sum, count) => sum + count, 0);
    const { skipped, notes = [] } = log.summary;
    return {
      ...{ input: options.input, output: options.output, from: log.format.name, to: target.name },
      ...{ framesRead: read, framesWritten: passed - unwritten, bytes: sink.written, seconds },
      losses: [
        ...lossesOf(log.summary),
        ...counts(leftOut).map((kind) => `${target.name} can't hold: ${kind}`),
      ],
      notes: [
        ...notes,
        ...(passed < read ? [`${read - passed} frames left out by the channel map`] : []),
        ...counts(skipped).map((kind) => `no CAN frame: ${kind}`),
        ...counts(reduced).map((what) => `${target.name} does not hold: ${what}`),
      ],
    };
  } catch (error) {
    await sink?.close().catch(() => undefined);
    await output.discard();
    throw error;
  }
}
