/**
 * npm run bench [-- NAME...] [--json] [--write FILE]
 *
 * Measures, beside other implementations where they are at hand. `--write` puts the tables into a Markdown file,
 * each between its own marks.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { ExitCode } from '../../src/cli/command.js';
import { VigilError, messageOf } from '../../src/runtime/errors.js';
import type { BenchRow } from './row.js';
import { markdownTable, replaceBlock, textTable } from './table.js';

interface BenchModule {
  run(): Promise<BenchRow[]>;
}

const names = [
  'assistant',
  'can-decode',
  'can-live',
  'can-logs',
  'can-subscribers',
  'can-validity',
  'driver-measures',
  'driver-path',
  'drowsiness',
  'eyes',
  'mcap',
  'policy-step',
  'phone',
  'speech',
  'understanding',
  'speech-latency',
  'speech-listening',
  'vision',
  'wake',
] as const;
type BenchName = (typeof names)[number];

const usage = `Usage: npm run bench -- [NAME...] [--json] [--write FILE]
Names: ${names.join(', ')}; without one, all. VIGIL_PEER_PYTHON names a Python that has the peers.
`;

function isName(name: string): name is BenchName {
  return (names as readonly string[]).includes(name);
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND';
}

/** The module of that name; undefined when this build does not have it. */
async function load(name: BenchName): Promise<BenchModule | undefined> {
  const file = new URL(`./${name}.js`, import.meta.url);
  if (!existsSync(file)) return undefined;
  try {
    return (await import(file.href)) as BenchModule;
  } catch (error) {
    if (!isMissing(error)) throw error;
    throw new VigilError(
      'BENCH_UNAVAILABLE',
      `Expected the benchmark ${name} to load but: ${messageOf(error)}.`,
      'Run `npm run build` and `./run setup`.',
      { name },
      { cause: error },
    );
  }
}

/** Processor, Node and load, on one line: a figure without them says nothing. */
export function machineLine(): string {
  const processors = cpus();
  const model = processors[0]?.model ?? 'unknown processor';
  return `${model}, ${processors.length} processors; Node ${process.version}; load average ${loadavg()[0].toFixed(2)}`;
}

function writeInto(file: string, results: ReadonlyMap<BenchName, Result>): void {
  let document = existsSync(file) ? readFileSync(file, 'utf8') : '# Benchmarks\n';
  for (const [name, { machine, rows }] of results) {
    const made = `Made with \`npm run bench -- ${name} --write docs/benchmarks.md\` on ${machine}.`;
    document = replaceBlock(document, name, `${made}\n\n${markdownTable(rows)}`);
  }
  writeFileSync(file, document);
}

interface Result {
  readonly machine: string;
  readonly rows: readonly BenchRow[];
}

async function measure(asked: readonly BenchName[], all: boolean): Promise<Map<BenchName, Result>> {
  const results = new Map<BenchName, Result>();
  for (const name of asked) {
    const machine = machineLine();
    process.stderr.write(`${name} ...\n`);
    const module = await load(name);
    if (module !== undefined) results.set(name, { machine, rows: await module.run() });
    else if (all) process.stderr.write(`${name}: not in this build, left out\n`);
    else
      throw new VigilError(
        'BENCH_UNAVAILABLE',
        `Expected the benchmark ${name} in this build but it is not there.`,
        'Run `npm run build`.',
      );
  }
  return results;
}

async function main(argv: readonly string[]): Promise<number> {
  let parsed;
  try {
    parsed = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        json: { type: 'boolean' },
        write: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    process.stderr.write(`vigil: ${messageOf(error)}\n${usage}`);
    return ExitCode.usage;
  }
  const { values, positionals } = parsed;
  if (values.help === true) {
    process.stdout.write(usage);
    return ExitCode.ok;
  }
  const unknown = positionals.filter((name) => !isName(name));
  if (unknown.length > 0) {
    process.stderr.write(`vigil: no benchmark is called ${unknown.join(', ')}.\n${usage}`);
    return ExitCode.usage;
  }
  const asked = positionals.filter(isName);
  const results = await measure(asked.length > 0 ? asked : names, asked.length === 0);
  if (values.json === true) {
    process.stdout.write(`${JSON.stringify(Object.fromEntries(results), undefined, 1)}\n`);
  } else {
    for (const [name, { machine, rows }] of results)
      process.stdout.write(`${name} (${machine})\n\n${textTable(rows)}\n\n`);
  }
  if (values.write !== undefined) writeInto(values.write, results);
  return ExitCode.ok;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`vigil: ${messageOf(error)}\n`);
  process.exitCode = ExitCode.failure;
}
