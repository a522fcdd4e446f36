import { existsSync } from 'node:fs';
import type { Writable } from 'node:stream';
import type { Command } from 'commander';
import { colors } from '../../src/cli/colors.js';
import { ExitCode } from '../../src/cli/command.js';
import { figure } from '../../src/cli/plot/figure.js';
import { writeFigure } from '../../src/cli/plot/write-figure.js';
import { terminalPlot } from '../../src/cli/plot/terminal-plot.js';
import { invalidArgument, VigilError } from '../../src/runtime/errors.js';
import { explain, type Explained } from '../explain/explain.js';
import { listLines, storyLines } from '../explain/story.js';
import { limitsOf, spansOf, traceOf } from '../explain/trace.js';
import { driveTime } from '../replay/wording.js';

interface Flags {
  alert?: string;
  policy: string;
  before: string;
  after: string;
  output?: string;
  force: boolean;
  json: boolean;
  plot: boolean;
}

const examples = `
Examples:
  vigil explain build/demo.mcap                          which alerts the drive raises
  vigil explain build/demo.mcap --alert 1                why, with the trace drawn in the terminal
  vigil explain drive.mcap --alert microsleep-2 -o trace.svg
  vigil explain drive.mcap --alert 3 --json > alert3.json

Exit codes: 0 done, 1 failed (also: no such alert), 2 wrong usage, 130 interrupted.`;

export function register(program: Command): void {
  program
    .command('explain')
    .description('Tell why a recorded drive raised an alert, and draw what was measured around it.')
    .argument('<drive.mcap>', 'a recording, see `vigil import`')
    .option('--alert <number|id>', 'the alert: its number in the drive, or its id')
    .option('--policy <name>', 'thresholds: a file in signals/policies', 'euroncap-2026')
    .option('--before <seconds>', 'shown before the alert', '10')
    .option('--after <seconds>', 'shown after its end', '5')
    .option('-o, --output <file>', 'draw into a .svg or .png file instead of the terminal')
    .option('--force', 'overwrite the output file', false)
    .option('--no-plot', 'words only')
    .option('--json', 'the alert and everything measured around it as one JSON object', false)
    .addHelpText('after', examples)
    .action(async (path: string, flags: Flags) => {
      process.exitCode = await run(path, flags);
    });
}

async function run(path: string, flags: Flags): Promise<number> {
  const length = { beforeMs: seconds('--before', flags.before), afterMs: seconds('--after', flags.after) };
  if (flags.output !== undefined && flags.alert === undefined)
    throw invalidArgument('--output', 'to go with --alert', flags.output);
  if (flags.output !== undefined && existsSync(flags.output) && !flags.force) {
    throw new VigilError(
      'OUTPUT_EXISTS',
      `Expected a new file for --output but ${flags.output} exists.`,
      'Give another name, or --force to overwrite it.',
    );
  }
  const interrupt = new AbortController();
  const onSignal = (): void => interrupt.abort();
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  const progress = progressLine();
  try {
    const options = { path, fromMs: 0, toMs: Number.POSITIVE_INFINITY, policy: flags.policy };
    const explained = await explain(
      options,
      flags.alert ?? null,
      length,
      interrupt.signal,
      (start, reachedMs) => progress.show(`${driveTime(reachedMs)} of ${driveTime(start.endMs)}`),
    );
    progress.clear();
    await write(explained, flags);
    return ExitCode.ok;
  } catch (error) {
    if (interrupt.signal.aborted) return interruptedExitCode;
    throw error;
  } finally {
    progress.clear();
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
}

const interruptedExitCode = 130;
const figureWidth = 960;

async function write({ start, entries, window }: Explained, flags: Flags): Promise<void> {
  const { stderr } = process;
  const stdout: Writable & { columns?: number } = process.stdout;
  if (window === null) {
    if (flags.json) stdout.write(`${JSON.stringify({ start, alerts: entries })}\n`);
    else stdout.write(`${entries.length === 0 ? 'No alerts.' : listLines(entries).join('\n')}\n`);
    return;
  }
  if (flags.json) stdout.write(`${JSON.stringify({ start, ...window })}\n`);
  else stdout.write(`${storyLines(window, start).join('\n')}\n`);
  const trace = traceOf(window);
  const title = `${window.alert.id}: ${window.alert.policy.id}, ${window.alert.rule}`;
  if (flags.output !== undefined) {
    const drawn = figure(trace, {
      title,
      width: figureWidth,
      spans: spansOf(window),
      limits: limitsOf(window),
    });
    await writeFigure(drawn, flags.output);
    stderr.write(
      `${flags.output}: the trace from ${driveTime(window.fromMs)} to ${driveTime(window.toMs)}\n`,
    );
  } else if (flags.plot && !flags.json) {
    const size = { columns: stdout.columns ?? 100, lines: 44 };
    stdout.write(`\n${terminalPlot(trace, title, size, colors).join('\n')}\n`);
  }
}

function seconds(option: string, text: string): number {
  const value = Number(text);
  if (!(value >= 0 && value <= 600) || text.trim() === '')
    throw invalidArgument(option, 'seconds from 0 to 600', text);
  return value * 1000;
}

/** A line on stderr that is overwritten, when a person watches. */
function progressLine(): { show: (text: string) => void; clear: () => void } {
  const live = process.stderr.isTTY;
  let shown = false;
  return {
    show: (text) => {
      if (live) process.stderr.write(`\r\u001b[Kreplaying ${text}`);
      shown = live;
    },
    clear: () => {
      if (shown) process.stderr.write('\r\u001b[K');
      shown = false;
    },
  };
}
