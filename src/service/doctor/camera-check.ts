import { setTimeout as sleep } from 'node:timers/promises';
import type { CameraSource } from '../../camera/camera-source.js';
import { FaceTracker, type CameraFrame } from '../../camera/face-tracker.js';
import type { FaceObservation, ImageQuality } from '../../camera/observation.js';
import { openCamera } from '../../camera/open-camera.js';
import { budgets } from '../../runtime/budgets.js';
import type { Clock } from '../../runtime/clock.js';
import type { SourceState } from '../../runtime/sources/source-state.js';
import type { CameraConfig } from '../config/schema.js';
import { fail, ok, warn, type Finding } from './finding.js';

const part = 'camera';

/** Looks through the camera for some seconds: does it come, how fast, is there a face, sharp and light enough. */
export async function checkCamera(config: CameraConfig, clock: Clock, seconds: number): Promise<Finding[]> {
  const source = openCamera(config.source, config, clock);
  const tracker = new FaceTracker({
    mirrored: config.mirrored,
    ...(config.seat ? { seat: config.seat } : {}),
  });
  try {
    return await look(source, tracker, config, seconds);
  } finally {
    source.close();
    tracker.close();
  }
}

async function look(
  source: CameraSource,
  tracker: FaceTracker,
  config: CameraConfig,
  seconds: number,
): Promise<Finding[]> {
  const frames: CameraFrame[] = [];
  const observations: FaceObservation[] = [];
  let state: SourceState = { kind: 'starting' };
  source.state$.subscribe((next) => (state = next));
  source.frames$.subscribe((frame) => {
    frames.push({ ...frame, data: new Uint8Array() });
    tracker.push(frame);
  });
  tracker.frames.subscribe(({ observation }) => observations.push(observation));
  await sleep(seconds * 1000);
  if (frames.length === 0) {
    const why = reasonOf(state);
    return [
      fail(
        part,
        `${source.address}: no picture in ${seconds} s${why}`,
        'Check the cable, the address, and who else uses it.',
      ),
    ];
  }
  return [rate(source, frames, config), faces(observations), ...pictures(observations), cost(tracker)];
}

function reasonOf(state: SourceState): string {
  return state.kind === 'down' ? ` (${state.reason})` : '';
}

function rate(source: CameraSource, frames: readonly CameraFrame[], { fps }: CameraConfig): Finding {
  const { t: first, format, width, height } = frames[0];
  const { t: last } = frames[frames.length - 1];
  const measured = ((frames.length - 1) * 1000) / Math.max(1, last - first);
  const size = width === undefined ? '' : ` ${width}x${height}`;
  const found = `${source.address}: ${format}${size}, ${measured.toFixed(1)} pictures/s, ${source.counters().dropped} lost`;
  if (measured >= fps * 0.9) return ok(part, found);
  if (measured >= 15)
    return warn(
      part,
      `${found}, ${fps} asked for`,
      'In the dark many cameras slow down: set an exposure, or more light.',
    );
  return fail(
    part,
    `${found}, ${fps} asked for`,
    'Below 15 pictures/s blinks can not be counted; try a smaller picture or MJPEG.',
  );
}

function faces(observations: readonly FaceObservation[]): Finding {
  const seen = observations.filter(({ kind }) => kind === 'face').length;
  const share = observations.length === 0 ? 0 : seen / observations.length;
  const found = `a face in ${(share * 100).toFixed(0)} % of ${observations.length} pictures`;
  if (share >= 0.8) return ok('face', found);
  return warn('face', found, 'Sit in front of the camera; check its aim, the seat window and mirrored.');
}

/** From the pictures with a face: light and sharpness. */
function pictures(observations: readonly FaceObservation[]): Finding[] {
  const images = observations.flatMap((one) => (one.kind === 'face' ? [one.image] : []));
  if (images.length === 0) return [];
  const mean = (of: (image: ImageQuality) => number): number =>
    images.reduce((sum, image) => sum + of(image), 0) / images.length;
  return [light(mean(({ brightness }) => brightness)), focus(mean(({ detail }) => detail ?? Number.NaN))];
}

function light(brightness: number): Finding {
  const found = `brightness of the face ${(brightness * 100).toFixed(0)} %`;
  if (brightness < 0.12)
    return warn('light', found, 'More light, a longer exposure, or the infrared lamp on.');
  if (brightness > 0.85) return warn('light', found, 'Less exposure: lids and iris are washed out.');
  return ok('light', found);
}

/** `detail` of a sharp face is 0.3 and more (see ImageQuality). */
function focus(detail: number): Finding {
  const found = `detail of the face ${detail.toFixed(2)}`;
  if (detail < 0.15)
    return warn('focus', found, 'Clean the lens and focus it at the driver; less compression.');
  return ok('focus', found);
}

function cost(tracker: FaceTracker): Finding {
  const { p50Ms, p99Ms } = tracker.latencies().frame;
  const budget = budgets['vision.frame'];
  const found = `a picture takes ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms (budget ${budget.p99Ms} ms)`;
  return p99Ms <= budget.p99Ms
    ? ok('vision budget', found)
    : warn(
        'vision budget',
        found,
        'The machine is slow or busy: Vigil turns itself down; see driver.cpu and fifoPriority.',
      );
}
