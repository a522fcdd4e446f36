import type { RuleValues } from './rule.js';

/** openpilot's countdown: how aware the driver is taken to be. */
export interface Awareness {
  /** 1 full to 0 empty; once empty it stays so until the vehicle has stood still. */
  readonly level: number;
  /** Low-passed distraction, 0 to 1. */
  readonly distraction: number;
}

export const fullAwareness: Awareness = { level: 1, distraction: 0 };

/** What the newest frame says; `blind` when nothing is known, `touching` when a hand is felt on the wheel then. */
export type Attention = 'attentive' | 'distracted' | 'blind' | 'touching';

/**
 * One step of the countdown (openpilot, selfdrive/monitoring, as given in `signals/policies/openpilot-like.yaml`): it
 * falls by `dtMs / emptyMs` while the driver is certainly distracted, more slowly while nothing is known, and recovers
 * the faster the emptier it is. Unseen, a hand on the wheel fills it at once unless it is empty.
 * @param moving below the rule's speed the countdown stands, and an empty one is filled
 */
export function stepAwareness(
  { level, distraction }: Awareness,
  dtMs: number,
  attention: Attention,
  moving: boolean,
  values: RuleValues<'awareness'>,
): Awareness {
  const { filterMs, emptyMs, blindEmptyMs, slowestRecovery, fastestRecovery } = values;
  const share = filterMs > 0 ? 1 - Math.exp(-dtMs / filterMs) : 1;
  const target = attention === 'distracted' ? 1 : 0;
  const unseen = attention === 'blind' || attention === 'touching';
  const next = unseen ? distraction : distraction + share * (target - distraction);
  if (!moving) return { level: level <= 0 ? 1 : level, distraction: next };
  if (attention === 'touching') return { level: level > 0 ? 1 : 0, distraction: next };
  if (attention === 'blind') return { level: Math.max(0, level - dtMs / blindEmptyMs), distraction: next };
  if (next > values.distractedAbove) {
    return { level: Math.max(0, level - dtMs / emptyMs), distraction: next };
  }
  if (next >= values.attentiveBelow || level <= 0) return { level, distraction: next };
  const factor = slowestRecovery + (fastestRecovery - slowestRecovery) * (1 - level);
  return { level: Math.min(1, level + (factor * dtMs) / emptyMs), distraction: next };
}

/** How far the countdown has come: 0 not to be told, 1 inform, 2 warn, 3 empty. */
export function awarenessStage({ level }: Awareness, values: RuleValues<'awareness'>): 0 | 1 | 2 | 3 {
  const { informMs, warningMs, emptyMs } = values;
  // Sums of many small steps fall short of the nominal time by rounding.
  const goneMs = (1 - level) * emptyMs + 0.5;
  if (goneMs >= emptyMs) return 3;
  if (goneMs >= warningMs) return 2;
  return goneMs >= informMs ? 1 : 0;
}
