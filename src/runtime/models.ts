import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { VigilError, messageOf } from './errors.js';
import { parseManifest, type ModelEntry, type ModelManifest } from './model-manifest.js';
import { modelsDir, packageRoot } from './paths.js';

export type { ModelEntry, ModelManifest, ModelPort } from './model-manifest.js';

/** A model whose file was found and has the manifest's hash. */
export interface ReadyModel {
  readonly path: string;
  /** Of the file, lower-case hex; what was measured, which equals the manifest's. */
  readonly sha256: string;
  readonly entry: ModelEntry;
}

export type ModelState = 'ready' | 'missing' | 'mismatch';

/** Committed with the sources, so it lies in the package and never in `modelsDir`. */
export const manifestPath = join(packageRoot, 'models', 'manifest.json');

/**
 * Reads and checks a manifest.
 * @throws VigilError `MODEL_MANIFEST_INVALID`
 */
export function loadManifest(path = manifestPath): ModelManifest {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new VigilError(
      'MODEL_MANIFEST_INVALID',
      `Expected a JSON manifest at ${path} but: ${messageOf(error)}.`,
      'Install the package again.',
      { path },
      { cause: error },
    );
  }
  return parseManifest(json);
}

let shippedManifest: ModelManifest | undefined;

/** The manifest of this package, read once per process. @throws VigilError `MODEL_MANIFEST_INVALID` */
export function manifest(): ModelManifest {
  return (shippedManifest ??= loadManifest());
}

/** @throws VigilError `MODEL_UNKNOWN` */
export function modelEntry(id: string, from: ModelManifest = manifest()): ModelEntry {
  const entry = from.models.find((model) => model.id === id);
  if (entry !== undefined) return entry;
  const known = from.models.map((model) => model.id).join(', ');
  throw new VigilError(
    'MODEL_UNKNOWN',
    `Expected the id of a model in the manifest (${known}) but received ${JSON.stringify(id)}.`,
    'See `vigil models list`.',
    { id },
  );
}

/** Where a model's file lies: converted ones in `directory`, our own beside the manifest. */
export function modelPath(entry: ModelEntry, directory = modelsDir): string {
  return entry.kind === 'committed' ? join(packageRoot, 'models', entry.file) : join(directory, entry.file);
}

/** sha256 of a file as lower-case hex, undefined where there is none. */
export function fileSha256(path: string): string | undefined {
  return existsSync(path) ? sha256Of(readFileSync(path)) : undefined;
}

export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** The product works without what was trained on research-only data: its file may be taken out. */
export function isOptional(entry: ModelEntry): boolean {
  return entry.kind === 'committed' && entry.researchOnly;
}

/** What is on disk for a model, measured now. */
export function inspectModel(
  entry: ModelEntry,
  directory = modelsDir,
): { readonly state: ModelState; readonly path: string; readonly sha256: string | undefined } {
  const path = modelPath(entry, directory);
  const sha256 = fileSha256(path);
  if (sha256 === undefined) return { state: 'missing', path, sha256 };
  return { state: sha256 === entry.sha256 ? 'ready' : 'mismatch', path, sha256 };
}

/** Files already checked in this process, path -> sha256. Only matches are kept, so a repaired file is seen. */
const checked = new Map<string, string>();

/**
 * A model's file, checked against the manifest's sha256 on first use in this process.
 * @param directory where converted models lie
 * @throws VigilError `MODEL_UNKNOWN`, `MODEL_NOT_BUILT` or `MODEL_HASH_MISMATCH`
 */
export function requireModel(id: string, directory = modelsDir): ReadyModel {
  const entry = modelEntry(id);
  const path = modelPath(entry, directory);
  if (checked.get(path) === entry.sha256) return { path, sha256: entry.sha256, entry };
  const { state, sha256 } = inspectModel(entry, directory);
  if (state === 'missing') {
    throw new VigilError(
      'MODEL_NOT_BUILT',
      `Expected the model ${id} at ${path} but found nothing.`,
      restore(entry),
      { id, path },
    );
  }
  if (state === 'mismatch') throw hashMismatch(entry, path, sha256 ?? '');
  checked.set(path, entry.sha256);
  return { path, sha256: entry.sha256, entry };
}

/** The error for a file with another content than the manifest states; names both hashes. */
export function hashMismatch(entry: ModelEntry, path: string, actual: string): VigilError {
  return new VigilError(
    'MODEL_HASH_MISMATCH',
    `Expected sha256 ${entry.sha256} for the model ${entry.id} but ${path} has ${actual}.`,
    restore(entry),
    { id: entry.id, path, expected: entry.sha256, actual },
  );
}

function restore(entry: ModelEntry): string {
  return entry.kind === 'committed' ? 'Install the package again.' : 'Run `vigil models build`.';
}
