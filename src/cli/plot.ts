import { InvalidArgumentError, type Command } from 'commander';
import { invalidArgument } from '../runtime/errors.js';
import type { PlotOptions } from './plot/run.js';

interface Flags {
  readonly dbc: readonly string[];
  readonly signal: readonly string[];
  readonly output?: string;
  readonly force: boolean;
  readonly json: boolean;
  readonly from?: number;
  readonly to?: number;
  readonly width: number;
  readonly title?: string;
}

const examples = `
One panel per unit, one time axis. Where a log has more samples than the picture has pixels, lowest and highest of each
column of pixels are kept. A curve is interrupted where its message was silent.

Examples:
  vigil plot drive.log --dbc car.dbc --signal '*SPEED*'                      in the terminal
  vigil plot drive.log --dbc car.dbc --signal 'WHEELS.*' BRAKE -o drive.svg
  vigil plot drive.blf --dbc car.dbc --signal STEER_ANGLE --from 60 --to 1:30 -o drive.png
  vigil plot drive.log --dbc car.dbc --signal '*' --json                     range and samples of every signal

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 done but the log is damaged.`;

export function register(program: Command): void {
  program
    .command('plot')
    .description('Draw signals of a log over time: in the terminal, as SVG or as PNG.')
    .argument('<log>', 'a log of any format Vigil reads')
    .requiredOption('--dbc <file...>', 'databases to decode with')
    .requiredOption('--signal <glob...>', 'SIGNAL or MESSAGE.SIGNAL; * is anything, ? one character')
    .option('-o, --output <file>', 'write a .svg or .png file')
    .option('--force', 'overwrite the output file', false)
    .option('--from <time>', 'start there: seconds or minutes:seconds after the first frame', time)
    .option('--to <time>', 'stop there', time)
    .option('--width <pixels>', 'width of the picture', pixels, 1000)
    .option('--title <text>', 'instead of the name of the log')
    .option('--json', 'no drawing in the terminal: what was plotted as one JSON object', false)
    .addHelpText('after', examples)
    .action(async (path: string, flags: Flags) => {
      const { plot } = await import('./plot/run.js');
      process.exitCode = await plot(optionsOf(path, flags), {
        output: process.stdout,
        notes: process.stderr,
      });
    });
}

function optionsOf(path: string, flags: Flags): PlotOptions {
  const { from, to, output, title, ...rest } = flags;
  const [fromMs, toMs] = [from ?? 0, to ?? Infinity];
  if (!(toMs > fromMs)) throw invalidArgument('--to', 'a time after --from', toMs / 1000);
  if (output !== undefined && !/\.(svg|png)$/i.test(output))
    throw invalidArgument('--output', 'a file name that ends in .svg or .png', output);
  return {
    ...rest,
    path,
    fromMs,
    toMs,
    ...(output === undefined ? {} : { output }),
    ...(title === undefined ? {} : { title }),
  };
}

/** "83.5" or "1:23.5" as ms. */
function time(text: string): number {
  const match = /^(?:(\d+):)?(\d+(?:\.\d+)?)$/.exec(text);
  if (match === null) throw new InvalidArgumentError('Expected seconds (83.5) or minutes:seconds (1:23.5).');
  const [, minutes, seconds] = match as unknown as [string, string | undefined, string];
  return (Number(minutes ?? 0) * 60 + Number(seconds)) * 1000;
}

function pixels(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 300 && value <= 10_000) return value;
  throw new InvalidArgumentError('Expected a whole number from 300 to 10000.');
}
