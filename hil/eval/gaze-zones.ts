import { meanOpenness, type FaceSeen } from '../../src/camera/observation.js';
import { loadCabin } from '../../src/driver/gaze/cabin.js';
import {
  initialDirection,
  stepDirection,
  stepUnknownDirection,
  type DirectionContext,
  type DirectionTrack,
} from '../../src/driver/gaze/direction-track.js';
import type { GazeZone } from '../../src/driver/gaze/glance-facts.js';
import type { Direction } from '../../src/driver/gaze/neutral-pose.js';
import { toCamera } from '../../src/driver/gaze/vehicle-frame.js';
import type { Policy } from '../../src/driver/policy/policy.js';
import type { FacePose } from '../synthetic/face-pose.js';
import { gazeTargets, lookingAt, type GazeTarget, type Movement } from './gaze-targets.js';

export type Side = 'lhd' | 'rhd';

/** One look that was rendered. */
export interface PosedLook {
  readonly side: Side;
  readonly target: GazeTarget;
  readonly movement: Movement;
  readonly pose: Partial<FacePose>;
}

/** What the driver graph made of it. */
export interface JudgedLook extends PosedLook {
  /** The face was found. */
  readonly seen: boolean;
  readonly zone: GazeZone | null;
  readonly away: boolean;
  readonly rightZone: boolean;
  /** Called away from the road, or not, as it was. */
  readonly rightAway: boolean;
}

/** A camera low on the steering column, aimed up at the face: what a look straight ahead reads there. */
const restOf: Readonly<Record<Side, Direction>> = {
  lhd: { yawDeg: 6, pitchDeg: 14 },
  rhd: { yawDeg: -6, pitchDeg: 14 },
};

const frameMs = 40;
const learningFrames = 400;
const lookFrames = 25;

/** Looks straight ahead that the zero is learnt from: a driver is never quite still. */
export function restPoses(side: Side): Partial<FacePose>[] {
  const { yawDeg, pitchDeg } = restOf[side];
  return [-2, -1, 0, 1, 2].map((off) => ({ headYawDeg: yawDeg + off, headPitchDeg: pitchDeg - off / 2 }));
}

export function posedLooks(side: Side): PosedLook[] {
  const rest = restOf[side];
  return gazeTargets.flatMap((target) =>
    target.movements.map((movement) => {
      const { yawDeg, pitchDeg } = target.direction;
      const direction = toCamera({ yawDeg: side === 'lhd' ? yawDeg : -yawDeg, pitchDeg }, rest);
      return { side, target, movement, pose: lookingAt(direction, rest, movement).pose };
    }),
  );
}

/**
 * Learns the zero from the looks ahead, then shows each look for a second to what was learnt.
 * @param lidsSeen false: readings of gaze that need no help from the lids
 */
export function judgeLooks(
  side: Side,
  ahead: readonly FaceSeen[],
  looks: readonly (PosedLook & { readonly face: FaceSeen | null })[],
  policy: Policy,
  lidsSeen = true,
): JudgedLook[] {
  const context: DirectionContext = {
    policy,
    cabin: loadCabin(`generic-${side}`),
    driving: true,
    mount: { yawDeg: 0, pitchDeg: 0 },
    eyesOpen: true,
    nodding: false,
    drowsy: false,
  };
  let learnt: DirectionTrack = initialDirection;
  for (let i = 0; i < learningFrames; i++) {
    const face = { ...ahead[i % ahead.length], t: i * frameMs };
    learnt = stepDirection(learnt, face, context).direction;
  }
  const open = Math.max(...ahead.map(({ eyes }) => meanOpenness(eyes)));
  return looks.map(({ face, ...look }) => {
    let track = learnt;
    for (let i = learningFrames; i < learningFrames + lookFrames; i++) {
      const t = i * frameMs;
      track =
        face === null
          ? stepUnknownDirection(track, t, 'noFace', context).direction
          : stepDirection(
              track,
              { ...face, t },
              { ...context, lidsLowered: lidsSeen ? 1 - meanOpenness(face.eyes) / open : null },
            ).direction;
    }
    const { zone, awayMs } = track.facts;
    const away = awayMs > 0;
    return {
      ...look,
      seen: face !== null,
      zone,
      away,
      rightZone: zone === look.target.zone,
      rightAway: face !== null && away === (look.target.zone !== 'roadAhead'),
    };
  });
}
