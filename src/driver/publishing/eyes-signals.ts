import { microsleepMemoryMs, microsleepMs } from '../eyes/microsleeps.js';
import { valid } from '../measured.js';
import { asIs, percent, seconds, signal, vigilBranch, type MeasureSignal } from './measure-signal.js';

const eyes = `${vigilBranch}.Eyes`;

/** The eyes as they are in the newest frame. */
export const eyesNowSignals: readonly MeasureSignal[] = [
  signal(`${eyes}.Closure`, (m) => m.closure, percent),
  signal(`${eyes}.ClosedDuration`, (m) => m.closureMs, seconds),
  signal(
    `${eyes}.IsMicrosleep`,
    (m) => m.closureMs,
    (ms) => ms > microsleepMs,
  ),
];

/** The eyes over time. */
export const eyesSignals: readonly MeasureSignal[] = [
  signal(`${eyes}.Perclos`, (m) => m.perclos, percent),
  signal(`${eyes}.PerclosLong`, (m) => m.perclosLong, percent),
  signal(`${eyes}.Perclos70`, (m) => m.perclos70, percent),
  signal(`${eyes}.Perclos70Long`, (m) => m.perclos70Long, percent),
  signal(`${eyes}.ClosureSquare`, (m) => m.closureSquare, percent),
  signal(`${eyes}.ClosureSquareLong`, (m) => m.closureSquareLong, percent),
  signal(`${eyes}.ClosedShare`, (m) => m.closedShare, percent),
  signal(`${eyes}.MeasuredTime`, (m) => valid(m.measuredMs), seconds),
  signal(`${eyes}.MeasuredTimeLong`, (m) => valid(m.measuredLongMs), seconds),
  signal(`${eyes}.BlinkCount`, (m) => m.blinks.count, asIs),
  signal(`${eyes}.BlinkRate`, (m) => m.blinks.ratePerMin, asIs),
  signal(`${eyes}.BlinkDuration`, (m) => m.blinks.meanDurationMs, asIs),
  signal(`${eyes}.BlinkDurationStep`, (m) => m.blinks.durationStepMs, asIs),
  signal(`${eyes}.BlinkAmplitude`, (m) => m.blinks.amplitude, percent),
  signal(`${eyes}.LongClosureShare`, (m) => m.blinks.longShare, percent),
  signal(`${eyes}.ClosingSpeed`, (m) => m.blinks.closingPerS, asIs),
  signal(`${eyes}.ReopeningSpeed`, (m) => m.blinks.reopeningPerS, asIs),
  signal(`${eyes}.AmplitudeVelocityRatio`, (m) => m.blinks.amplitudeVelocityS, asIs),
  signal(`${eyes}.MicrosleepCount`, (m) => m.microsleeps.count, asIs),
  {
    path: `${eyes}.MicrosleepCountRecent`,
    of: ({ t, microsleeps: { count, beganMs } }) =>
      count.quality === 'valid'
        ? valid(beganMs.filter((began) => began > t - microsleepMemoryMs).length)
        : count,
  },
];
