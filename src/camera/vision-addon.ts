import type { LatencySnapshot } from '../runtime/core-addon.js';
import { loadAddon } from '../runtime/native.js';
import type { EyeObservation, FaceObservation, LowerFaceAppearance } from './observation.js';
import type { NativePhoneConfig, PhoneCounters } from './phone-addon.js';

/** What native/vision/addon.cc exports. Nothing else may load vision.node. */
export interface VisionAddon {
  FaceTracker: new (
    config: NativeFaceTrackerConfig,
    onBatch: (
      observations: Float64Array,
      timings: Float64Array,
      landmarks?: Float32Array,
      phones?: Float64Array,
    ) => void,
  ) => NativeFaceTracker;
  EyeState: new (onnxLibrary: string, model: string) => NativeEyeState;
}

export interface NativeEyeState {
  /** 0 open to 1 closed; 8-bit luma of a crop around one eye, framed as docs/eyes.md says. Blocks. */
  closedProbability(luma: Uint8Array, width: number, height: number): number;
}

export interface NativeFaceTrackerConfig extends Partial<NativePhoneConfig> {
  onnxLibrary: string;
  detectorModel: string;
  meshModel: string;
  /** Read only where the network is used. */
  eyeStateModel?: string;
  /** 0 off (default), 1 where geometry is unsure, 2 always. */
  eyeNetwork?: number;
  /** 468 x (x, y, z), cm. */
  canonicalVertices: Float64Array;
  /** Pairs of landmark index and weight. */
  canonicalAnchors: Float64Array;
  mirrored: boolean;
  /** Left, top, right, bottom of the driver's seat in the image, shares of its width and height. */
  seat?: Float64Array;
  /** How often the detector looks for other faces, ms; default 3000. */
  recheckMs?: number;
  /** Of the whole frame, 10 to 150; default 55. */
  horizontalFovDeg?: number;
  detectEveryFrame: boolean;
  landmarks: boolean;
  queueLength: number;
  /** 0 oldest, 1 newest, 2 block. */
  dropPolicy: number;
  deadlineMs: number;
  fifoPriority?: number;
  cpu?: number;
}

export interface NativeFaceTracker {
  /** 0 accepted, 1 full, 2 closed. */
  push(t: number, number: number, format: number, width: number, height: number, bytes: Uint8Array): number;
  counters(): WorkerCounters;
  /** Frames accepted and not dropped whose observations have not been delivered yet. */
  outstanding(): number;
  /** Does not ask the eye-state network while paused. */
  pauseEyeNetwork(paused: boolean): void;
  latencies(): Record<VisionStage, LatencySnapshot>;
  /** undefined where no phone is looked for. */
  phoneCounters(): PhoneCounters | undefined;
  close(): void;
}

/** Counters of every native worker. */
export interface WorkerCounters {
  readonly accepted: number;
  readonly dropped: number;
  readonly late: number;
  readonly completed: number;
  /** Milliseconds since the newest accepted input; -1 before the first. */
  readonly lastInputAgeMs: number;
}

export type VisionStage = 'decode' | 'detect' | 'crop' | 'mesh' | 'measure' | 'eyes' | 'frame';

/** Where one frame's time went. Diagnostics only: outside the promise of determinism. */
export interface FrameTimings {
  readonly frame: number;
  readonly decodeMs: number;
  readonly detectMs: number;
  readonly cropMs: number;
  readonly meshMs: number;
  readonly measureMs: number;
  /** Of the eye-state network, both eyes; 0 where it was not asked. */
  readonly eyesMs: number;
  readonly totalMs: number;
  readonly detectorRan: boolean;
  /** The JPEG was decoded at 1/reduction of its size. */
  readonly reduction: number;
}

export const observationColumns = 43;
export const timingColumns = 10;
export const landmarkValues = 478 * 3;

const kinds = ['face', 'noFace', 'damagedImage', 'inferenceFailed'] as const;

/** Row `row` of the columns that the addon wrote (same order as WriteObservation in addon.cc). */
export function readObservation(rows: Float64Array, row: number, landmarks?: Float32Array): FaceObservation {
  const at = (column: number): number => rows[row * observationColumns + column];
  const t = at(0);
  const frame = at(1);
  const kind = kinds[at(2)];
  if (kind === 'damagedImage' || kind === 'inferenceFailed')
    return { kind: 'unreadable', t, frame, reason: kind };
  const image = {
    brightness: at(19),
    contrast: at(20),
    sharpness: at(21),
    saturatedShare: at(22),
    stillMs: at(37),
    detail: at(41),
  };
  if (kind === 'noFace') return { kind, t, frame, presence: at(3), image };
  return {
    kind,
    t,
    frame,
    presence: at(3),
    box: { x: at(4), y: at(5), width: at(6), height: at(7) },
    eyes: { left: readEye(at, 8, 23, 25), right: readEye(at, 10, 24, 30) },
    mouthOpening: at(12),
    head: { yawDeg: at(13), pitchDeg: at(14), rollDeg: at(15) },
    gaze: { azimuthDeg: at(16), elevationDeg: at(17), confidence: at(18) },
    image,
    lowerFace: readLowerFace(at(35), at(36)),
    ...(Number.isNaN(at(42)) ? {} : { aroundEyes: at(42) }),
    faces: at(38),
    imageSize: { width: at(39), height: at(40) },
    ...(landmarks === undefined
      ? {}
      : { landmarks: landmarks.slice(row * landmarkValues, (row + 1) * landmarkValues) }),
  };
}

/** @param lids column of openness and weight @param network of the eye-state network @param look of the appearance */
function readEye(
  at: (column: number) => number,
  lids: number,
  network: number,
  look: number,
): EyeObservation {
  const closedProbability = at(network);
  const familiarity = at(look + 1);
  return {
    openness: at(lids),
    weight: at(lids + 1),
    // NaN: not asked, not learnt yet.
    ...(Number.isNaN(closedProbability) ? {} : { closedProbability }),
    appearance: {
      likeness: at(look),
      ...(Number.isNaN(familiarity) ? {} : { familiarity }),
      brightness: at(look + 2),
      contrast: at(look + 3),
      saturatedShare: at(look + 4),
    },
  };
}

function readLowerFace(familiarity: number, contrast: number): LowerFaceAppearance {
  return Number.isNaN(familiarity) ? { contrast } : { familiarity, contrast };
}

export function readTimings(rows: Float64Array, row: number): FrameTimings {
  const at = (column: number): number => rows[row * timingColumns + column];
  return {
    frame: at(0),
    decodeMs: at(1),
    detectMs: at(2),
    cropMs: at(3),
    meshMs: at(4),
    measureMs: at(5),
    eyesMs: at(9),
    totalMs: at(6),
    detectorRan: at(7) === 1,
    reduction: at(8),
  };
}

export function visionAddon(): VisionAddon {
  return loadAddon('vision') as VisionAddon;
}
