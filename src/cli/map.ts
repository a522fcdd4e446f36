import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { InvalidArgumentError, type Command } from 'commander';
import type { DbcDatabase } from '../can/dbc.js';
import { loadDbc } from '../can/dbc-parser.js';
import { compileValidity } from '../can/validity/compile.js';
import { readValidity } from '../can/validity/rules-file.js';
import { VigilError } from '../runtime/errors.js';
import { checkMapping, type MappingFinding, type MappingReport } from '../vehicle/mapping-check.js';
import type { MappingFile } from '../vehicle/mapping-file.js';
import { dbcFileOf, readMapping, standardMappingFile } from '../vehicle/mapping.js';
import { loadTree } from '../vehicle/tree.js';
import { ExitCode } from './command.js';

interface Options {
  readonly dbc?: string;
  readonly json?: boolean;
}

const examples = `
MAPPING is a file, or the name of a mapping that Vigil ships (signals/mappings).

Errors: a message or signal the DBC does not have, a path VSS does not have, a unit that the transform does not carry
over, a range or value that the VSS type cannot hold, an enum key that never comes. Warnings and notes do not fail.

Examples:
  vigil map check vigil-demo                                the demo vehicle, against its own DBC
  vigil map check toyota-drive --dbc _toyota_2017.dbc       a DBC that is not ours to ship
  vigil map check mine.yaml --json | jq .unmapped           what the mapping leaves unread`;

function mappingFile(name: string): string {
  if (existsSync(name)) return name;
  const shipped = standardMappingFile(name);
  if (/^[\w-]+$/.test(name) && existsSync(shipped)) return shipped;
  throw new InvalidArgumentError('Expected a mapping file, or the name of a mapping in signals/mappings.');
}

export function register(program: Command): void {
  const map = program.command('map').description('Mappings from DBC signals to VSS paths');
  map
    .command('check')
    .description('Check a mapping against the signal tree and a DBC; exit code 1 when it has errors')
    .argument('<mapping>', 'file or name', mappingFile)
    .option('--dbc <file>', 'the DBC; without it the one that the mapping names')
    .option('--json', 'one JSON object: mapping, entries, findings, unmapped')
    .addHelpText('after', examples)
    .action((file: string, options: Options) => check(file, options));
}

function check(file: string, { dbc, json }: Options): void {
  const mapping = readMapping(file);
  const { database, problems } = loadDbc(dbc ?? dbcFileOf(mapping));
  const left = problems.filter(({ severity }) => severity === 'error').length;
  if (left > 0) process.stderr.write(`${database.file}: ${left} statements of the DBC were left out\n`);
  const checked = checkMapping(mapping, loadTree(), database);
  const findings = [...checked.findings, ...checkRules(mapping, database)];
  const report: MappingReport = { ...checked, findings };
  process.stdout.write(json === true ? `${JSON.stringify(report)}\n` : describe(report));
  if (count(report, 'error') > 0) process.exitCode = ExitCode.failure;
}

/** The mapping's validity rules against the same DBC. */
function checkRules({ file, validity }: MappingFile, { messages }: DbcDatabase): MappingFinding[] {
  if (validity === undefined) return [];
  try {
    compileValidity(readValidity(resolve(dirname(file), validity)), messages);
    return [];
  } catch (error) {
    if (!(error instanceof VigilError)) throw error;
    return [{ severity: 'error', where: 'validity', text: error.message }];
  }
}

function count({ findings }: MappingReport, severity: MappingFinding['severity']): number {
  return findings.filter((finding) => finding.severity === severity).length;
}

function describe(report: MappingReport): string {
  const findings = report.findings.map(({ severity, where, text }) => `${severity}: ${where}: ${text}`);
  const unmapped = report.unmapped.map(
    ({ message, signals }) => `unmapped: ${message}: ${signals.join(', ')}`,
  );
  const left = report.unmapped.reduce((total, { signals }) => total + signals.length, 0);
  const total =
    `${report.mapping}: ${report.entries} entries, ${count(report, 'error')} errors, ` +
    `${count(report, 'warning')} warnings, ${count(report, 'note')} notes, ${left} unmapped signals`;
  return [...findings, ...unmapped, total, ''].join('\n');
}
