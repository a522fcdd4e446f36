import type { Meaning } from '../../src/assistant/grammar/match.js';
import { randomUniform } from '../demo/noise.js';
import type { Interval } from './wilson.js';

/** dB, or no noise at all. */
export type Snr = number | 'clean';

/** One recording, heard once. */
export interface Trial {
  readonly clip: string;
  readonly snr: Snr;
  readonly seed: number;
  readonly noise: string | null;
  /** Intent and every slot. */
  readonly right: boolean;
  /** log P(free) - log P(command); null when no command fitted. */
  readonly llr: number | null;
  readonly said: string;
  readonly cpuMs: number;
}

/** Intent the same, and the same slots with the same values. */
export function isRight(wanted: Meaning, heard: Meaning | undefined): boolean {
  if (heard?.intent !== wanted.intent) return false;
  const slots = Object.entries(wanted.slots);
  return (
    Object.keys(heard.slots).length === slots.length &&
    slots.every(([slot, value]) => heard.slots[slot] === value)
  );
}

export interface Accuracy extends Interval {
  readonly accuracy: number;
  readonly trials: number;
}

const resamples = 2000;

/**
 * Mean over conditions of the share that is right, with a 95 % interval by resampling clips (percentiles; Efron 1979):
 * trials of one recording hang together.
 */
export function accuracyOver(trials: readonly Trial[]): Accuracy {
  const bySnr = grouped(trials, ({ snr }) => snr);
  // Every condition weighs the same, and every recording the same within it.
  const weight = new Map([...bySnr].map(([snr, list]) => [snr, 1 / (list.length * bySnr.size)]));
  const score = (one: Trial): number => (one.right ? (weight.get(one.snr) ?? 0) : 0);
  const perClip = [...grouped(trials, ({ clip }) => clip).values()].map((list) => ({
    right: list.reduce((sum, one) => sum + score(one), 0),
    all: list.reduce((sum, one) => sum + (weight.get(one.snr) ?? 0), 0),
  }));
  const share = (clips: readonly { right: number; all: number }[]): number =>
    clips.reduce((sum, { right }) => sum + right, 0) / clips.reduce((sum, { all }) => sum + all, 0);
  const random = randomUniform(1);
  const means = Array.from({ length: resamples }, () =>
    share(perClip.map(() => perClip[Math.floor(random() * perClip.length)])),
  ).sort((a, b) => a - b);
  return {
    accuracy: share(perClip),
    low: means[Math.floor(0.025 * resamples)],
    high: means[Math.ceil(0.975 * resamples) - 1],
    trials: trials.length,
  };
}

export function grouped<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}
