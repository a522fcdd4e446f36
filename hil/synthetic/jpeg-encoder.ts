import { spawnSync } from 'node:child_process';
import { VigilError } from '../../src/runtime/errors.js';
import type { RgbImage } from './renderer.js';

/** Start of image; no JPEG of one scan holds it again after its first two bytes (0xff is escaped by 0x00). */
const START = [0xff, 0xd8] as const;

function splitJpegs(stream: Uint8Array): Uint8Array[] {
  const starts: number[] = [];
  for (let i = 0; i + 2 < stream.length; i++)
    if (stream[i] === START[0] && stream[i + 1] === START[1] && stream[i + 2] === 0xff) starts.push(i);
  return starts.map((from, k) => stream.slice(from, k + 1 < starts.length ? starts[k + 1] : stream.length));
}

/**
 * Encodes images of one size as baseline JPEG through ffmpeg's encoder. The bytes depend on the ffmpeg version.
 * `quality` is ffmpeg's scale: 2 (best) to 31.
 * @throws VigilError `FFMPEG_FAILED`
 */
export function encodeJpegs(images: readonly RgbImage[], quality: number): Uint8Array[] {
  if (images.length === 0) return [];
  const size = `${images[0].width}x${images[0].height}`;
  const input = ['-f', 'rawvideo', '-pix_fmt', 'rgb24', '-s', size, '-i', 'pipe:0'];
  const output = ['-c:v', 'mjpeg', '-pix_fmt', 'yuvj420p', '-q:v', String(quality), '-huffman', 'optimal'];
  const ended = spawnSync(
    'ffmpeg',
    ['-v', 'error', ...input, ...output, '-bitexact', '-threads', '1', '-f', 'image2pipe', 'pipe:1'],
    { input: Buffer.concat(images.map((image) => image.data)), maxBuffer: 1 << 28 },
  );
  const why = ended.error?.message ?? ended.stderr.toString().trim();
  if (ended.status !== 0)
    throw new VigilError(
      'FFMPEG_FAILED',
      `Expected ffmpeg to encode ${images.length} images but: ${why}`,
      'Install ffmpeg.',
    );
  const jpegs = splitJpegs(ended.stdout);
  if (jpegs.length !== images.length)
    throw new VigilError(
      'FFMPEG_FAILED',
      `Expected ${images.length} JPEG images from ffmpeg but found ${jpegs.length}.`,
    );
  return jpegs;
}
