import { excusedLimitMs } from '../context/excuse.js';
import type { DriverFacts } from './facts.js';
import type { Policy } from './policy.js';

/** A stretch of time on the drive's clock, ms. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * Looks away that an excuse covered, within the VATS window. They are forgotten with the looks that they are part of:
 * when nothing is summed up any more.
 * @param excused whether the present look away is
 * @param dtMs time since the last step, which the present look has lasted on
 */
function addExcused(
  spans: readonly Span[],
  { now, glance }: DriverFacts,
  excused: boolean,
  dtMs: number,
  policy: Policy,
): readonly Span[] {
  if (glance.cumulativeAwayMs === 0) return spans.length === 0 ? spans : [];
  const oldest = now - policy.values['vats.windowMs'];
  const kept =
    spans.length > 0 && spans[0].toMs <= oldest ? spans.filter(({ toMs }) => toMs > oldest) : spans;
  if (!excused || dtMs === 0) return kept;
  const last = kept.at(-1);
  const fromMs = now - dtMs;
  if (last !== undefined && last.toMs >= fromMs) {
    return [...kept.slice(0, -1), { fromMs: last.fromMs, toMs: now }];
  }
  return [...kept, { fromMs, toMs: now }];
}

/** Their length together, ms. */
export function excusedWithin(spans: readonly Span[]): number {
  return spans.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);
}

/** What a policy remembers of the looks that it excused. */
export interface ExcusedLooks {
  readonly spans: readonly Span[];
  /** Limit that the newest frame looking away got, ms; null where nothing excused it. */
  readonly limitMs: number | null;
}

export const noExcusedLooks: ExcusedLooks = { spans: [], limitMs: null };

/**
 * One step. A look away goes on for the length of a flicker after the driver looks ahead again; what excused it goes
 * on with it.
 */
export function stepExcusedLooks(
  looks: ExcusedLooks,
  facts: DriverFacts,
  dtMs: number,
  policy: Policy,
): ExcusedLooks {
  const { glance, cabin, look, forwardSinceMs } = facts;
  const back = glance.zone === 'roadAhead' || forwardSinceMs !== null;
  const limitMs =
    glance.awayMs === 0 ? null : back ? looks.limitMs : excusedLimitMs(policy.excuses, cabin, look);
  const spans = addExcused(looks.spans, facts, limitMs !== null && !back, dtMs, policy);
  return spans === looks.spans && limitMs === looks.limitMs ? looks : { spans, limitMs };
}
