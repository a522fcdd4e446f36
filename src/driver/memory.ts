import { initialAlertBook, type AlertBook } from './policy/alert.js';
import type { UnknownReason } from './measured.js';
import type { Direction } from './gaze/neutral-pose.js';
import type { InputSource } from './outputs.js';
import type { Policy } from './policy/policy.js';
import type { SpeedReading } from './context/speed.js';
import type { VehicleContext } from './context/vehicle-context.js';
import type { DriverState } from './policy/state.js';
import { initialView, type View } from './view.js';

export interface DriverOptions {
  readonly policy: Policy;
  /** Where straight ahead is for this camera mount, as head pose reads there; 0/0 when unknown. */
  readonly mount?: Direction;
}

/** Everything the driver graph remembers; bounded, and never changed in place. */
export interface Driver {
  readonly options: Required<DriverOptions>;
  /** The newest time any input carried. */
  readonly now: number | null;
  readonly startedMs: number | null;
  readonly lastT: Readonly<Partial<Record<InputSource, number>>>;
  readonly view: View;
  readonly speed: SpeedReading | null;
  readonly vehicle: VehicleContext;
  /** When the driver last answered a warning. */
  readonly acknowledgedMs: number | null;
  readonly cameraFault: UnknownReason | null;
  readonly drowsy: boolean;
  readonly state: DriverState | null;
  readonly alerts: AlertBook;
}

export function initialDriver(options: DriverOptions): Driver {
  return {
    options: { mount: { yawDeg: 0, pitchDeg: 0 }, ...options },
    now: null,
    startedMs: null,
    lastT: {},
    view: initialView,
    speed: null,
    vehicle: {},
    acknowledgedMs: null,
    cameraFault: null,
    drowsy: false,
    state: null,
    alerts: initialAlertBook,
  };
}
