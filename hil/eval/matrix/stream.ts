import type { FaceObservation, FaceSeen } from '../../../src/camera/observation.js';
import type { VehicleReading } from '../../../src/driver/context/vehicle-context.js';
import type { DriverInput } from '../../../src/driver/outputs.js';

/** What a driver does at one moment; angles positive to the left and up, from straight ahead. */
export interface Act {
  readonly eyesClosed?: boolean;
  readonly headYawDeg?: number;
  readonly headPitchDeg?: number;
  /** Eyes in the head, added to the head's direction. */
  readonly eyeYawDeg?: number;
  readonly eyePitchDeg?: number;
  /** Widths of the face by which the body leans to the side; positive to the left in the image. */
  readonly leanWidths?: number;
  readonly face?: boolean;
  readonly phone?: boolean;
}

/** What the driver does `t` ms after the stimulus began. */
export type Performance = (t: number) => Act;

export interface Stream {
  readonly perform: Performance;
  readonly fps: number;
  /** Before the stimulus, ms: awake and ahead, with blinks; the driver is learnt. */
  readonly settleMs: number;
  /** After its beginning, ms. */
  readonly lengthMs: number;
  readonly speedKmh: (t: number) => number;
  readonly readings?: readonly VehicleReading[];
}

const open = 0.28;
const closed = 0.04;
const tickMs = 50;
const phoneMs = 1000;
const blinkEveryMs = 3700;
const blinkMs = 180;
/** A driver who is watched for faults blinks until this long before the stimulus. */
const restMs = 1500;

/** Inputs of a drive in order of time; the stimulus begins at `settleMs`. No noise but a small periodic one. */
export function* inputsOf(stream: Stream): Generator<DriverInput> {
  const { fps, settleMs, lengthMs, readings = [] } = stream;
  const endMs = settleMs + lengthMs;
  let frame = 0;
  for (let tick = 0; tick * tickMs <= endMs; tick++) {
    const t = tick * tickMs;
    yield { kind: 'speed', t, speedKmh: stream.speedKmh(t - settleMs), quality: 'valid' };
    for (const reading of readings) {
      yield { kind: 'vehicle', t, reading: { ...reading, t } };
    }
    if (t % phoneMs === 0) yield phoneAt(t, frame, actAt(stream, t).phone === true);
    yield { kind: 'tick', t };
    for (; (frame * 1000) / fps < t + tickMs && (frame * 1000) / fps <= endMs; frame++) {
      const at = (frame * 1000) / fps;
      yield { kind: 'observation', observation: observe(stream, at, frame) };
    }
  }
}

function actAt({ perform, settleMs }: Stream, t: number): Act {
  return t < settleMs ? {} : perform(t - settleMs);
}

function observe(stream: Stream, t: number, frame: number): FaceObservation {
  const act = actAt(stream, t);
  const face = faceOf(t, frame, act, t - stream.settleMs < -restMs && t % blinkEveryMs < blinkMs);
  if (act.face !== false) return face;
  return { kind: 'noFace', t, frame, presence: 0.01, image: face.image };
}

function faceOf(t: number, frame: number, act: Act, blinks: boolean): FaceSeen {
  const wobble = 0.3 * Math.sin(t / 170) + 0.2 * Math.sin(t / 31);
  const openness = (act.eyesClosed === true || blinks ? closed : open) + 0.004 * Math.sin(t / 23);
  const eye = { openness, weight: 1 };
  const yawDeg = (act.headYawDeg ?? 0) + wobble;
  const pitchDeg = (act.headPitchDeg ?? 0) + 0.5 * wobble;
  const width = 200;
  return {
    kind: 'face',
    t,
    frame,
    presence: 0.99,
    box: { x: 200 + width * (act.leanWidths ?? 0), y: 120, width, height: 240 },
    eyes: { left: eye, right: eye },
    mouthOpening: 0.02,
    head: { yawDeg, pitchDeg, rollDeg: 0 },
    gaze: {
      azimuthDeg: yawDeg + (act.eyeYawDeg ?? 0),
      elevationDeg: pitchDeg + (act.eyePitchDeg ?? 0),
      confidence: act.eyesClosed === true ? 0 : 0.9,
    },
    image: {
      brightness: 0.4 + 0.01 * Math.sin(t / 90),
      contrast: 0.2,
      sharpness: 200 + 5 * Math.sin(t / 70),
      saturatedShare: 0.01,
    },
  };
}

function phoneAt(t: number, frame: number, seen: boolean): DriverInput {
  const observation = seen
    ? ({
        kind: 'phone',
        t,
        frame,
        score: 0.8,
        box: { x: 300, y: 380, width: 60, height: 90 },
        place: 'inHand',
      } as const)
    : ({ kind: 'noPhone', t, frame, score: 0.02 } as const);
  return { kind: 'phone', t, observation };
}
