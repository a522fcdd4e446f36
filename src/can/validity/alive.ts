import type { AliveSpec } from './rules.js';

const learntGaps = 10;
/** Gaps beyond this multiple of their median mean that the message is sent on change, not in a cycle. */
const irregular = 3;

interface Watched {
  readonly gaps: number[];
  /** ms; undefined while it is being learnt and for what has none. */
  periodMs: number | undefined;
  lastMs: number;
  learning: boolean;
  gone: boolean;
}

/** A message that has not come for too long. */
export interface Overdue {
  readonly message: string;
  readonly timeoutMs: number;
}

/**
 * Notices messages that stop. The period comes from the DBC; where that has none it is learnt: the median of the
 * first 10 gaps. A message whose gaps vary more than threefold has no period and is not watched. Times are those of
 * the drive clock, ms; nothing here reads one.
 */
export class AliveWatch {
  readonly #messages: ReadonlyMap<string, Watched>;

  /** @param periods each watched message's period from the DBC, ms; undefined where it states none */
  constructor(
    private readonly spec: AliveSpec,
    periods: ReadonlyMap<string, number | undefined>,
  ) {
    this.#messages = new Map(
      [...periods].map(([name, periodMs]) => [
        name,
        { gaps: [], periodMs, lastMs: -Infinity, learning: periodMs === undefined, gone: false },
      ]),
    );
  }

  /** A frame of the message came at `t`. */
  seen(message: string, t: number): void {
    const watched = this.#messages.get(message);
    if (watched === undefined) return;
    if (watched.learning && Number.isFinite(watched.lastMs)) learn(watched, t - watched.lastMs);
    watched.lastMs = Math.max(watched.lastMs, t);
    watched.gone = false;
  }

  /** Silence of this length means that the message is gone; undefined where it is not (yet) known. */
  timeoutMs(message: string): number | undefined {
    const period = this.#messages.get(message)?.periodMs;
    return period === undefined ? undefined : Math.max(this.spec.atLeastMs, this.spec.periods * period);
  }

  /** Messages that are gone at `t` and were not before. */
  takeOverdue(t: number): Overdue[] {
    const overdue: Overdue[] = [];
    for (const [message, watched] of this.#messages) {
      const timeoutMs = this.timeoutMs(message);
      if (watched.gone || timeoutMs === undefined || t - watched.lastMs <= timeoutMs) continue;
      if (!Number.isFinite(watched.lastMs)) continue;
      watched.gone = true;
      overdue.push({ message, timeoutMs });
    }
    return overdue;
  }
}

function learn(watched: Watched, gapMs: number): void {
  watched.gaps.push(gapMs);
  if (watched.gaps.length < learntGaps) return;
  watched.learning = false;
  const sorted = [...watched.gaps].sort((a, b) => a - b);
  const median = sorted[learntGaps / 2];
  if (median > 0 && sorted[learntGaps - 1] <= irregular * median) watched.periodMs = median;
}
