import type { ConfidenceMark } from '../policy/policy.js';

/** How gaze is measured, whatever the policy. Marks as in the policy files; E is our own choice. */
interface Limit {
  readonly value: number;
  readonly mark: ConfidenceMark;
  readonly clause: string;
}

const limits = {
  /** The neutral direction is learnt from this speed on, where the speed is known. */
  straightMinSpeedKmh: {
    value: 40,
    mark: 'E',
    clause: 'Openpilot learns the natural pose above 13 m/s (47 km/h); above 40 km/h bends are wide',
  },
  /** And with the steering wheel within this of its middle, where the angle is known. */
  straightSteeringDeg: {
    value: 10,
    mark: 'E',
    clause:
      'With a ratio of 15 and a wheelbase of 2.7 m a radius of 230 m: its tangent point lies 7 degrees aside',
  },
  /** After a driver change the old zero holds on as so much learnt time. */
  forgottenMs: {
    value: 1000,
    mark: 'E',
    clause: 'A guess to start from, outvoted by a second of the new driver',
  },
  /** Eyes whose irises are covered for a moment (a blink) are where they were, relative to the head. */
  gazeHoldMs: {
    value: 400,
    mark: 'E',
    clause: 'Blinks last 100 to 400 ms; a longer closure says nothing about gaze',
  },
  /** Share of a gaze shift that the head makes, when only the head is seen. */
  headShareAzimuth: {
    value: 0.85,
    mark: 'E',
    clause: 'Beyond 20 degrees the head makes most of a sideways gaze shift; persons differ from 0.5 to 1',
  },
  headShareElevation: {
    value: 0.7,
    mark: 'E',
    clause: 'Looking down the eyes do more of it; 21 degrees of head stand for the 30 of EU 2023/2590 area 3',
  },
  /** Share of a look down by the eyes that is read, and what the lids say to it; see down-gaze.ts. */
  downShown: {
    value: 1 / 3,
    mark: 'E',
    clause: 'On rendered eyes whose lids follow the gaze a third is read, on filmed ones a fifth to a half',
  },
  lidsRaised: {
    value: -0.02,
    mark: 'E',
    clause: 'Upper lids follow the eye down at nearly its own pace: lids that rise contradict a look down',
  },
  lidsAgree: {
    value: 0.04,
    mark: 'E',
    clause: '40 degrees down take a third of the opening, and the mesh sees half of that',
  },
  lidsPullDeg: {
    value: 10,
    mark: 'E',
    clause: 'The middle of a gap of 9 mm comes down by half of what it is narrowed, the iris with it',
  },
  downReachDeg: {
    value: 35,
    mark: 'E',
    clause: 'Eyes go down by 45 at most; people turn the head from 20 on',
  },
  /** How far the direction may be off, with irises and without. */
  gazeUncertaintyDeg: { value: 6, mark: 'E', clause: 'Error on rendered faces; see npm run eval gaze' },
  headUncertaintyDeg: {
    value: 12,
    mark: 'E',
    clause: 'Spread of how much of a gaze shift drivers leave to the eyes',
  },
  /** Another zone must be nearer by this much to take over. */
  zoneHysteresisDeg: { value: 3, mark: 'E', clause: 'Ten times the noise of gaze between frames' },
  /** A look serves the driving only where its zone is this sure: a phone under the cluster must not. */
  taskConfidence: {
    value: 0.5,
    mark: 'E',
    clause: 'Half of the uncertainty away from the border to what is no task',
  },
  /** Below this much of head turn a look away is made by the eyes. */
  lizardHeadDeg: {
    value: 10,
    mark: 'E',
    clause: 'Lizard: eyes lead, the head within a few degrees of neutral',
  },
  /** From this much of displacement of the face, in its own widths, a look away is made with the body. */
  leanWidths: {
    value: 0.6,
    mark: 'E',
    clause: 'About 9 cm; turning the head by 45 degrees moves the face by 6 cm about the top of the neck',
  },
  leanMemoryMs: {
    value: 30_000,
    mark: 'E',
    clause: 'How fast the usual seat position follows while looking ahead',
  },
  area1AzimuthDeg: {
    value: 55,
    mark: 'Q',
    clause: 'EU 2023/2590 area 1: beyond vertical planes at 55 degrees',
  },
  area2MarginDeg: {
    value: 10,
    mark: 'Q',
    clause: 'EU 2023/2590 area 2: windscreen and windows plus 10 degrees',
  },
  area3ElevationDeg: {
    value: -30,
    mark: 'Q',
    clause: 'EU 2023/2590 area 3: below a plane 30 degrees downward',
  },
  area3FlickerMs: {
    value: 250,
    mark: 'E',
    clause:
      'EU 2023/2590 3.3.2.4 leaves the tolerance for artefacts and short looks back to the manufacturer',
  },
  bufferMs: { value: 2000, mark: 'S', clause: 'AttenD (Kircher and Ahlstrom 2009): a buffer of 2 s' },
  bufferLatencyMs: { value: 100, mark: 'S', clause: 'AttenD: 0.1 s to see before the buffer fills again' },
  bufferGraceMs: {
    value: 1000,
    mark: 'M',
    clause: 'AttenD: looks at mirrors and speedometer cost nothing for 1 s',
  },
  /** Between frames further apart than this nothing is known. */
  maxGapMs: { value: 500, mark: 'E', clause: 'Two and a half frames at the lowest usable rate of 5 Hz' },
  /** A look at a zone shorter than this is on the way to another. */
  dwellMs: { value: 120, mark: 'M', clause: 'ISO 15007: a fixation lasts at least about 100 to 120 ms' },
} as const satisfies Record<string, Limit>;

export type GazeLimitName = keyof typeof limits;

/** With their sources. */
export const documentedGazeLimits: Readonly<Record<GazeLimitName, Limit>> = limits;

/** The numbers alone. */
export const gazeLimits = Object.fromEntries(
  Object.entries(limits).map(([name, { value }]) => [name, value]),
) as Readonly<Record<GazeLimitName, number>>;
