import { FaceTracker } from '../../src/camera/face-tracker.js';
import type { FaceObservation } from '../../src/camera/observation.js';
import { stepDriver } from '../../src/driver/driver.js';
import { initialDriver } from '../../src/driver/memory.js';
import type { Policy } from '../../src/driver/policy/policy.js';
import type { FaultReason } from '../../src/driver/visibility/fault.js';
import { anchorsOf, type FaceAnchors } from '../synthetic/face-anchors.js';
import type { RgbImage } from '../synthetic/renderer.js';
import type { VisibilityCause } from './visibility-causes.js';

/** One frame of a film, and where the face is in it. */
export interface FilmFrame {
  readonly t: number;
  readonly image: RgbImage;
  readonly anchors: FaceAnchors | null;
}

export interface EpisodeResult {
  /** From the first changed frame to the frame in which a right reason was published; null if never. */
  readonly afterMs: number | null;
  /** Everything that was published during the cause. */
  readonly reasons: readonly FaultReason[];
  /** The graph took what it saw for a microsleep or for sleep. */
  readonly asSleep: boolean;
}

/** The face tracker's observations of these frames, in order. @throws as the face tracker */
export async function observe(
  frames: Iterable<{ readonly t: number; readonly image: RgbImage }>,
): Promise<FaceObservation[]> {
  const tracker = new FaceTracker({ dropPolicy: 'block' });
  const seen: FaceObservation[] = [];
  const subscription = tracker.frames.subscribe(({ observation }) => seen.push(observation));
  try {
    let number = 0;
    for (const { t, image } of frames)
      await tracker.pushWhenFree({ t, number: number++, format: 'rgb', ...image });
    await tracker.idle();
  } finally {
    subscription.unsubscribe();
    tracker.close();
  }
  return seen;
}

function* changed(frames: readonly FilmFrame[], lead: number, cause: VisibilityCause): Generator<FilmFrame> {
  const first = frames[lead - 1];
  for (const [i, frame] of frames.entries()) {
    const { anchors, image, t } = frame;
    yield i < lead || anchors === null
      ? frame
      : { ...frame, image: cause.change(image, anchors, i, first.image, t - frames[lead].t) };
  }
}

/** The frames from `lead` on are changed; the driver graph starts with the first one. */
export async function runEpisode(
  frames: readonly FilmFrame[],
  lead: number,
  cause: VisibilityCause,
  policy: Policy,
): Promise<EpisodeResult> {
  const observations = await observe(changed(frames, lead, cause));
  const fromMs = frames[lead].t;
  const reasons = new Set<FaultReason>();
  let afterMs: number | null = null;
  let asSleep = false;
  for (const { t, faults, state } of driven(observations, policy)) {
    if (t < fromMs) continue;
    for (const { reason } of faults) {
      reasons.add(reason);
      if (afterMs === null && cause.reasons.includes(reason)) afterMs = t - fromMs;
    }
    asSleep ||= state === 'microsleep' || state === 'sleep';
  }
  return { afterMs, reasons: [...reasons], asSleep };
}

/** What the driver graph says at every frame. */
export function* driven(observations: readonly FaceObservation[], policy: Policy) {
  let driver = initialDriver({ policy });
  for (const observation of observations) {
    driver = stepDriver(driver, { kind: 'observation', observation }).driver;
    yield { t: observation.t, faults: driver.view.visibility.faults, state: driver.state?.kind ?? null };
  }
}

/** @returns null without a face */
export function anchorsIn(observation: FaceObservation): FaceAnchors | null {
  return observation.kind === 'face' && observation.landmarks !== undefined
    ? anchorsOf(observation.landmarks)
    : null;
}
