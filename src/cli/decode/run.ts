import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { loadDbc } from '../../can/dbc-parser.js';
import { openLog } from '../../can/logs/registry.js';
import type { LogSummary } from '../../can/logs/log-format.js';
import { invalidArgument } from '../../runtime/errors.js';
import { ExitCode } from '../command.js';
import { FrameDecoder, type DecodeFilter, type DecodeSource, type FrameCounts } from './frame-decoder.js';
import { batchText, humanLines, jsonLines } from './line.js';

export interface DecodeOptions extends DecodeFilter {
  readonly log: string;
  /** Databases of all channels that have none of their own. */
  readonly dbc: readonly string[];
  readonly channels: readonly { readonly channel: number; readonly file: string }[];
  readonly json: boolean;
}

export interface DecodeStreams {
  readonly output: Writable;
  readonly notes: Writable;
}

function loadSources({ dbc, channels }: DecodeOptions, notes: Writable): DecodeSource[] {
  const load = (file: string): DecodeSource['database'] => {
    const { database, problems } = loadDbc(file);
    const left = problems.filter(({ severity }) => severity === 'error').length;
    if (left > 0) notes.write(`${file}: ${left} statements of the DBC were left out\n`);
    return database;
  };
  return [
    ...dbc.map((file) => ({ database: load(file) })),
    ...channels.map(({ channel, file }) => ({ database: load(file), channel })),
  ];
}

function describeCounts({ frames, decoded, truncated, withoutData }: FrameCounts): string {
  const others = frames - decoded - withoutData;
  return (
    `${frames} frames: ${decoded} decoded, ${others} of no wanted message, ${withoutData} remote or error` +
    (truncated === 0 ? '' : `; ${truncated} shorter than their message`)
  );
}

function isDamaged({ damaged, cutOff }: LogSummary): boolean {
  return damaged > 0 || cutOff;
}

function describeDamage({ damaged, cutOff, problems }: LogSummary): string {
  const lines = problems.map(({ place, text }) => `  ${place}: ${text}`);
  return [`${damaged} damaged records${cutOff ? ', cut off at the end' : ''}`, ...lines, ''].join('\n');
}

/**
 * Decodes a log of any format to one line a frame. Memory does not depend on the length of the log, nor on how slowly
 * the output is read.
 * @returns the exit code: 3 when the log is damaged
 * @throws VigilError `INVALID_ARGUMENT` without a database or when nothing matches the filters, and as `openLog` and
 *   `loadDbc`
 */
export async function decode(options: DecodeOptions, { output, notes }: DecodeStreams): Promise<number> {
  const decoder = new FrameDecoder(loadSources(options, notes), options);
  if (decoder.messages === 0) {
    const globs = [...options.messages, ...options.signals].join(' ');
    throw invalidArgument('--message and --signal', 'globs that match something in the databases', globs);
  }
  const log = await openLog(options.log);
  const { startNs, channelNames } = log.header;
  const line = options.json ? jsonLines(startNs) : humanLines(startNs, channelNames);
  for await (const frames of log) {
    const text = batchText(frames, decoder.match(frames), line);
    if (text !== '' && !output.write(text)) await once(output, 'drain');
  }
  notes.write(`${describeCounts(decoder.counts)}\n`);
  if (!isDamaged(log.summary)) return ExitCode.ok;
  notes.write(describeDamage(log.summary));
  return ExitCode.dataLoss;
}
