import type { VehicleReading } from '../../../src/driver/context/vehicle-context.js';
import type { RuleName } from '../../../src/driver/policy/rule.js';
import type { DriverStateKind } from '../../../src/driver/policy/state.js';
import type { Performance } from './stream.js';

/** What is timed, from the beginning of the stimulus. */
export type Awaited =
  | { readonly what: 'state'; readonly kind: DriverStateKind }
  | { readonly what: 'alert'; readonly rule: RuleName }
  /** A prompt of this rule at this escalation step. */
  | { readonly what: 'step'; readonly rule: RuleName; readonly step: number }
  /** The end of the first prompt. */
  | { readonly what: 'end'; readonly rule: RuleName };

export interface Scenario {
  readonly name: string;
  readonly perform: Performance;
  readonly awaited: Awaited;
  /** Due after the stimulus began, ms; null where nothing must come. */
  readonly expectedMs: number | null;
  /** How much later it may come, ms, besides one frame. */
  readonly toleranceMs?: number;
  /** How much earlier, ms, besides one frame: what is added up may gain a frame each time. */
  readonly earlyMs?: number;
  readonly speedKmh?: (t: number) => number;
  readonly readings?: readonly VehicleReading[];
  readonly lengthMs?: number;
  readonly settleMs?: number;
}

const from =
  (untilMs: number, act: ReturnType<Performance>, after: ReturnType<Performance> = {}): Performance =>
  (t) =>
    t < untilMs ? act : after;

const eyesClosed = { eyesClosed: true } as const;
/** Published target angles, turned to + left: centre stack, mirror, lap, passenger footwell. */
const centreStack = { headYawDeg: -33, headPitchDeg: -20 } as const;
const centreStackByEyes = { eyeYawDeg: -33, eyePitchDeg: -20 } as const;
const mirror = { headYawDeg: -29, headPitchDeg: 16 } as const;
const lap = { headYawDeg: -10, headPitchDeg: -45 } as const;
const footwell = { headYawDeg: -40, headPitchDeg: -35, leanWidths: -0.6 } as const;
const overShoulder = { headYawDeg: 75 } as const;

const state = (kind: DriverStateKind): Awaited => ({ what: 'state', kind });
const alert = (rule: RuleName): Awaited => ({ what: 'alert', rule });
const at =
  (speedKmh: number): ((t: number) => number) =>
  (t) =>
    t < -2000 ? 60 : speedKmh;

/** Looks of 2 s with 1 s between: 10 s away in total at the end of the fifth look. */
const glances: Performance = (t) => (t % 3000 < 2000 ? centreStack : {});
const glancesDueMs = 4 * 3000 + 2000;

/** Closures of 900 ms every 4 s: the end of the twentieth makes 18 s, 10 % of three minutes. */
const slowClosures: Performance = (t) => (t % 4000 < 900 ? eyesClosed : {});
const slowClosuresDueMs = 19 * 4000 + 900;
const drowsy = {
  perform: slowClosures,
  settleMs: 200_000,
  lengthMs: 120_000,
  expectedMs: slowClosuresDueMs,
  toleranceMs: 4300,
  earlyMs: 1000,
} as const;

const leftIndicator: VehicleReading = { name: 'leftIndicator', t: 0, value: true, quality: 'valid' };
const seatEmpty: VehicleReading = { name: 'driverSeat', t: 0, value: 'EMPTY', quality: 'valid' };

const unseen = {
  name: 'the camera sees no face',
  perform: () => ({ face: false }),
  awaited: alert('notFunctional'),
  expectedMs: 8000,
  lengthMs: 15_000,
} as const;

/** The scenario matrix: what each policy must find, and when. */
export const scenarios: Readonly<Record<string, readonly Scenario[]>> = {
  'euroncap-2026': [
    {
      name: 'eyes closed for 1.5 s',
      perform: from(1500, eyesClosed),
      awaited: state('microsleep'),
      expectedMs: 1000,
    },
    {
      name: 'eyes closed for 1.5 s',
      perform: from(1500, eyesClosed),
      awaited: alert('microsleep'),
      expectedMs: 1000,
    },
    {
      name: 'eyes closed for 4 s',
      perform: from(4000, eyesClosed),
      awaited: alert('sleep'),
      expectedMs: 3000,
    },
    {
      name: 'eyes closed for 7 s',
      perform: from(7000, eyesClosed),
      awaited: alert('unresponsive'),
      expectedMs: 6000,
    },
    {
      name: 'eyes closed for 0.6 s',
      perform: from(600, eyesClosed),
      awaited: state('microsleep'),
      expectedMs: null,
    },
    {
      name: 'centre stack, owl',
      perform: from(4000, centreStack),
      awaited: state('longDistraction'),
      expectedMs: 3000,
    },
    {
      name: 'centre stack, owl',
      perform: from(4000, centreStack),
      awaited: alert('longDistraction'),
      expectedMs: 3000,
    },
    {
      name: 'centre stack, lizard',
      perform: from(4000, centreStackByEyes),
      awaited: alert('longDistraction'),
      expectedMs: 3000,
    },
    {
      name: 'passenger footwell, lean',
      perform: from(4000, footwell),
      awaited: alert('longDistraction'),
      expectedMs: 3000,
    },
    { name: 'lap, owl', perform: from(4000, lap), awaited: alert('longDistraction'), expectedMs: 3000 },
    {
      name: 'centre stack for 2.5 s',
      perform: from(2500, centreStack),
      awaited: alert('longDistraction'),
      expectedMs: null,
    },
    {
      name: 'mirror for 3.7 s',
      perform: from(3700, mirror),
      awaited: alert('longDistraction'),
      expectedMs: null,
    },
    {
      name: 'mirror for 5 s',
      perform: from(5000, mirror),
      awaited: alert('longDistraction'),
      expectedMs: 4000,
    },
    {
      name: 'no look back after the warning',
      perform: from(8000, centreStack),
      awaited: alert('unresponsive'),
      expectedMs: 6000,
    },
    {
      name: 'centre stack at 15 km/h',
      perform: from(5000, centreStack),
      awaited: alert('longDistraction'),
      expectedMs: null,
      speedKmh: at(14),
    },
    {
      name: 'over the left shoulder for 4.5 s, indicating',
      perform: from(4500, overShoulder),
      awaited: alert('longDistraction'),
      expectedMs: null,
      readings: [leftIndicator],
    },
    {
      name: 'over the left shoulder for 4.5 s',
      perform: from(4500, overShoulder),
      awaited: alert('longDistraction'),
      expectedMs: 3000,
    },
    {
      name: 'looks of 2 s with 1 s between',
      perform: glances,
      awaited: alert('shortDistraction'),
      expectedMs: glancesDueMs,
      lengthMs: 20_000,
    },
    {
      name: 'lap with a phone in the hand',
      perform: (t) => ({ phone: true, ...(t < 3000 ? {} : lap) }),
      awaited: alert('phoneUse'),
      expectedMs: 6000,
    },
    { name: 'closures of 0.9 s every 4 s', awaited: alert('drowsy'), ...drowsy },
    unseen,
    {
      name: 'the driver leaves the seat',
      perform: () => ({ face: false }),
      awaited: state('absent'),
      expectedMs: 1000,
      readings: [seatEmpty],
    },
    {
      name: 'looks ahead again after 3.5 s',
      perform: from(3500, centreStack),
      awaited: { what: 'end', rule: 'longDistraction' },
      expectedMs: 4500,
      toleranceMs: 300,
    },
    {
      name: 'opens the eyes again after 1.5 s',
      perform: from(1500, eyesClosed),
      awaited: { what: 'end', rule: 'microsleep' },
      expectedMs: 2500,
      toleranceMs: 300,
    },
  ],
  'eu-addw-2023-2590': [
    { name: 'lap at 60 km/h', perform: from(6000, lap), awaited: alert('longDistraction'), expectedMs: 3500 },
    {
      name: 'lap at 30 km/h',
      perform: from(9000, lap),
      awaited: alert('longDistraction'),
      expectedMs: 6000,
      speedKmh: at(30),
    },
    {
      name: 'lap for 5 s at 30 km/h',
      perform: from(5000, lap),
      awaited: alert('longDistraction'),
      expectedMs: null,
      speedKmh: at(30),
    },
    {
      name: 'lap at 14 km/h',
      perform: from(9000, lap),
      awaited: alert('longDistraction'),
      expectedMs: null,
      speedKmh: at(14),
    },
    {
      name: 'lap, with a look up of 0.13 s',
      perform: (t) => (t > 1500 && t < 1630 ? {} : lap),
      awaited: alert('longDistraction'),
      expectedMs: 3500,
    },
    {
      name: 'centre stack for 8 s',
      perform: from(8000, centreStack),
      awaited: alert('longDistraction'),
      expectedMs: null,
    },
    {
      name: 'lap for 8 s: haptics',
      perform: from(8000, lap),
      awaited: { what: 'step', rule: 'longDistraction', step: 1 },
      expectedMs: 5500,
    },
    unseen,
  ],
  'eu-ddaw-2021-1341': [
    {
      name: 'closures of 0.9 s every 4 s, at 100 km/h',
      awaited: alert('drowsy'),
      ...drowsy,
      speedKmh: () => 100,
    },
    {
      name: 'closures of 0.9 s every 4 s, at 60 km/h',
      awaited: alert('drowsy'),
      ...drowsy,
      speedKmh: () => 60,
      expectedMs: null,
    },
    { ...unseen, speedKmh: () => 100 },
  ],
  'openpilot-like': [
    {
      name: 'centre stack: inform',
      perform: from(13_000, centreStack),
      awaited: alert('awareness'),
      expectedMs: 3000,
      toleranceMs: 350,
    },
    {
      name: 'centre stack: warn',
      perform: from(13_000, centreStack),
      awaited: { what: 'step', rule: 'awareness', step: 1 },
      expectedMs: 5000,
      toleranceMs: 350,
    },
    {
      name: 'centre stack: empty',
      perform: from(13_000, centreStack),
      awaited: { what: 'step', rule: 'awareness', step: 2 },
      expectedMs: 11_000,
      toleranceMs: 350,
      lengthMs: 14_000,
    },
    {
      name: 'eyes closed: inform',
      perform: from(5000, eyesClosed),
      awaited: alert('awareness'),
      expectedMs: 3000,
      toleranceMs: 350,
    },
    {
      name: 'centre stack for 2 s',
      perform: from(2000, centreStack),
      awaited: alert('awareness'),
      expectedMs: null,
    },
  ],
};
