import type { SeatWindow } from '../camera/seat-window.js';
import { initialAlertBook, type AlertBook } from './policy/alert.js';
import type { DrowsinessScorer } from './drowsiness/score.js';
import { initialTrace, type Trace } from './policy/evidence.js';
import { initialMachine, type Machine } from './policy/machine.js';
import type { UnknownReason } from './measured.js';
import { initialPhoneUse, type PhoneUseTrack } from './phone-use.js';
import { genericCabin, type Cabin } from './gaze/cabin.js';
import type { CameraMount } from './gaze/vehicle-frame.js';
import type { InputSource } from './outputs.js';
import type { Policy } from './policy/policy.js';
import type { SpeedReading } from './context/speed.js';
import type { VehicleContext } from './context/vehicle-context.js';
import type { DriverState } from './policy/state.js';
import { initialSleepiness, type Sleepiness } from './sleepiness.js';
import type { WallClock } from './trip/time-of-day.js';
import { initialTrip, type Trip } from './trip/trip.js';
import { initialView, type View } from './view.js';

export interface DriverOptions {
  /** The policy in force; its parameters are also those by which the driver is measured. */
  readonly policy: Policy;
  /** Policies in force beside it, which must measure alike; see `policyConflict`. */
  readonly alongside?: readonly Policy[];
  /** Models in use, for the record of alerts: name to the beginning of the file's sha256. */
  readonly models?: Readonly<Record<string, string>>;
  /** Where straight ahead is for this camera mount, as head pose reads there; 0/0 when unknown. */
  readonly mount?: CameraMount;
  /** Where things are in the cabin; default the generic left-hand drive car. */
  readonly cabin?: Cabin;
  /** Where in the image the driver's face belongs; null for anywhere. */
  readonly seat?: SeatWindow | null;
  /** The learnt model of sleepiness by blinks; null or absent where there is none, and then the estimate does without. */
  readonly drowsiness?: DrowsinessScorer | null;
  /** What time it was at the drive's 0, where a recording says so; null where only the vehicle can tell. */
  readonly wallClock?: WallClock | null;
}

/** Everything the driver graph remembers; bounded, and never changed in place. */
export interface Driver {
  readonly options: Required<DriverOptions>;
  /** The newest time any input carried. */
  readonly now: number | null;
  readonly startedMs: number | null;
  readonly lastT: Readonly<Partial<Record<InputSource, number>>>;
  /** When measures were last put out. */
  readonly measuredMs: number | null;
  readonly view: View;
  readonly speed: SpeedReading | null;
  readonly vehicle: VehicleContext;
  readonly trip: Trip;
  readonly sleepiness: Sleepiness;
  readonly cameraFault: UnknownReason | null;
  /** The camera side has turned something down to keep up. */
  readonly overloaded: boolean;
  readonly phone: PhoneUseTrack;
  readonly machine: Machine;
  /** A policy takes the driver for drowsy, perhaps behind a more urgent state. */
  readonly drowsy: boolean;
  /** Whether prompts that may be switched off are on. */
  readonly enabled: boolean;
  readonly state: DriverState | null;
  readonly alerts: AlertBook;
  readonly trace: Trace;
}

/** A driver of whom nothing is known yet: the state that `stepDriver` goes on from. */
export function initialDriver(options: DriverOptions): Driver {
  const { policy, alongside = [] } = options;
  return {
    options: {
      mount: { yawDeg: 0, pitchDeg: 0 },
      seat: null,
      cabin: genericCabin(),
      drowsiness: null,
      wallClock: null,
      alongside,
      models: {},
      ...options,
    },
    now: null,
    startedMs: null,
    lastT: {},
    measuredMs: null,
    view: initialView,
    speed: null,
    vehicle: {},
    trip: initialTrip,
    sleepiness: initialSleepiness,
    cameraFault: null,
    overloaded: false,
    phone: initialPhoneUse,
    machine: initialMachine([policy, ...alongside]),
    drowsy: false,
    enabled: true,
    state: null,
    alerts: initialAlertBook,
    trace: initialTrace,
  };
}
