import type { VehicleContext } from '../context/vehicle-context.js';
import type { DriverInput } from '../outputs.js';
import {
  forgetSteering,
  initialSteering,
  stepSteering,
  type SteeringTrack,
} from '../steering/steering-track.js';
import {
  initialDriverChange,
  stepDriverChange,
  type ChangeCause,
  type DriverChange,
} from './driver-change.js';
import { initialTimeOnTask, stepTimeOnTask, type TimeOnTask } from './time-on-task.js';

/** What is remembered of the drive rather than of what the camera sees: steering, time at the wheel, who sits there. */
export interface Trip {
  readonly steering: SteeringTrack;
  readonly task: TimeOnTask;
  readonly change: DriverChange;
}

export const initialTrip: Trip = {
  steering: initialSteering,
  task: initialTimeOnTask,
  change: initialDriverChange,
};

export interface TripFacts {
  readonly now: number;
  /** Null when not known. */
  readonly speedKmh: number | null;
  readonly vehicle: VehicleContext;
  /** The driver is drowsy: what is usual for this driver is not to be learnt now. */
  readonly drowsy: boolean;
  /** When a face was seen before this input. */
  readonly lastFaceMs: number | null;
}

export interface TripStep {
  readonly trip: Trip;
  /** Another driver may have sat down: what was learnt about the driver does not hold from this input on. */
  readonly newDriver: ChangeCause | null;
}

/** One input, after its speed or reading was taken into the facts and before the camera's view takes it. */
export function stepTrip(trip: Trip, input: DriverInput, facts: TripFacts): TripStep {
  const { now, speedKmh, vehicle, drowsy, lastFaceMs } = facts;
  if (input.kind === 'vehicle') {
    const steering = stepSteering(trip.steering, input.reading, { speedKmh, drowsy });
    return { trip: steering === trip.steering ? trip : { ...trip, steering }, newDriver: null };
  }
  if (input.kind !== 'tick' && input.kind !== 'observation') return { trip, newDriver: null };
  const faceNow = input.kind === 'observation' && input.observation.kind === 'face';
  const { change, cause } = stepDriverChange(trip.change, { now, vehicle, speedKmh, faceNow, lastFaceMs });
  const task = stepTimeOnTask(trip.task, now, speedKmh);
  const steering = cause === null ? trip.steering : forgetSteering(trip.steering);
  return { trip: { steering, task, change }, newDriver: cause };
}
