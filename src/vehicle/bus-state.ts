import type { BusState } from '../can/live/can-bus.js';
import type { VehicleBus } from './bus.js';

/** Why nothing can come from a bus in this state; undefined while something may. */
export function busFault(state: BusState): string | undefined {
  switch (state.kind) {
    case 'up':
    case 'silent':
      return undefined;
    case 'bus-off':
      return 'bus off';
    case 'down':
      return `bus down: ${state.reason.replace('-', ' ')}`;
    case 'closed':
      return 'bus closed';
  }
}

/**
 * Tells the vehicle store what a live bus's state means: where the interface is down, gone or off the bus, every signal
 * that comes from it is unavailable, with that reason, at once. `up` alone brings nothing back: the next frames do.
 * Silence needs no word here: `VehicleBus.tick` finds it on the drive clock.
 * @param t drive clock, ms
 */
export function followBusState(bus: VehicleBus, state: BusState, t: number): void {
  const reason = busFault(state);
  if (reason !== undefined) bus.busOff(t, reason);
}
