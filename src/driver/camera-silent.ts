import type { Driver } from './memory.js';
import { unavailable, valid, type Measured, type UnknownReason } from './measured.js';
import type { DriverMeasures } from './outputs.js';
import type { ViewedFrame } from './view.js';

/** Without frames for so long, measures are put out on ticks: half of how long a published value may be relied on. */
export const renewMs = 250;

/** Why nothing comes from the camera at `driver.now`; null while it does. */
export function cameraReason({ cameraFault, view, options, now, startedMs }: Driver): UnknownReason | null {
  if (cameraFault !== null) return cameraFault;
  const { lastObservationMs } = view.visibility;
  const silentMs = now! - (lastObservationMs ?? startedMs!);
  return silentMs > options.policy.values['health.cameraSilentMs'] ? 'cameraSilent' : null;
}

/** Stands for the newest frame before there is one. */
export const noFrameYet: ViewedFrame = {
  t: Number.NEGATIVE_INFINITY,
  number: -1,
  openness: null,
  closure: null,
  eyesClosed: null,
  eyesReason: 'cameraSilent',
  head: null,
  looking: 'unknown',
  headReason: 'cameraSilent',
};

/** What a camera said that has gone silent is not about now. What the vehicle says, and what was counted, stays. */
export function withoutCamera(measures: DriverMeasures, reason: UnknownReason): DriverMeasures {
  const gone: Measured<never> = unavailable(reason);
  return {
    ...measures,
    openness: gone,
    closure: gone,
    eyesClosed: gone,
    closureMs: gone,
    perclos: gone,
    perclosLong: gone,
    perclos70: gone,
    perclos70Long: gone,
    closureSquare: gone,
    closureSquareLong: gone,
    closedShare: gone,
    measuredMs: 0,
    measuredLongMs: 0,
    headYawDeg: gone,
    headPitchDeg: gone,
    eyesOnRoad: gone,
    awayMs: gone,
    distractionLevel: gone,
    fatigueLevel: gone,
    gaze: {
      zone: gone,
      zoneConfidence: gone,
      azimuthDeg: gone,
      elevationDeg: gone,
      source: gone,
      movement: gone,
      awayMs: gone,
      cumulativeAwayMs: gone,
      attentionBufferMs: gone,
      area3Ms: gone,
      calibration: measures.gaze.calibration,
    },
    blinks: {
      ...measures.blinks,
      ratePerMin: gone,
      longShare: gone,
      meanDurationMs: gone,
      durationStepMs: gone,
      amplitude: gone,
      closingPerS: gone,
      reopeningPerS: gone,
      amplitudeVelocityS: gone,
    },
    frameRateHz: valid(0),
    corroboration: { yawns: gone, nods: gone, speaking: gone, headResting: gone },
  };
}
