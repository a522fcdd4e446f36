import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { VigilError, messageOf } from '../../src/runtime/errors.js';

interface PackedFile {
  readonly filename: string;
  readonly start: number;
  readonly end: number;
}

/**
 * Takes one file out of a package's concatenated assets. Where each file lies is stated by the package's own
 * loader script, in the JSON argument of its `loadPackage` call.
 * @param folder the installed package
 * @param data name of the .data file, whose loader lies beside it as `<stem>_loader.js`
 * @param member last part of the file's name inside
 * @throws VigilError `MODEL_SOURCE_INVALID`
 */
export function readPackedAsset(folder: string, data: string, member: string): Uint8Array {
  const loader = join(folder, data.replace(/\.data$/, '_loader.js'));
  const files = packedFiles(readText(loader), loader);
  const file = files.find(({ filename }) => filename.endsWith(`/${member}`));
  if (file === undefined) {
    const names = files.map(({ filename }) => filename).join(', ');
    throw invalid(`Expected ${member} among the files that ${loader} lists but it lists ${names}.`);
  }
  const bytes = readBytes(join(folder, data));
  if (file.end > bytes.length || file.start >= file.end) {
    throw invalid(`Expected ${data} to hold bytes ${file.start} to ${file.end} but it has ${bytes.length}.`);
  }
  return bytes.subarray(file.start, file.end);
}

/** A file of an installed package as it is. @throws VigilError `MODEL_SOURCE_INVALID` */
export function readPackageFile(folder: string, file: string): Uint8Array {
  return readBytes(join(folder, file));
}

/** The file table in a loader script. @throws VigilError `MODEL_SOURCE_INVALID` */
export function packedFiles(script: string, origin: string): PackedFile[] {
  const argument = /loadPackage\((\{"files":.*?\})\)/s.exec(script)?.[1];
  let parsed: unknown;
  try {
    parsed = JSON.parse(argument ?? 'null');
  } catch (error) {
    throw invalid(`Expected JSON in the loadPackage call of ${origin} but: ${messageOf(error)}.`);
  }
  const files = (parsed as { files?: unknown } | null)?.files;
  if (!Array.isArray(files) || !files.every(isPackedFile)) {
    throw invalid(`Expected a loadPackage call with a list of files in ${origin} but found none.`);
  }
  return files;
}

function isPackedFile(value: unknown): value is PackedFile {
  const file = value as Partial<PackedFile> | null;
  return typeof file?.filename === 'string' && Number.isInteger(file.start) && Number.isInteger(file.end);
}

function readText(path: string): string {
  return new TextDecoder().decode(readBytes(path));
}

function readBytes(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    throw invalid(`Expected to read ${path} but: ${messageOf(error)}.`);
  }
}

function invalid(message: string): VigilError {
  return new VigilError('MODEL_SOURCE_INVALID', message, 'Run `npm ci` to install the package again.');
}
