import type { FaceObservation, FaceSeen } from '../../src/camera/observation.js';

/** Seeded uniform numbers in [0, 1): mulberry32. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let x = state;
    x = Math.imul(x ^ (x >>> 15), x | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) / 4294967296;
  };
}

function gaussian(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** The lids go down at `fromMs`, are down for `forMs` measured at half height, and come up again. */
export interface Closing {
  readonly fromMs: number;
  readonly forMs: number;
  /** Openness at the bottom over the open eye; default the person's closed eye. */
  readonly toRatio?: number;
}

/** The head is elsewhere for a while, relative to where it is otherwise. */
export interface Turn {
  readonly fromMs: number;
  readonly forMs: number;
  readonly yawDeg?: number;
  readonly pitchDeg?: number;
}

export interface Stretch {
  readonly fromMs: number;
  readonly forMs: number;
  readonly what: 'noFace' | 'damagedImage' | 'silent' | 'eyesHidden' | 'dark';
}

export interface Script {
  readonly lengthMs: number;
  readonly fps?: number;
  readonly seed?: number;
  /** Openness of the open eye, and of the closed eye over the open one. */
  readonly open?: number;
  readonly closedRatio?: number;
  /** Standard deviation of openness, and share of frames that never arrive. */
  readonly noise?: number;
  readonly dropped?: number;
  /** Relative change of the open eye per minute. */
  readonly driftPerMinute?: number;
  readonly yawDeg?: number;
  readonly pitchDeg?: number;
  readonly closings?: readonly Closing[];
  readonly turns?: readonly Turn[];
  readonly stretches?: readonly Stretch[];
}

const fallMs = 70;
const riseMs = 120;

/** 1 open to 0 at the bottom of this closing. */
function lidHeight(t: number, { fromMs, forMs }: Closing): number {
  const bottom = fromMs + fallMs;
  const lift = fromMs + Math.max(fallMs, forMs - (riseMs - fallMs) / 2);
  if (t <= fromMs || t >= lift + riseMs) return 1;
  if (t < bottom) return 1 - (t - fromMs) / fallMs;
  return t <= lift ? 0 : (t - lift) / riseMs;
}

export function faceAt(t: number, frame: number, openness: number, yawDeg = 0, pitchDeg = 0): FaceSeen {
  return {
    kind: 'face',
    t,
    frame,
    presence: 0.99,
    box: { x: 200, y: 120, width: 200, height: 240 },
    eyes: { left: { openness, weight: 1 }, right: { openness, weight: 1 } },
    mouthOpening: 0.02,
    head: { yawDeg, pitchDeg, rollDeg: 0 },
    gaze: { azimuthDeg: yawDeg, elevationDeg: pitchDeg, confidence: 0 },
    image: { brightness: 0.4, contrast: 0.2, sharpness: 200, saturatedShare: 0.01 },
  };
}

/** What the camera would see of a person who follows the script. */
export function perform(script: Script): FaceObservation[] {
  const { fps = 30, open = 0.28, closedRatio = 0.16, noise = 0.006, dropped = 0, seed = 1 } = script;
  const random = seededRandom(seed);
  const observations: FaceObservation[] = [];
  for (let frame = 0; (frame * 1000) / fps < script.lengthMs; frame++) {
    const t = (frame * 1000) / fps;
    const lost = random() < dropped;
    const jitter = gaussian(random) * noise;
    const stretch = script.stretches?.find((s) => t >= s.fromMs && t < s.fromMs + s.forMs)?.what;
    if (lost || stretch === 'silent') continue;
    let ratio = 1;
    for (const closing of script.closings ?? []) {
      const to = closing.toRatio ?? closedRatio;
      ratio = Math.min(ratio, to + (1 - to) * lidHeight(t, closing));
    }
    const turn = script.turns?.find((s) => t >= s.fromMs && t < s.fromMs + s.forMs);
    const level = open * (1 + ((script.driftPerMinute ?? 0) * t) / 60_000);
    const face = faceAt(
      t,
      frame,
      Math.max(0, level * ratio + jitter),
      (script.yawDeg ?? 0) + (turn?.yawDeg ?? 0) + gaussian(random) * 0.3,
      (script.pitchDeg ?? 0) + (turn?.pitchDeg ?? 0) + gaussian(random) * 0.3,
    );
    observations.push(alter(face, stretch));
  }
  return observations;
}

function alter(face: FaceSeen, what: Stretch['what'] | undefined): FaceObservation {
  const { t, frame, image } = face;
  switch (what) {
    case 'noFace':
      return { kind: 'noFace', t, frame, presence: 0.01, image };
    case 'damagedImage':
      return { kind: 'unreadable', t, frame, reason: 'damagedImage' };
    case 'eyesHidden':
      return { ...face, eyes: { left: { openness: 0.2, weight: 0 }, right: { openness: 0.2, weight: 0 } } };
    case 'dark':
      return { ...face, image: { ...image, brightness: 0.005 } };
    case 'silent':
    case undefined:
      return face;
  }
}

/** A blink of about 200 ms every few seconds, as awake people do. */
export function blinking(lengthMs: number, everyMs = 3700, forMs = 190): Closing[] {
  const closings: Closing[] = [];
  for (let fromMs = 2500; fromMs + 1000 < lengthMs; fromMs += everyMs) closings.push({ fromMs, forMs });
  return closings;
}
