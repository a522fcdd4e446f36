import { unavailable, valid, type Measured, type UnknownReason } from '../measured.js';
import type { DirectionTrack } from './direction-track.js';
import type { GazeZone, MovementType } from './glance-facts.js';

/** Gaze as published with every observation. Angles in degrees, times in ms. */
export interface GazeMeasures {
  readonly zone: Measured<GazeZone>;
  /** 0 to 1: how clearly the direction belongs to the zone. */
  readonly zoneConfidence: Measured<number>;
  /** In the vehicle frame, from straight ahead: positive to the driver's left. */
  readonly azimuthDeg: Measured<number>;
  /** From the horizon, positive up. */
  readonly elevationDeg: Measured<number>;
  /** What the direction rests on: irises, irises of a moment ago, or the head alone. */
  readonly source: Measured<'gaze' | 'heldGaze' | 'head'>;
  /** How the look away in progress is made; `none` while there is none. */
  readonly movement: Measured<MovementType | 'none'>;
  readonly awayMs: Measured<number>;
  readonly cumulativeAwayMs: Measured<number>;
  readonly attentionBufferMs: Measured<number>;
  readonly area3Ms: Measured<number>;
  /** Share of the driver's own zero learnt, 0 to 1. */
  readonly calibration: Measured<number>;
}

/**
 * The measures as of the newest frame. What is summed over time stays valid while a frame says nothing, as it stands.
 * @param reason why the newest frame's look is not known, where it is not
 */
export function gazeMeasures(direction: DirectionTrack, reason: UnknownReason): GazeMeasures {
  const { sight, facts, glances, calibration } = direction;
  const learned = direction.zero?.learned ?? false;
  const seen = <T>(value: T | null): Measured<T> => (value === null ? unavailable(reason) : valid(value));
  const started = direction.zero !== null;
  const summed = (ms: number): Measured<number> => (started ? valid(ms) : unavailable('calibrating'));
  const zoneReason = sight !== null && !learned ? 'calibrating' : reason;
  return {
    zone: facts.zone === null ? unavailable(zoneReason) : valid(facts.zone),
    zoneConfidence: facts.zone === null ? unavailable(zoneReason) : valid(glances.zoneConfidence),
    azimuthDeg: seen(sight === null ? null : sight.direction.yawDeg),
    elevationDeg: seen(sight === null ? null : sight.direction.pitchDeg),
    source: seen(sight === null ? null : sight.source),
    movement: seen(sight === null ? null : (facts.movement ?? 'none')),
    awayMs: seen(sight === null && facts.awayMs === 0 ? null : facts.awayMs),
    cumulativeAwayMs: summed(facts.cumulativeAwayMs),
    attentionBufferMs: summed(facts.attentionBufferMs),
    area3Ms: seen(sight === null && facts.area3Ms === 0 ? null : facts.area3Ms),
    calibration: valid(calibration),
  };
}
