import { execFile, spawn } from 'node:child_process';
import { promisify } from 'node:util';
import { FaceTracker, type FaceTrackerOptions } from '../../src/camera/face-tracker.js';
import type { FaceObservation } from '../../src/camera/observation.js';
import { VigilError, messageOf } from '../../src/runtime/errors.js';
import { asFilmed, changedSize, type ImageChange } from './driver/image-change.js';

const run = promisify(execFile);

export interface VideoFacts {
  readonly width: number;
  readonly height: number;
  /** Presentation time of every frame, ms, ascending, from 0. */
  readonly times: readonly number[];
}

/**
 * Runs the vision chain over every frame of a video, in lock-step: nothing is dropped and the result does not
 * depend on the machine's speed. The image may be made worse first. `t` is the frame's own presentation time, so any frame rate, also a variable
 * one, is seen as it is.
 * @throws VigilError `VIDEO_UNREADABLE`, or those of the face tracker
 */
export async function* observeVideo(
  file: string,
  change: ImageChange = asFilmed,
  options: FaceTrackerOptions = {},
): AsyncGenerator<FaceObservation, void, undefined> {
  const facts = await probe(file);
  const { width, height } = changedSize(change, facts.width, facts.height);
  const tracker = new FaceTracker({ ...options, dropPolicy: 'block' });
  const ready: FaceObservation[] = [];
  const subscription = tracker.frames.subscribe(({ observation }) => ready.push(observation));
  try {
    let number = 0;
    for await (const data of rawFrames(file, width * height * 3, change.filter)) {
      const t = change.fps === null ? facts.times.at(number) : (number * 1000) / change.fps;
      if (t === undefined) {
        throw unreadable(file, `${facts.times.length} frames, as its index says`, 'more');
      }
      await tracker.pushWhenFree({ t, number, format: 'rgb', width, height, data });
      number++;
      yield* ready.splice(0);
    }
    if (number === 0) throw unreadable(file, 'frames', 'none');
    await tracker.idle();
    yield* ready.splice(0);
  } finally {
    subscription.unsubscribe();
    tracker.close();
  }
}

/** @throws VigilError `VIDEO_UNREADABLE` */
export async function probe(file: string): Promise<VideoFacts> {
  const entries = 'stream=width,height:packet=pts_time';
  const options = ['-v', 'error', '-select_streams', 'v:0', '-show_entries', entries, '-of', 'json', file];
  let stdout: string;
  try {
    ({ stdout } = await run('ffprobe', options, { maxBuffer: 1 << 28 }));
  } catch (error) {
    throw unreadable(file, 'a video that ffprobe can read', messageOf(error).trim());
  }
  const facts = JSON.parse(stdout) as {
    streams?: { width?: number; height?: number }[];
    packets?: { pts_time?: string }[];
  };
  const stream = facts.streams?.at(0);
  if (stream?.width === undefined || stream.height === undefined)
    throw unreadable(file, 'a video stream', 'none');
  const seconds = (facts.packets ?? []).map((packet) => Number(packet.pts_time)).filter(Number.isFinite);
  seconds.sort((a, b) => a - b);
  return { width: stream.width, height: stream.height, times: seconds.map((s) => (s - seconds[0]) * 1000) };
}

/**
 * Every frame of a video as RGB of `size` bytes, after ffmpeg's `filter` (may be empty).
 * @throws VigilError `VIDEO_UNREADABLE`
 */
export async function* rawFrames(
  file: string,
  size: number,
  filter: string,
): AsyncGenerator<Buffer, void, undefined> {
  const change = filter === '' ? [] : ['-vf', filter];
  const options = ['-v', 'error', '-i', file, '-map', '0:v:0', ...change, '-fps_mode', 'passthrough'];
  const child = spawn('ffmpeg', [...options, '-f', 'rawvideo', '-pix_fmt', 'rgb24', '-'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text.slice(0, 2000)));
  const ended = new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 1));
  });
  // A consumer that stops early must not leave a rejection unheard.
  ended.catch(() => undefined);
  try {
    let pieces: Buffer[] = [];
    let held = 0;
    for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
      pieces.push(chunk);
      held += chunk.length;
      if (held < size) continue;
      let all = Buffer.concat(pieces);
      while (all.length >= size) {
        yield all.subarray(0, size);
        all = all.subarray(size);
      }
      pieces = [all];
      held = all.length;
    }
    const code = await ended;
    if (code !== 0)
      throw unreadable(file, 'a video that ffmpeg can decode', complaint.trim() || `exit code ${code}`);
  } finally {
    child.kill();
  }
}

function unreadable(file: string, expected: string, came: string): VigilError {
  return new VigilError(
    'VIDEO_UNREADABLE',
    `Expected ${expected} in ${file} but found ${came}.`,
    'ffmpeg and ffprobe must be installed and able to play the file.',
    { file },
  );
}
