import type { DrowsinessProbabilities } from './score.js';

/**
 * What each piece of evidence alone would say, on the scale of the KSS, and how much it weighs. Marks: (S) from the
 * source named, (E) engineering choice, not fitted to ratings: none are in the data.
 */
export interface Evidence<Value> {
  /** The level this evidence alone speaks for, 1 to 9; never falls as the evidence grows. */
  readonly level: (value: Value) => number;
  readonly weight: number;
}

/** A line through the points [value, level], flat beyond its ends. */
function through(...points: readonly (readonly [number, number])[]): (value: number) => number {
  return (value) => {
    const next = points.findIndex(([at]) => value < at);
    if (next === 0) return points[0][1];
    if (next === -1) return points[points.length - 1][1];
    const [from, low] = points[next - 1];
    const [to, high] = points[next];
    return low + ((value - from) / (to - from)) * (high - low);
  };
}

/** Class centres of the training data: alert is KSS 1 to 3, low vigilant 6 and 7, drowsy 8 and 9 (S, Ghoddoosian et al. 2019). */
const classLevels = { alert: 2, lowVigilant: 6.5, drowsy: 8.5 } as const;

/**
 * Sleepiness by the clock. When: accidents from sleep peak at two, six and sixteen o'clock (S, Horne and Reyner 1995). How
 * much: E.
 */
const byHour = through(
  [0, 4.5],
  [2, 5.5],
  [4, 6],
  [6, 5.5],
  [8, 4],
  [10, 3],
  [13, 3.3],
  [15.5, 4],
  [18, 3.3],
  [20, 3.2],
  [22, 3.8],
  [24, 4.5],
);

export const kssEvidence = {
  /** Weight (E): one opinion among several, as it tells alert from drowsy only moderately once sessions differ. */
  model: {
    level: (p: DrowsinessProbabilities) =>
      p.alert * classLevels.alert + p.lowVigilant * classLevels.lowVigilant + p.drowsy * classLevels.drowsy,
    weight: 1,
  },
  /** 60 s: below 0.075 awake, to 0.15 questionable, above drowsy (S, Wierwille 1994); 0.30 is an episode (S, PMC11055081). */
  perclos: { level: through([0, 3], [0.075, 6], [0.15, 8], [0.3, 9]), weight: 1 },
  /** 180 s: 0.09 advisory, 0.12 warning and crash coding (S, DOT HS 811 117, SHRP2). */
  perclosLong: { level: through([0, 3], [0.06, 6], [0.09, 7], [0.12, 8], [0.3, 9]), weight: 1 },
  /** Share of closures of 500 ms and more (S, Johns 2003 for the length; the line is E). */
  longClosures: { level: through([0, 3], [0.05, 5.5], [0.15, 7.5], [0.4, 9]), weight: 0.5 },
  /** Steering reversals per minute over the driver's own usual rate (E). */
  steeringReversals: { level: through([1, 3], [1.5, 5], [2.5, 7]), weight: 0.3 },
  /** Steering entropy over the driver's own usual one (S, Nakayama 1999 for the measure; the line is E). */
  steeringEntropy: { level: through([1, 3], [1.25, 5], [1.6, 7]), weight: 0.3 },
  /** Driving without a break: two hours are the usual advice for one, four and a half the law for lorries (S, (EC) 561/2006; the line is E). */
  timeOnTask: {
    level: through([0, 3], [2 * 3_600_000, 5], [4.5 * 3_600_000, 6.5]),
    weight: 0.3,
  },
  timeOfDay: { level: byHour, weight: 0.3 },
} as const satisfies {
  model: Evidence<DrowsinessProbabilities>;
  [name: string]: Evidence<DrowsinessProbabilities> | Evidence<number>;
};

export type KssSource = keyof typeof kssEvidence;

/** Evidence about the driver; the others are about the drive and alone say nothing of this person. */
export const aboutDriver: readonly KssSource[] = [
  'model',
  'perclos',
  'perclosLong',
  'longClosures',
  'steeringReversals',
  'steeringEntropy',
];

/**
 * Levels that strong evidence reaches whatever the rest says. Microsleeps of the last five minutes (E): who sleeps for a
 * second fights sleep. PERCLOS in both windows: 0.15 over 60 s and 0.10 over 180 s (S, Wierwille 1994 with the second
 * window against single-minute flips).
 */
export const kssFloors = {
  microsleeps: (count: number): number => (count >= 3 ? 9 : count >= 2 ? 8.5 : count >= 1 ? 8 : 1),
  perclosBoth: { short: 0.15, long: 0.1, level: 8 },
} as const;

export const microsleepWindowMs = 5 * 60_000;

export const kssConfidence = {
  /** With everything known. Not higher, as no rating was ever compared with it (E). */
  most: 0.7,
  /** A microsleep seen is hard evidence however little else is known (E). */
  withMicrosleep: 0.6,
} as const;
