import type { Command } from 'commander';
import type { BuildOutcome } from '../../models/build.js';
import { inspectModel, isOptional, manifest, type ModelEntry, type ModelState } from '../runtime/models.js';
import { modelsDir } from '../runtime/paths.js';
import { ExitCode } from './command.js';

interface Options {
  readonly json?: boolean;
  readonly force?: boolean;
}

const examples = `
Examples:
  vigil models build             build what is missing or wrong (a second start does nothing)
  vigil models verify            check every file against the manifest; exit code 1 if one is not right
  vigil models list --json       one JSON object per model and line

Built models lie in ${modelsDir} (VIGIL_MODELS moves them).`;

export function register(program: Command): void {
  const models = program
    .command('models')
    .description('List, build and verify the neural networks and data that Vigil uses')
    .addHelpText('after', examples);
  models
    .command('list')
    .description('Show every model: state, licence, source and purpose')
    .option('--json', 'one JSON object per model and line')
    .action((options: Options) => list(options));
  models
    .command('build')
    .description('Convert the models from the installed npm packages; files already right are kept')
    .option('--force', 'build also what is already right')
    .option('--json', 'one JSON object per model and line')
    .action((options: Options) => build(options));
  models
    .command('verify')
    .description('Compare every model file with the sha256 in the manifest')
    .option('--json', 'one JSON object per model and line')
    .action((options: Options) => verify(options));
}

function list({ json }: Options): void {
  for (const entry of manifest().models) {
    const row = { ...entry, ...stateOf(entry) };
    if (json === true) {
      printJson(row);
      continue;
    }
    const budget = row.latencyBudgetMs === null ? 'not run' : `<= ${row.latencyBudgetMs} ms a run`;
    const data = row.researchOnly ? ', trained on research-only data' : '';
    print(`${row.id}  [${row.state}]`);
    print(`  ${row.purpose}`);
    print(`  ${origin(entry)}, ${row.licence}${data}, ${budget}`);
    print(`  ${row.path}`);
  }
}

async function build({ json, force }: Options): Promise<void> {
  const { buildModels } = await import('../../models/build.js');
  const outcomes = buildModels({
    force: force === true,
    onProgress: (id, outcome) => {
      if (outcome === undefined) note(`${id} ...`);
      else note(`${id} ${outcome.action} (${size(outcome)})`);
    },
  });
  for (const outcome of outcomes) {
    if (json === true) printJson(outcome);
    else print(`${outcome.action.padEnd(9)}  ${outcome.sha256.slice(0, 12)}  ${outcome.path}`);
  }
}

function verify({ json }: Options): void {
  const rows = manifest().models.map((entry) => ({
    id: entry.id,
    expected: entry.sha256,
    optional: isOptional(entry),
    ...stateOf(entry),
  }));
  for (const row of rows) {
    if (json === true) printJson(row);
    else print(`${row.state.padEnd(8)}  ${row.id}  ${row.path}`);
  }
  const wrong = rows.filter(
    ({ state, optional }) => state === 'mismatch' || (state === 'missing' && !optional),
  );
  if (wrong.length === 0) return;
  for (const { id, expected, sha256 } of wrong) {
    note(`${id}: expected sha256 ${expected} but found ${sha256 ?? 'no file'}`);
  }
  note('Run `vigil models build`.');
  process.exitCode = ExitCode.failure;
}

function stateOf(entry: ModelEntry): { state: ModelState; path: string; sha256: string | null } {
  const { state, path, sha256 } = inspectModel(entry);
  return { state, path, sha256: sha256 ?? null };
}

function origin(entry: ModelEntry): string {
  if (entry.kind === 'committed') return `trained by ${entry.training.script}`;
  return `from npm ${entry.source.package}@${entry.source.version} (${entry.source.member})`;
}

function size({ bytes }: BuildOutcome): string {
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(0)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function printJson(row: object): void {
  print(JSON.stringify(row));
}

function note(line: string): void {
  process.stderr.write(`${line}\n`);
}
