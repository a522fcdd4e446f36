import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { VigilError } from '../../src/runtime/errors.js';
import { buildDir, modelsDir } from '../../src/runtime/paths.js';
import { demoClip } from '../demo/published-clip.js';
import { MediaProgram, inputArguments } from '../import/ffmpeg.js';
import { splitJpegs } from '../import/jpeg-stream.js';
import { readCanonicalMesh } from '../synthetic/canonical-mesh.js';
import { microsleepScript, poseAt } from '../synthetic/drive-script.js';
import { encodeJpegs } from '../synthetic/jpeg-encoder.js';
import { FaceRenderer } from '../synthetic/renderer.js';

export const frameWidth = 640;
export const frameHeight = 480;

/** Frames to measure on, and where they come from. */
export interface BenchFrames {
  readonly source: string;
  readonly jpegs: readonly Uint8Array[];
}

/** ffmpeg's scale of 2 (best) to 31: what webcams send, 40 to 60 KiB a frame. */
const jpegQuality = 3;
/** Pictures that are drawn when there is no clip; drawing one takes a few tenths of a second. */
const drawnFrames = 60;

/** The demo clip as `./run demo` fetched it. */
const clip = join(buildDir, 'cache', basename(demoClip.path));

async function clipFrames(count: number): Promise<Uint8Array[]> {
  const picture = ['-vf', `scale=${frameWidth}:${frameHeight}`, '-frames:v', String(count)];
  const jpeg = ['-c:v', 'mjpeg', '-q:v', String(jpegQuality), '-f', 'image2pipe', 'pipe:1'];
  const ffmpeg = new MediaProgram(
    'ffmpeg',
    ['-v', 'error', ...inputArguments(clip), ...picture, ...jpeg],
    1,
    undefined,
  );
  const jpegs: Uint8Array[] = [];
  for await (const data of splitJpegs(ffmpeg.stdout)) jpegs.push(data);
  const { code, complaints } = await ffmpeg.end;
  if (code === 0 && jpegs.length === count) return jpegs;
  throw new VigilError(
    'BENCH_INVALID',
    `Expected ${count} frames of ${clip} but received ${jpegs.length}: ${complaints.join(' ')}.`,
    'Delete the file and run `./run demo` to fetch it again.',
  );
}

/** The synthetic driver, forwards and backwards, so that the face never jumps. */
function drawn(count: number): Uint8Array[] {
  const mesh = readCanonicalMesh(join(modelsDir, 'canonical_face_mesh.json'));
  const renderer = new FaceRenderer(mesh, { width: frameWidth, height: frameHeight });
  const images = Array.from({ length: drawnFrames }, (_, i) => renderer.render(poseAt(microsleepScript, i)));
  const jpegs = encodeJpegs(images, jpegQuality);
  return Array.from({ length: count }, (_, i) => {
    const at = i % (2 * drawnFrames);
    return jpegs[at < drawnFrames ? at : 2 * drawnFrames - 1 - at];
  });
}

/**
 * 640 x 480 JPEG frames of one face: the demo clip when it is at hand, else the synthetic driver.
 * @throws VigilError `BENCH_INVALID`, `FFMPEG_MISSING`, `FFMPEG_FAILED`
 */
export async function benchFrames(count: number): Promise<BenchFrames> {
  if (existsSync(clip)) return { source: 'demo clip', jpegs: await clipFrames(count) };
  return { source: 'synthetic driver', jpegs: drawn(count) };
}
