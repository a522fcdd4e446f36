import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import type { Writable } from 'node:stream';
import { colors } from '../colors.js';
import { VigilError } from '../../runtime/errors.js';
import { ExitCode } from '../command.js';
import { loadDatabases } from '../monitor/databases.js';
import { openFrameLog } from '../monitor/log-source.js';
import { collectSeries, type Collected } from './collect.js';
import { figure } from './figure.js';
import { selectSignals } from './glob.js';
import { terminalPlot } from './terminal-plot.js';
import { writeFigure } from './write-figure.js';

export interface PlotOptions {
  readonly path: string;
  readonly dbc: readonly string[];
  /** Globs. */
  readonly signal: readonly string[];
  /** A .svg or .png file; the terminal when absent. */
  readonly output?: string;
  readonly force: boolean;
  readonly json: boolean;
  /** ms after the first frame. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Pixels. */
  readonly width: number;
  readonly title?: string;
}

export interface PlotStreams {
  readonly output: Writable & { columns?: number; rows?: number };
  readonly notes: Writable;
}

/** Size of a plot that isn't on a terminal. */
const plainSize = { columns: 100, lines: 40 };

/**
 * Draws signals of a log.
 * @returns the exit code
 * @throws VigilError when something can't be read or written, or no signal fits
 */
export async function plot(options: PlotOptions, { output, notes }: PlotStreams): Promise<number> {
  if (options.output !== undefined && existsSync(options.output) && !options.force) {
    throw new VigilError(
      'OUTPUT_EXISTS',
      `Expected a new file for --output but ${options.output} exists.`,
      'Give another name, or --force to overwrite it.',
    );
  }
  const databases = loadDatabases(options.dbc);
  if (databases === undefined)
    throw new VigilError('INVALID_ARGUMENT', 'Expected a database (--dbc) but none is given.');
  for (const note of databases.notes) notes.write(`vigil: ${note}\n`);
  const selected = selectSignals(databases.database, options.signal);
  const log = await openFrameLog(options.path);
  const collected = await collectSeries(log, databases.database, selected, options);
  if (collected.series.length === 0) throw nothingToPlot(options, collected);
  if (collected.empty.length > 0) notes.write(`vigil: without a sample: ${collected.empty.join(', ')}\n`);
  const title = options.title ?? basename(options.path);
  if (options.output !== undefined) {
    await writeFigure(figure(collected, { title, width: options.width }), options.output);
    const samples = collected.series.reduce((sum, series) => sum + series.samples, 0);
    notes.write(`${options.output}: ${collected.series.length} signals, ${samples} samples\n`);
  } else if (!options.json) {
    const size = {
      columns: output.columns ?? plainSize.columns,
      lines: output.rows ?? plainSize.lines,
    };
    for (const line of terminalPlot(collected, title, size, colors)) output.write(`${line}\n`);
  }
  if (options.json) output.write(`${JSON.stringify(plotFacts(options, collected))}\n`);
  const problems = log.problems();
  for (const problem of problems) notes.write(`vigil: ${problem}\n`);
  return problems.length > 0 ? ExitCode.dataLoss : ExitCode.ok;
}

/** What `--json` prints; times in seconds after the first frame. */
function plotFacts({ path, output }: PlotOptions, { series, empty, fromMs, toMs }: Collected): object {
  return {
    log: path,
    output: output ?? null,
    from: fromMs / 1000,
    to: toMs / 1000,
    signals: series.map(({ name, signal, samples, lowest, highest }) => ({
      name,
      unit: signal.unit,
      samples,
      lowest,
      highest,
    })),
    empty,
  };
}

function nothingToPlot({ path, signal }: PlotOptions, { empty, firstMs }: Collected): VigilError {
  const what = Number.isNaN(firstMs)
    ? `${path} holds no frames`
    : `${path} has none within --from and --to for ${empty.length === 0 ? signal.join(', ') : empty.join(', ')}`;
  return new VigilError('NOTHING_TO_PLOT', `Expected samples of at least one signal but ${what}.`);
}
