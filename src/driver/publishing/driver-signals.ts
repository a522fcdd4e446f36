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

const corroboration = `${vigilBranch}.Corroboration`;
const steering = `${vigilBranch}.Steering`;

/** VSS gives it a unit but no meaning: 100 % is where the rule of the policy in force fires. */
export const distractionLevelSignal = signal(
  `${driverBranch}.DistractionLevel`,
  (m) => m.distractionLevel,
  percent,
);

/** Sleepiness, steering, hands, phone, what supports an estimate, and how far the driver is known. */
export const driverSignals: readonly MeasureSignal[] = [
  signal(`${driverBranch}.FatigueLevel`, (m) => m.fatigueLevel, percent),
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
  signal(`${corroboration}.YawnCount`, (m) => m.corroboration.yawns, asIs),
  signal(`${corroboration}.NodCount`, (m) => m.corroboration.nods, asIs),
  signal(`${corroboration}.IsSpeaking`, (m) => m.corroboration.speaking, asIs),
  signal(`${corroboration}.IsHeadResting`, (m) => m.corroboration.headResting, asIs),
  signal(`${steering}.ReversalRate`, (m) => m.steering.reversalsPerMin, asIs),
  signal(`${steering}.Entropy`, (m) => m.steering.entropy, percent),
  signal(`${steering}.ReversalsOverUsual`, (m) => m.steering.reversalsOverUsual, asIs),
  signal(`${steering}.EntropyOverUsual`, (m) => m.steering.entropyOverUsual, asIs),
  signal(`${driverBranch}.IsHandsOnWheel`, (m) => m.steering.handsOnWheel, asIs),
];

/** Estimates are made once a second and published more often. */
const reasonsInWords = new WeakMap<KssEstimate, string>();

/** "microsleeps +2.1, timeOnTask -0.1": what moved the estimate, strongest first. */
function kssReasons(estimate: KssEstimate): string {
  const known = reasonsInWords.get(estimate);
  if (known !== undefined) return known;
  const { reasons, floor } = estimate;
  const words = [...(floor === null ? [] : [floor]), ...reasons]
    .map(({ source, effect }) => `${source} ${effect < 0 ? '-' : '+'}${Math.abs(effect).toFixed(1)}`)
    .join(', ');
  reasonsInWords.set(estimate, words);
  return words;
}
