import type { Driver } from '../memory.js';
import type { DriverOutput } from '../outputs.js';
import { restartMachine } from '../policy/machine.js';
import { standstillKmh } from '../policy/state.js';
import { forgetSteering } from '../steering/steering-track.js';
import { initialTimeOnTask } from './time-on-task.js';

/**
 * A journey begins: everything is switched on and nothing is suppressed. At a known standstill what belongs to a trip
 * begins anew too: driving time, what rules remember, and with the next face what is usual for this driver. A vehicle
 * that moves, or may, has the driver that it had: forgetting open eyes then would blind the monitor for seconds.
 * @param speedKmh null when not known
 */
export function beginJourney(
  driver: Driver,
  t: number,
  speedKmh: number | null,
  outputs: DriverOutput[],
): Driver {
  if (!driver.enabled) outputs.push({ kind: 'enabledChanged', t, enabled: true, because: 'journey' });
  const on: Driver = { ...driver, enabled: true, alerts: { ...driver.alerts, quietUntilMs: {} } };
  if (speedKmh === null || speedKmh >= standstillKmh) return on;
  const { trip, machine } = on;
  return {
    ...on,
    machine: restartMachine(machine),
    trip: {
      steering: forgetSteering(trip.steering),
      task: { ...initialTimeOnTask, lastT: trip.task.lastT },
      change: { left: 'journey' },
    },
  };
}
