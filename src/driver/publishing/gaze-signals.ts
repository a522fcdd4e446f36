import { unavailable } from '../measured.js';
import type { DriverMeasures } from '../outputs.js';
import {
  asIs,
  driverBranch,
  listed,
  percent,
  seconds,
  signal,
  vigilBranch,
  type MeasureSignal,
} from './measure-signal.js';

const gaze = `${vigilBranch}.Gaze`;
const midEyeGaze = 'Vehicle.Occupant.Row1.DriverSide.MidEyeGaze';

/** The direction as far as the irises tell it; where only the head does, the eyes' direction is not known. */
function eyesDirection(
  of: (measures: DriverMeasures) => DriverMeasures['gaze']['azimuthDeg'],
): (measures: DriverMeasures) => DriverMeasures['gaze']['azimuthDeg'] {
  return (measures) => {
    const { source } = measures.gaze;
    return source.quality === 'valid' && source.value === 'head'
      ? unavailable('eyesNotMeasurable')
      : of(measures);
  };
}

export const gazeSignals: readonly MeasureSignal[] = [
  signal(`${driverBranch}.IsEyesOnRoad`, (m) => m.eyesOnRoad, asIs),
  signal(
    `${midEyeGaze}.Azimuth`,
    eyesDirection((m) => m.gaze.azimuthDeg),
    asIs,
  ),
  signal(
    `${midEyeGaze}.Elevation`,
    eyesDirection((m) => m.gaze.elevationDeg),
    asIs,
  ),
  signal(`${gaze}.Zone`, (m) => m.gaze.zone, listed),
  signal(`${gaze}.ZoneConfidence`, (m) => m.gaze.zoneConfidence, percent),
  signal(`${gaze}.Movement`, (m) => m.gaze.movement, listed),
  signal(`${gaze}.OffRoadDuration`, (m) => m.gaze.awayMs, seconds),
  signal(`${gaze}.CumulativeOffRoadDuration`, (m) => m.gaze.cumulativeAwayMs, seconds),
  signal(`${gaze}.LowDuration`, (m) => m.gaze.area3Ms, seconds),
  signal(`${gaze}.AttentionBuffer`, (m) => m.gaze.attentionBufferMs, seconds),
];
