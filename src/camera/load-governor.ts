/** What the camera path may use. */
export interface LoadStep {
  readonly name: string;
  /** The eye-state network is asked as configured. */
  readonly eyeNetwork: boolean;
  /** Frames beyond this rate are not measured; null: as they come. */
  readonly maxFps: number | null;
  /** What the driver graph can no longer tell. */
  readonly loses: string;
}

/** What is turned down when frames take too long, in order; recovery goes the same way back. */
export const loadSteps: readonly LoadStep[] = [
  { name: 'full', eyeNetwork: true, maxFps: null, loses: 'nothing' },
  {
    name: 'without eye network',
    eyeNetwork: false,
    maxFps: null,
    loses: 'a second opinion on lids that geometry is unsure of',
  },
  { name: '20 fps', eyeNetwork: false, maxFps: 20, loses: 'the length of short blinks' },
  { name: '15 fps', eyeNetwork: false, maxFps: 15, loses: 'some blinks' },
  { name: '10 fps', eyeNetwork: false, maxFps: 10, loses: 'blink counts; PERCLOS and microsleeps stay' },
];

export const governorParameters = {
  /** Frames are judged over this time. */
  windowMs: 2000,
  /** Share of the window's frames that may miss, and the least number of misses that counts. */
  toleratedShare: 0.1,
  leastMisses: 5,
  /** After a change, nothing is judged for this long. */
  settleMs: 1000,
  /** Without a miss for this long, one step back up; doubled each time that proves too early. */
  recoverMs: 10_000,
  longestRecoverMs: 160_000,
} as const;

/** The governor's memory: bounded by the frames of one window. */
export interface Governor {
  /** Index into `loadSteps`. */
  readonly step: number;
  readonly changedMs: number;
  /** Frames of the window, oldest first. */
  readonly frames: readonly { readonly t: number; readonly missed: boolean }[];
  readonly lastMissMs: number;
  readonly recoverMs: number;
  /** The last change was a step back up. */
  readonly probing: boolean;
}

export const initialGovernor: Governor = {
  step: 0,
  changedMs: Number.NEGATIVE_INFINITY,
  frames: [],
  lastMissMs: Number.NEGATIVE_INFINITY,
  recoverMs: governorParameters.recoverMs,
  probing: false,
};

/**
 * One frame that was measured, or dropped because there was no time.
 * @param t when it arrived, ms; ascending
 * @param missed it was dropped, or took longer than its budget's maximum
 */
export function stepGovernor(governor: Governor, t: number, missed: boolean): Governor {
  const p = governorParameters;
  const lastMissMs = missed ? t : governor.lastMissMs;
  const seen: Governor = { ...governor, lastMissMs };
  if (t - governor.changedMs < p.settleMs) return { ...seen, frames: [] };
  const recent = governor.frames.filter((frame) => frame.t > t - p.windowMs);
  const frames = [...recent, { t, missed }];
  const misses = frames.filter((frame) => frame.missed).length;
  if (misses >= p.leastMisses && misses > p.toleratedShare * frames.length) return down(seen, t);
  const quietMs = t - Math.max(lastMissMs, governor.changedMs);
  if (governor.step > 0 && quietMs >= governor.recoverMs) return up(seen, t);
  // A recovery that has lasted is trusted again.
  const settled = governor.probing && quietMs >= governor.recoverMs;
  return settled ? { ...seen, frames, probing: false, recoverMs: p.recoverMs } : { ...seen, frames };
}

function down(governor: Governor, t: number): Governor {
  const p = governorParameters;
  const recoverMs = governor.probing
    ? Math.min(p.longestRecoverMs, governor.recoverMs * 2)
    : governor.recoverMs;
  const step = Math.min(loadSteps.length - 1, governor.step + 1);
  return { ...governor, step, changedMs: t, frames: [], recoverMs, probing: false };
}

function up(governor: Governor, t: number): Governor {
  return { ...governor, step: governor.step - 1, changedMs: t, frames: [], probing: true };
}

/** Whether a frame is to be measured at all under a rate limit, so that the kept ones are evenly spaced. */
export class FrameGate {
  #nextMs = Number.NEGATIVE_INFINITY;

  /** @param maxFps null: every frame */
  admits(t: number, maxFps: number | null): boolean {
    if (maxFps === null) return true;
    const period = 1000 / maxFps;
    // A camera's frames jitter around its own period; a third of ours early is on time.
    if (t < this.#nextMs - period / 3) return false;
    this.#nextMs = Math.max(this.#nextMs + period, t + period / 2);
    return true;
  }
}
