import { known } from '../action/vehicle-view.js';
import type { Turn } from './turn.js';

const vigil = 'Vehicle.Driver.Vigil';
export const driverPaths = {
  state: `${vigil}.State`,
  alertLevel: `${vigil}.AlertLevel`,
  alertRule: `${vigil}.AlertRule`,
  kss: `${vigil}.Kss`,
  distraction: 'Vehicle.Driver.DistractionLevel',
} as const;

const levels = ['NONE', 'INFORM', 'WARN', 'ALARM'];

/** Whether the driver is being warned, so that nothing else may be said. */
export function isAlerting(turn: Turn): boolean {
  return levelNow(turn) >= levels.indexOf('WARN');
}

/** Whether the driver has eyes or hands elsewhere. */
export function isDistracted(turn: Turn): boolean {
  const { states, levelPercent } = turn.config.arbitration.distracted;
  const state = known(turn.view, driverPaths.state);
  const level = known(turn.view, driverPaths.distraction);
  return (
    (typeof state === 'string' && states.includes(state)) ||
    (typeof level === 'number' && level >= levelPercent)
  );
}

/** -1 where it is not known. */
export function levelNow(turn: Turn): number {
  const level = known(turn.view, driverPaths.alertLevel);
  return typeof level === 'string' ? levels.indexOf(level) : -1;
}
