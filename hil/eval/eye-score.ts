import type { EyeLabel } from './eye-crops.js';
import type { Interval } from './wilson.js';

/** One crop and what was said about it. */
export interface ScoredEye {
  readonly label: EyeLabel;
  readonly closedProbability: number;
}

export interface EyeFigures {
  readonly n: number;
  readonly closed: number;
  readonly open: number;
  readonly subjects: number;
  /** Mean of the shares of closed and of open eyes that are right; of the one class there is where there is one. */
  readonly balancedAccuracy: number;
  /** Share of closed eyes called closed; NaN without closed eyes. */
  readonly closedRecall: number;
  /** Share of open eyes called open; NaN without open eyes. */
  readonly openRecall: number;
  /** 95 % percentile bootstrap over subjects; NaN for fewer than five of them. */
  readonly interval95: Interval;
}

/** At least this probability is called closed. */
export const closedFrom = 0.5;

const resamples = 2000;
const minSubjects = 5;

/** Right and all, of closed and of open eyes. */
interface Counts {
  readonly closedRight: number;
  readonly closed: number;
  readonly openRight: number;
  readonly open: number;
}

/** Figures of a set of crops. Crops of one person are not independent: the interval's unit is the subject. */
export function eyeFigures(eyes: readonly ScoredEye[]): EyeFigures {
  const bySubject = [...groupBy(eyes, ({ label }) => label.subject).values()].map(count);
  const total = sum(bySubject);
  return {
    n: eyes.length,
    closed: total.closed,
    open: total.open,
    subjects: bySubject.length,
    balancedAccuracy: balanced(total),
    closedRecall: total.closedRight / total.closed,
    openRecall: total.openRight / total.open,
    interval95: subjectInterval(bySubject),
  };
}

export function groupBy<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const name = key(item);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [item]);
    else group.push(item);
  }
  return groups;
}

function count(eyes: readonly ScoredEye[]): Counts {
  const counts = { closedRight: 0, closed: 0, openRight: 0, open: 0 };
  for (const { label, closedProbability } of eyes) {
    const right = closedProbability >= closedFrom === label.closed ? 1 : 0;
    if (label.closed) {
      counts.closed++;
      counts.closedRight += right;
    } else {
      counts.open++;
      counts.openRight += right;
    }
  }
  return counts;
}

function sum(parts: readonly Counts[]): Counts {
  const total = { closedRight: 0, closed: 0, openRight: 0, open: 0 };
  for (const part of parts) {
    total.closedRight += part.closedRight;
    total.closed += part.closed;
    total.openRight += part.openRight;
    total.open += part.open;
  }
  return total;
}

function balanced({ closedRight, closed, openRight, open }: Counts): number {
  if (closed === 0) return openRight / open;
  if (open === 0) return closedRight / closed;
  return (closedRight / closed + openRight / open) / 2;
}

function subjectInterval(subjects: readonly Counts[]): Interval {
  if (subjects.length < minSubjects) return { low: Number.NaN, high: Number.NaN };
  const random = seeded(0x9e3779b9);
  const figures: number[] = [];
  for (let i = 0; i < resamples; i++) {
    const drawn = sum(subjects.map(() => subjects[Math.floor(random() * subjects.length)]));
    if (drawn.closed > 0 && drawn.open > 0) figures.push(balanced(drawn));
  }
  if (figures.length === 0) return { low: Number.NaN, high: Number.NaN };
  figures.sort((a, b) => a - b);
  const at = (share: number): number => figures[Math.round(share * (figures.length - 1))];
  return { low: at(0.025), high: at(0.975) };
}

/** Marsaglia's xorshift of 32 bits: equal data give equal intervals. */
function seeded(seed: number): () => number {
  let state = seed | 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
