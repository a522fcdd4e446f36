import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { VigilError, messageOf } from '../src/runtime/errors.js';
import type { ConvertedModel, ModelManifest } from '../src/runtime/model-manifest.js';
import { hashMismatch, inspectModel, isOptional, manifest, sha256Of } from '../src/runtime/models.js';
import { modelsDir } from '../src/runtime/paths.js';
import { encodeCanonicalFaceMesh, readCanonicalFaceMesh } from './convert/canonical-face-mesh.js';
import { fixShapes } from './convert/fixed-shapes.js';
import { longEmbedding } from './convert/wake-embedding.js';
import { encodeLlamaTokenizer, readLlamaTokenizer } from './convert/llama-tokenizer.js';
import { moonshineDecoder, moonshineVocabulary } from './convert/moonshine.js';
import { readPackageFile, readPackedAsset } from './convert/packed-assets.js';
import { convertTfjs } from './convert/tfjs-to-onnx.js';
import { convertTflite, type ConversionRequest, type Port } from './convert/tflite-to-onnx.js';

const require = createRequire(import.meta.url);

export interface BuildOutcome {
  readonly id: string;
  /**
   * `kept`: the file was already right. `committed`: comes with the package, only checked. `leftOut`: somebody without
   * the right to weights trained on research-only data took them out; nothing needs them.
   */
  readonly action: 'built' | 'kept' | 'committed' | 'leftOut';
  readonly path: string;
  readonly sha256: string;
  readonly bytes: number;
}

export interface BuildOptions {
  readonly directory?: string;
  /** Builds also what is already right. */
  readonly force?: boolean;
  readonly manifest?: ModelManifest;
  /** Called before (`undefined`) and after each model. */
  readonly onProgress?: (id: string, outcome: BuildOutcome | undefined) => void;
}

/**
 * Builds every converted model of the manifest into `directory` and checks each against its sha256. A file appears
 * only whole and only when its hash is right: it is written under a temporary name and renamed.
 * @throws VigilError `MODEL_SOURCE_MISMATCH` (another package version or content than the manifest's),
 * `MODEL_HASH_MISMATCH` (the build differs from the manifest), `MODEL_WRITE_FAILED`, or a converter's error
 */
export function buildModels(options: BuildOptions = {}): BuildOutcome[] {
  const { directory = modelsDir, force = false, onProgress } = options;
  return (options.manifest ?? manifest()).models.map((entry) => {
    onProgress?.(entry.id, undefined);
    const { path, state, sha256 } = inspectModel(entry, directory);
    let outcome: BuildOutcome;
    if (isOptional(entry) && state === 'missing') {
      outcome = { id: entry.id, action: 'leftOut', path, sha256: entry.sha256, bytes: 0 };
    } else if (entry.kind === 'committed') {
      if (state !== 'ready') throw hashMismatch(entry, path, sha256 ?? 'no file');
      outcome = {
        id: entry.id,
        action: 'committed',
        path,
        sha256: entry.sha256,
        bytes: readFileSync(path).length,
      };
    } else if (state === 'ready' && !force) {
      outcome = {
        id: entry.id,
        action: 'kept',
        path,
        sha256: entry.sha256,
        bytes: readFileSync(path).length,
      };
    } else {
      const bytes = convertModel(entry);
      const actual = sha256Of(bytes);
      if (actual !== entry.sha256) throw buildMismatch(entry, actual);
      writeWhole(path, bytes);
      outcome = { id: entry.id, action: 'built', path, sha256: actual, bytes: bytes.length };
    }
    onProgress?.(entry.id, outcome);
    return outcome;
  });
}

/**
 * Converts one model from its source package; pure but for reading the package.
 * @throws VigilError `MODEL_SOURCE_MISMATCH` or a converter's error
 */
export function convertModel(entry: ConvertedModel): Uint8Array {
  const parts = readSourceParts(entry);
  const [first] = parts;
  switch (entry.conversion) {
    case 'canonical-face-mesh':
      return encodeCanonicalFaceMesh(readCanonicalFaceMesh(first));
    case 'package-file':
      return first;
    case 'moonshine-decoder':
      return moonshineDecoder(first);
    case 'moonshine-vocabulary':
      return moonshineVocabulary(first);
    case 'llama-tokenizer':
      return encodeLlamaTokenizer(readLlamaTokenizer(first));
    case 'onnx-fixed-shapes':
      return fixShapes(first, entry.inputs.map(toPort), entry.outputs.map(toPort));
    case 'wake-embedding-long':
      return longEmbedding(first, toPort(entry.inputs[0]), toPort(entry.outputs[0]));
    case 'tflite-to-onnx':
    case 'tfjs-to-onnx':
      return convertedGraph(entry, parts);
  }
}

function convertedGraph(entry: ConvertedModel, parts: readonly [Uint8Array, ...Uint8Array[]]): Uint8Array {
  const request: ConversionRequest = {
    name: entry.id,
    inputs: entry.inputs.map(toPort),
    outputs: entry.outputs.map(toPort),
    metadata: {
      source: `npm:${entry.source.package}@${entry.source.version}/${entry.source.file}#${entry.source.member}`,
      source_sha256: entry.source.sha256,
      licence: entry.licence,
    },
  };
  return entry.conversion === 'tfjs-to-onnx'
    ? convertTfjs(parts[0], parts[1], request)
    : convertTflite(parts[0], request);
}

/**
 * The source's bytes, with the installed package's version and the bytes' sha256 checked; for TFJS the model file's.
 * @throws VigilError `MODEL_SOURCE_MISMATCH` or `MODEL_SOURCE_INVALID`
 */
export function readSource(entry: ConvertedModel): Uint8Array {
  return readSourceParts(entry)[0];
}

/** As `readSource`; for TFJS two parts, the model file and its weights. */
function readSourceParts({ id, source, conversion }: ConvertedModel): [Uint8Array, ...Uint8Array[]] {
  const folder = packageFolder(source.package);
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version?: string };
  if (version !== source.version) {
    throw sourceMismatch(id, `${source.package} ${source.version}`, `version ${version ?? 'unknown'}`);
  }
  const parts = partsOf(folder, source, conversion);
  const actual = sha256Of(Buffer.concat(parts));
  if (actual !== source.sha256)
    throw sourceMismatch(id, `${source.member} with sha256 ${source.sha256}`, actual);
  return parts;
}

function partsOf(
  folder: string,
  { file, member }: ConvertedModel['source'],
  conversion: ConvertedModel['conversion'],
): [Uint8Array, ...Uint8Array[]] {
  if (conversion === 'tfjs-to-onnx') return [readPackageFile(folder, file), readPackageFile(folder, member)];
  if (conversion === 'tflite-to-onnx' || conversion === 'canonical-face-mesh')
    return [readPackedAsset(folder, file, member)];
  return [readPackageFile(folder, file)];
}

/** Where npm put a package. Not by resolving its package.json, which a package need not export. */
function packageFolder(name: string): string {
  const places = (require.resolve.paths(name) ?? []).map((place) => join(place, name));
  const folder = places.find((place) => existsSync(join(place, 'package.json')));
  if (folder !== undefined) return folder;
  throw new VigilError(
    'MODEL_SOURCE_INVALID',
    `Expected the npm package ${name} to be installed but found it in none of ${places.join(', ')}.`,
    'Run `npm ci`.',
    { package: name },
  );
}

function toPort(port: {
  readonly name: string;
  readonly tensor?: string;
  readonly shape: readonly number[];
}): Port {
  return { name: port.name, tensor: port.tensor ?? port.name, shape: port.shape };
}

function writeWhole(path: string, bytes: Uint8Array): void {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(temporary, bytes);
    renameSync(temporary, path);
  } catch (error) {
    if (existsSync(temporary)) rmSync(temporary);
    throw new VigilError(
      'MODEL_WRITE_FAILED',
      `Expected to write ${path} but: ${messageOf(error)}.`,
      'Make the folder writable, or set VIGIL_MODELS to one that is.',
      { path },
      { cause: error },
    );
  }
}

function sourceMismatch(id: string, expected: string, actual: string): VigilError {
  return new VigilError(
    'MODEL_SOURCE_MISMATCH',
    `Expected ${expected} as the source of ${id} but found ${actual}.`,
    'Run `npm ci` to install what the lock file names.',
    { id, expected, actual },
  );
}

function buildMismatch(entry: ConvertedModel, actual: string): VigilError {
  return new VigilError(
    'MODEL_HASH_MISMATCH',
    `Expected the build of ${entry.id} to have sha256 ${entry.sha256} but it has ${actual}.`,
    'The converter and models/manifest.json do not belong together; after a change of the converter, repeat the ' +
      'numeric check (models/README.md) and put the new hash into the manifest.',
    { id: entry.id, expected: entry.sha256, actual },
  );
}
