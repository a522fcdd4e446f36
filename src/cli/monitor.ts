import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { InvalidArgumentError, type Command } from 'commander';
import type { MonitorOptions } from './monitor/run.js';
import { compileFilter } from './monitor/ui-state.js';

interface Flags {
  readonly dbc?: readonly string[];
  readonly validity?: string;
  readonly known: boolean;
  readonly speed?: number;
  readonly filter: string;
  readonly for?: number;
  readonly json: boolean;
}

const examples = `
Sources:
  drive.log, drive.blf, ...    a log of any format Vigil reads, played at its own speed
  socketcan:can0               a CAN interface of this machine
  socketcand://host:29536/can0 a socketcand server
  slcan:/dev/ttyACM0           an slcan adapter; also slcan://host:port, with ?bitrate=500000

Keys: q quit, space pause, / filter (a regular expression over identifiers, messages and signals), s sort,
  b bits, d decoded signals, r reset, arrows and page keys scroll.
Bytes that changed within the last half second are inverse, bytes that never changed are dim.

Examples:
  vigil monitor drive.log --dbc car.dbc --dbc body.dbc
  vigil monitor socketcan:can0 --dbc car.dbc --filter 'speed|steer'
  vigil monitor drive.log --dbc toyota.dbc --validity toyota     a verdict behind each message
  vigil monitor drive.log --dbc car.dbc --json > snapshot.json    the whole log at once, then one object
  vigil monitor socketcan:can0 --for 10 | less                    a table of 10 seconds

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 done but the log is damaged or frames were lost.`;

export function register(program: Command): void {
  program
    .command('monitor')
    .description('Show a bus, or a log played at its own speed, as a live table: one row per identifier.')
    .argument('<source>', 'a log file, or a live bus')
    .option('--dbc <file...>', 'databases to decode with; the last one counts where two know an identifier')
    .option('--validity <rules>', 'check counters and checksums: a file of rules, or one of signals/validity')
    .option('--speed <factor|max>', 'how fast a log is played (default: 1 on a terminal, else max)', speed)
    .option('--filter <regex>', 'show only rows and signals that match, as the / key does', expression, '')
    .option('--known', 'of a live bus take only messages of the databases that the filter leaves', false)
    .option('--for <seconds>', 'stop after this long', seconds)
    .option('--json', 'no table: one JSON object at the end', false)
    .addHelpText('after', examples)
    .action(async (source: string, flags: Flags) => {
      const { monitor } = await import('./monitor/run.js');
      process.exitCode = await monitor(optionsOf(source, flags), {
        input: process.stdin,
        output: process.stdout,
        notes: process.stderr,
      });
    });
}

function optionsOf(
  source: string,
  { dbc, validity, known, speed, filter, for: seconds, json }: Flags,
): MonitorOptions {
  const isFile = existsSync(source);
  return {
    source,
    title: isFile ? basename(source) : source,
    dbc: dbc ?? [],
    filter,
    known,
    json,
    ...(validity === undefined ? {} : { validity }),
    ...(speed === undefined ? {} : { speed }),
    ...(seconds === undefined ? {} : { seconds }),
  };
}

function speed(text: string): number {
  if (text === 'max') return Infinity;
  const factor = Number(text);
  if (factor > 0 && factor <= 1000) return factor;
  throw new InvalidArgumentError('Expected a factor above 0 and up to 1000, or max.');
}

function seconds(text: string): number {
  const value = Number(text);
  if (value > 0 && value <= 1e9) return value;
  throw new InvalidArgumentError('Expected seconds, more than 0.');
}

function expression(text: string): string {
  if (compileFilter(text) !== undefined) return text;
  throw new InvalidArgumentError('Expected a regular expression.');
}
