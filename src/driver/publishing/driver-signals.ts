import type { KssEstimate } from '../drowsiness/kss.js';
import { valid } from '../measured.js';
import {
  asIs,
  driverBranch,
  percent,
  seconds,
  signal,
  vigilBranch,
  type MeasureSignal,
} from './measure-signal.js';

const steering = `${vigilBranch}.Steering`;

/** Sleepiness, steering, hands, phone, and how far the driver is known. */
export const driverSignals: readonly MeasureSignal[] = [
  signal(
    `${vigilBranch}.Kss`,
    (m) => m.kss,
    ({ estimate }) => estimate,
  ),
  signal(
    `${vigilBranch}.KssConfidence`,
    (m) => m.kss,
    ({ confidence }) => percent(confidence),
  ),
  signal(`${vigilBranch}.KssReasons`, (m) => m.kss, kssReasons),
  signal(`${vigilBranch}.TimeOnTask`, (m) => valid(m.timeOnTaskMs), seconds),
  signal(`${vigilBranch}.Calibration`, (m) => valid(m.calibration), percent),
  signal(`${vigilBranch}.IsPhoneInUse`, (m) => m.phoneInUse, asIs),
  signal(`${steering}.ReversalRate`, (m) => m.steering.reversalsPerMin, asIs),
  signal(`${steering}.Entropy`, (m) => m.steering.entropy, percent),
  signal(`${steering}.ReversalsOverUsual`, (m) => m.steering.reversalsOverUsual, asIs),
  signal(`${steering}.EntropyOverUsual`, (m) => m.steering.entropyOverUsual, asIs),
  signal(`${driverBranch}.IsHandsOnWheel`, (m) => m.steering.handsOnWheel, asIs),
];

/** "microsleeps +2.1, timeOnTask -0.1": what moved the estimate, strongest first. */
function kssReasons({ reasons, floor }: KssEstimate): string {
  return [...(floor === null ? [] : [floor]), ...reasons]
    .map(({ source, effect }) => `${source} ${effect < 0 ? '-' : '+'}${Math.abs(effect).toFixed(1)}`)
    .join(', ');
}
