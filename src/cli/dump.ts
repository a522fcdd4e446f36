import type { Command } from 'commander';
import { describeProblem, type DbcMessage, type DbcProblem } from '../can/dbc.js';
import { loadDbc, unsound, type ParsedDbc } from '../can/dbc-parser.js';
import { invalidArgument } from '../runtime/errors.js';
import { ExitCode } from './command.js';
import { databaseJson } from './dump/json.js';
import { databaseLines, messageLines } from './dump/text.js';

interface Options {
  readonly message?: readonly string[];
  readonly strict?: boolean;
  readonly json?: boolean;
}

const examples = `
The picture of a message has a row per byte and bit 7 on the left: < is a signal's most
significant bit, x its least, # a bit of several signals; a number stands for the signal in
the table below it. A message with switches has a picture for each of their values.

Examples:
  vigil dump car.dbc                          everything
  vigil dump car.dbc --message BRAKE          one message, by name or identifier (0x1A0)
  vigil dump car.dbc --strict --json          refuse a file with any problem; one JSON object

Exit code 3 when something in the file had to be left out.`;

export function register(program: Command): void {
  program
    .command('dump')
    .description('Show what a DBC file holds: bits, signals, switches, choices, attributes, problems')
    .argument('<dbc>', 'the DBC file; files it imports are looked for beside it')
    .option('-m, --message <name>', 'only this message, by name or identifier; may be given again', collect)
    .option('--strict', 'refuse a file with any problem')
    .option('--json', 'one JSON object instead of text')
    .addHelpText('after', examples)
    .action((file: string, options: Options) => dump(file, options));
}

function collect(name: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), name];
}

function isNamed({ name, id }: DbcMessage, wanted: string): boolean {
  return name === wanted || (/^(0x[0-9a-f]+|\d+)$/i.test(wanted) && id === Number(wanted));
}

function chosen({ database }: ParsedDbc, wanted: readonly string[] | undefined): readonly DbcMessage[] {
  if (wanted === undefined) return database.messages;
  for (const name of wanted) {
    if (database.messages.some((message) => isNamed(message, name))) continue;
    throw invalidArgument('--message', `a message of ${database.file}`, name);
  }
  return database.messages.filter((message) => wanted.some((name) => isNamed(message, name)));
}

function problemLines(problems: readonly DbcProblem[]): string[] {
  if (problems.length === 0) return [];
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  const head = `Problems: ${errors} left out, ${problems.length - errors} kept with a warning`;
  return ['', head, ...problems.map((problem) => `  ${describeProblem(problem)}`)];
}

function dump(file: string, { message, strict, json }: Options): void {
  const parsed = loadDbc(file);
  if (strict === true && parsed.problems.length > 0) {
    process.stderr.write(`${parsed.problems.map(describeProblem).join('\n')}\n`);
    throw unsound(file, parsed.problems);
  }
  const messages = chosen(parsed, message);
  const { database, problems, imports } = parsed;
  if (json === true) {
    process.stdout.write(`${JSON.stringify(databaseJson(parsed, messages))}\n`);
  } else {
    const lines = message === undefined ? databaseLines(database, imports) : [];
    for (const one of messages) lines.push(...(lines.length > 0 ? [''] : []), ...messageLines(database, one));
    lines.push(...problemLines(problems));
    process.stdout.write(`${lines.join('\n')}\n`);
  }
  if (problems.some(({ severity }) => severity === 'error')) process.exitCode = ExitCode.dataLoss;
}
