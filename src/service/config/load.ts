import { readFileSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { isMap, isScalar, LineCounter, parseDocument, type Document } from 'yaml';
import type { z } from 'zod';
import { editDistance } from '../../assistant/understanding/similarity.js';
import { messageOf, VigilError } from '../../runtime/errors.js';
import { configSchema, type VigilConfig, type VigilConfigInput } from './schema.js';

/** One thing that is wrong with a configuration. */
export interface ConfigProblem {
  /** Where: `camera.fps`, `can[0].adress`; empty for the whole. */
  readonly key: string;
  /** From 1; undefined where the key is absent. */
  readonly line: number | undefined;
  readonly message: string;
}

/**
 * Reads and checks a configuration file. File names in it count from its own folder.
 * @throws VigilError `CONFIG_UNREADABLE`, `CONFIG_INVALID` (all problems, with their lines, in `details.problems`)
 */
export function loadConfig(file: string): VigilConfig {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new VigilError(
      'CONFIG_UNREADABLE',
      `Expected a configuration in ${file} but could not read it: ${messageOf(error)}.`,
      'vigil config example prints one to start from.',
    );
  }
  return withAbsolutePaths(parseConfig(text, file), dirname(file));
}

/** @throws VigilError `CONFIG_INVALID` */
export function parseConfig(text: string, file = 'vigil.yaml'): VigilConfig {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  if (document.errors.length > 0) {
    throw invalid(
      file,
      document.errors.map(({ message, linePos }) => ({
        key: '',
        line: linePos?.[0].line,
        message: message.split('\n')[0],
      })),
    );
  }
  const result = configSchema.safeParse(document.toJS() ?? {});
  if (result.success) return result.data;
  throw invalid(
    file,
    result.error.issues.flatMap((issue) => problemsOf(issue, (path) => lineOf(document, path, lines))),
  );
}

/**
 * As `parseConfig`, for a configuration that is an object already. File names in it should be absolute.
 * @throws VigilError `CONFIG_INVALID`
 */
export function checkConfig(config: VigilConfigInput): VigilConfig {
  const result = configSchema.safeParse(config);
  if (result.success) return result.data;
  throw invalid(
    'configuration',
    result.error.issues.flatMap((issue) => problemsOf(issue, () => undefined)),
  );
}

function invalid(file: string, problems: readonly ConfigProblem[]): VigilError {
  const shown = problems.map(({ key, line, message }) => {
    const place = line === undefined ? file : `${file}:${line}`;
    return `  ${place}: ${key === '' ? '' : `${key}: `}${message}`;
  });
  const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
  return new VigilError(
    'CONFIG_INVALID',
    `Expected a valid configuration (vigil config example prints one) but found ${count}:\n${shown.join('\n')}`,
    '',
    { problems },
  );
}

type LineOf = (path: readonly PropertyKey[]) => number | undefined;

function problemsOf(issue: z.core.$ZodIssue, lineOfPath: LineOf): ConfigProblem[] {
  const at = (path: readonly PropertyKey[], message: string): ConfigProblem => ({
    key: keyOf(path),
    line: lineOfPath(path),
    message,
  });
  if (issue.code !== 'unrecognized_keys') return [at(issue.path, wordingOf(issue))];
  const known = knownKeys(issue.path);
  return issue.keys.map((key) => {
    const near = nearest(key, known);
    const advice = near === undefined ? `known are ${known.join(', ')}` : `did you mean "${near}"?`;
    return at([...issue.path, key], `unknown key; ${advice}`);
  });
}

function wordingOf(issue: z.core.$ZodIssue): string {
  if (issue.code !== 'invalid_type') return issue.message;
  return issue.message.endsWith('received undefined')
    ? `missing; expected ${issue.expected}`
    : issue.message.replace('Invalid input: ', '');
}

function keyOf(path: readonly PropertyKey[]): string {
  return path
    .map((part, i) => (typeof part === 'number' ? `[${part}]` : `${i === 0 ? '' : '.'}${String(part)}`))
    .join('');
}

/** Of the key itself where it is in the file, else of what it should be in. */
function lineOf(document: Document, path: readonly PropertyKey[], lines: LineCounter): number | undefined {
  const parent = document.getIn(path.slice(0, -1), true);
  const pair = isMap(parent)
    ? parent.items.find(({ key }) => isScalar(key) && key.value === path.at(-1))
    : undefined;
  const node = isScalar(pair?.key) ? pair.key : (document.getIn(path, true) ?? parent);
  const range = typeof node === 'object' && node !== null && 'range' in node ? node.range : undefined;
  return Array.isArray(range) ? lines.linePos(range[0] as number).line : undefined;
}

/** The keys that the schema has at a place. */
function knownKeys(path: readonly PropertyKey[]): string[] {
  let schema: unknown = configSchema;
  for (const part of path) {
    const at = inner(schema);
    schema = typeof part === 'number' ? at.element : at.shape?.[String(part)];
  }
  return Object.keys(inner(schema).shape ?? {});
}

interface SchemaParts {
  readonly shape?: Record<string, unknown>;
  readonly element?: unknown;
}

/** Through defaults and optionals to the object or list below. */
function inner(schema: unknown): SchemaParts {
  let at = schema as { readonly def: { readonly innerType?: unknown } };
  while (at.def.innerType !== undefined) at = at.def.innerType as typeof at;
  return at as unknown as SchemaParts;
}

/** The known key that is spelled most alike, when it is near enough to be meant. */
function nearest(key: string, known: readonly string[]): string | undefined {
  const begun = known.find((name) => key.length > 2 && (name.startsWith(key) || key.startsWith(name)));
  if (begun !== undefined) return begun;
  const distances = known.map((name) => editDistance(key.toLowerCase(), name.toLowerCase()));
  const least = Math.min(...distances);
  return least <= Math.max(1, Math.floor(key.length / 3)) ? known[distances.indexOf(least)] : undefined;
}

/** Of everything that is a file when it looks like one; names of what is shipped stay names. */
function withAbsolutePaths(config: VigilConfig, folder: string): VigilConfig {
  const file = (name: string): string => (isAbsolute(name) ? name : join(folder, name));
  const fileOrName = (name: string): string => (/[/.]/.test(name) ? file(name) : name);
  const { can, driver, assistant, recorder, log } = config;
  return {
    ...config,
    can: can.map((bus) => ({
      ...bus,
      mapping: fileOrName(bus.mapping),
      ...(bus.dbc === undefined ? {} : { dbc: file(bus.dbc) }),
    })),
    driver: { ...driver, policy: driver.policy.map(fileOrName), cabin: fileOrName(driver.cabin) },
    ...(assistant === undefined ? {} : { assistant: { ...assistant, wake: fileOrName(assistant.wake) } }),
    ...(recorder === undefined ? {} : { recorder: { ...recorder, folder: file(recorder.folder) } }),
    log: { ...log, ...(log.file === undefined ? {} : { file: file(log.file) }) },
  };
}
