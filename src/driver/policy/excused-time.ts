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
export function addExcused(
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
