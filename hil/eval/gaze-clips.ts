import type { FaceObservation } from '../../src/camera/observation.js';
import { stepDriver } from '../../src/driver/driver.js';
import { initialDriver } from '../../src/driver/memory.js';
import { loadPolicy } from '../../src/driver/policy/policy.js';
import { lineThrough } from './gaze-rendered.js';

/** Where somebody on film was found to look, once the zero was known; shares of frames. */
export interface ClipGaze {
  readonly clip: string;
  readonly seconds: number;
  readonly frames: number;
  readonly roadShare: number;
  readonly awayShare: number;
  readonly unknownShare: number;
  /** Direction from irises rather than from the head. */
  readonly gazeShare: number;
  /** 5th and 95th percentile in the vehicle frame; NaN where nothing was known. */
  readonly azimuthDeg: readonly [number, number];
  readonly elevationDeg: readonly [number, number];
  /** How far gaze goes with the head: 0 for eyes that hold a point, 1 for eyes that stay still in the head. */
  readonly azimuthPerHead: number;
  readonly elevationPerHead: number;
}

/** Watches a film as if its person drove: speed unknown, mount unknown. */
export async function watchClip(
  clip: string,
  observations: AsyncIterable<FaceObservation>,
): Promise<ClipGaze> {
  let driver = initialDriver({ policy: loadPolicy() });
  const counts = { road: 0, away: 0, unknown: 0, gaze: 0 };
  const azimuths: number[] = [];
  const elevations: number[] = [];
  const across: [number, number][] = [];
  const upwards: [number, number][] = [];
  let firstMs = Number.NaN;
  let lastMs = Number.NaN;
  let frames = 0;
  for await (const observation of observations) {
    driver = stepDriver(driver, { kind: 'observation', observation }).driver;
    if (observation.kind === 'face' && observation.gaze.confidence > 0.6) {
      across.push([observation.head.yawDeg, observation.gaze.azimuthDeg]);
      upwards.push([observation.head.pitchDeg, observation.gaze.elevationDeg]);
    }
    if (frames++ === 0) firstMs = observation.t;
    lastMs = observation.t;
    const { sight, zero } = driver.view.direction;
    if (zero === null) continue;
    const looking = driver.view.frame?.looking ?? 'unknown';
    counts[looking === 'ahead' ? 'road' : looking]++;
    if (sight === null) continue;
    if (sight.source !== 'head') counts.gaze++;
    azimuths.push(sight.direction.yawDeg);
    elevations.push(sight.direction.pitchDeg);
  }
  const judged = Math.max(1, counts.road + counts.away + counts.unknown);
  return {
    clip,
    seconds: (lastMs - firstMs) / 1000,
    frames,
    roadShare: counts.road / judged,
    awayShare: counts.away / judged,
    unknownShare: counts.unknown / judged,
    gazeShare: counts.gaze / judged,
    azimuthDeg: middle90(azimuths),
    elevationDeg: middle90(elevations),
    azimuthPerHead: lineThrough(across).slope,
    elevationPerHead: lineThrough(upwards).slope,
  };
}

function middle90(values: readonly number[]): readonly [number, number] {
  if (values.length === 0) return [Number.NaN, Number.NaN];
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  return [at(0.05), at(0.95)];
}
