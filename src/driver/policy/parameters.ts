/**
 * Unit and allowed range of every parameter outside rules. `signals/measures.yaml` holds how the driver is
 * measured, whatever the policy; a policy file may set any of these anew, and must give those of `end.`.
 */
export const parameterRanges = {
  'closure.holdFromMs': ['ms', 500, 3000],
  'closure.unseenHoldMs': ['ms', 0, 10_000],
  'longDistraction.flickerMs': ['ms', 0, 1000],
  'vats.windowMs': ['ms', 5000, 120_000],
  'vats.resetMs': ['ms', 100, 10_000],
  'road.yawLimitDeg': ['deg', 10, 60],
  'road.pitchDownLimitDeg': ['deg', 8, 45],
  'road.pitchUpLimitDeg': ['deg', 8, 60],
  'road.uncalibratedFactor': ['ratio', 1, 3],
  'road.returnFactor': ['ratio', 0.5, 1],
  'road.gazeAzimuthLimitDeg': ['deg', 10, 60],
  'road.gazeDownLimitDeg': ['deg', 10, 60],
  'road.gazeMinConfidence': ['ratio', 0, 1],
  'neutral.minSpeedKmh': ['km/h', 0, 130],
  'neutral.learnedMs': ['ms', 1000, 600_000],
  'neutral.memoryMs': ['ms', 10_000, 3_600_000],
  'neutral.maxYawDeg': ['deg', 0, 45],
  'neutral.maxPitchDeg': ['deg', 0, 45],
  'perclos.closedAt': ['ratio', 0.5, 1],
  'perclos.blinkMs': ['ms', 0, 1000],
  'drowsy.shortWindowMs': ['ms', 10_000, 300_000],
  'drowsy.shortCoverageMs': ['ms', 1000, 300_000],
  'drowsy.longWindowMs': ['ms', 10_000, 600_000],
  'drowsy.longCoverageMs': ['ms', 1000, 600_000],
  'health.cameraSilentMs': ['ms', 100, 10_000],
  'health.unmeasuredMs': ['ms', 100, 10_000],
  'health.speedStaleMs': ['ms', 100, 10_000],
  'health.vehicleStaleMs': ['ms', 100, 60_000],
  'health.minBrightness': ['ratio', 0, 1],
  'health.maxSaturatedShare': ['ratio', 0, 1],
  'health.minContrast': ['ratio', 0, 0.5],
  'end.forwardGazeMs': ['ms', 0, 10_000],
  'end.afterStateMs': ['ms', 0, 10_000],
  'end.unseenMs': ['ms', 0, 600_000],
  'end.speedHysteresisKmh': ['km/h', 0, 20],
} as const satisfies Record<string, readonly [unit: string, min: number, max: number]>;

export type ParameterName = keyof typeof parameterRanges;
export const parameterNames = Object.keys(parameterRanges) as readonly ParameterName[];

/** When prompts end is the policy's business. */
export const endParameters = parameterNames.filter((name) => name.startsWith('end.'));

/** Pairs of which the first must not exceed the second. */
export const orderedParameters: readonly (readonly [ParameterName, ParameterName])[] = [
  ['perclos.blinkMs', 'closure.holdFromMs'],
  ['drowsy.shortWindowMs', 'drowsy.longWindowMs'],
  ['drowsy.shortCoverageMs', 'drowsy.shortWindowMs'],
  ['drowsy.longCoverageMs', 'drowsy.longWindowMs'],
  ['vats.resetMs', 'vats.windowMs'],
];
