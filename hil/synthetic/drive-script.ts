import { neutralPose, type FacePose } from './face-pose.js';
import { sinCosDeg, smoothstep } from './numerics.js';

/** One closing and reopening of both eyes. Times in ms from the start of the script. */
export interface LidEvent {
  readonly kind: 'blink' | 'microsleep';
  readonly closingFrom: number;
  readonly shutFrom: number;
  readonly shutUntil: number;
  readonly openFrom: number;
}

/** What a measurement should find, in frame numbers; the convention of the evaluations' blink labels. */
export interface LidTruth {
  readonly kind: LidEvent['kind'];
  /** First frame with the lids more than `closedAbove` down. */
  readonly start: number;
  /** The frame with the lids furthest down; the middle one of several. */
  readonly peak: number;
  /** First frame after it with the lids up again. */
  readonly end: number;
}

/** Closure command above which a frame counts as closed; face networks see the lids meet near 0.6. */
export const closedAbove = 0.6;

/** A performance of the synthetic driver. */
export interface DriveScript {
  readonly framesPerSecond: number;
  readonly frameCount: number;
  readonly lidEvents: readonly LidEvent[];
  /** Everything but the eyelids. `t` is ms from the start. */
  readonly posture: (t: number) => Omit<FacePose, 'eyelidClosure' | 'noiseSeed'>;
}

export function frameTime(script: DriveScript, frame: number): number {
  return (frame * 1000) / script.framesPerSecond;
}

export function closureAt(script: DriveScript, t: number): number {
  let closure = 0;
  for (const e of script.lidEvents) {
    const down = smoothstep(e.closingFrom, e.shutFrom, t) * (1 - smoothstep(e.shutUntil, e.openFrom, t));
    closure = Math.max(closure, down);
  }
  return closure;
}

export function poseAt(script: DriveScript, frame: number): FacePose {
  const t = frameTime(script, frame);
  const closure = closureAt(script, t);
  return { ...script.posture(t), eyelidClosure: { left: closure, right: closure }, noiseSeed: frame };
}

/** The truth table that follows from the commands. */
export function lidTruth(script: DriveScript): LidTruth[] {
  const truth: LidTruth[] = [];
  for (const event of script.lidEvents) {
    const closed: number[] = [];
    for (let frame = 0; frame < script.frameCount; frame++) {
      const t = frameTime(script, frame);
      if (t < event.closingFrom || t > event.openFrom) continue;
      if (closureAt(script, t) > closedAbove) closed.push(frame);
    }
    if (closed.length === 0) continue;
    const deepest = Math.max(...closed.map((frame) => closureAt(script, frameTime(script, frame))));
    const shut = closed.filter((frame) => closureAt(script, frameTime(script, frame)) === deepest);
    truth.push({
      kind: event.kind,
      start: closed[0],
      peak: shut[Math.floor(shut.length / 2)],
      end: closed[closed.length - 1] + 1,
    });
  }
  return truth;
}

/** Shut for 70 ms around `middle`; down in 90 ms, up in 130 ms: a spontaneous blink's asymmetry. */
function blink(middle: number): LidEvent {
  const [shutFrom, shutUntil] = [middle - 35, middle + 35];
  return { kind: 'blink', closingFrom: shutFrom - 90, shutFrom, shutUntil, openFrom: shutUntil + 130 };
}

function swing(t: number, periodMs: number): number {
  const turn = (t % periodMs) / periodMs;
  return sinCosDeg(turn * 360 - 180).sin;
}

/** 8 s: three blinks and, from 4.0 s to 5.4 s, a microsleep with the head sinking; awake at the end. */
export const microsleepScript: DriveScript = {
  framesPerSecond: 15,
  frameCount: 120,
  lidEvents: [
    blink(1200),
    blink(2400),
    { kind: 'microsleep', closingFrom: 3870, shutFrom: 4010, shutUntil: 5335, openFrom: 5430 },
    blink(6800),
  ],
  posture: (t) => {
    const nod = smoothstep(4200, 5200, t) * (1 - smoothstep(5350, 5700, t));
    const glance = smoothstep(2900, 3150, t) * (1 - smoothstep(3400, 3600, t));
    return {
      ...neutralPose,
      headYawDeg: 1.5 + 2.5 * swing(t, 6100) + 5 * glance,
      headPitchDeg: 1 + 1.2 * swing(t, 4300) - 7 * nod,
      headRollDeg: 1.2 * swing(t, 7700) - 2 * nod,
      gazeAzimuthDeg: -1.5 * swing(t, 6100) + 8 * glance,
      gazeElevationDeg: 0.8 * swing(t, 3100),
      offsetXCm: 0.5 * swing(t, 5300),
      offsetYCm: -1.5 + 0.15 * swing(t, 900),
      distanceCm: 44,
      lightingGain: 1 + 0.04 * swing(t, 2900),
      noise: 1.2,
    };
  },
};
