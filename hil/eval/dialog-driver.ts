import type { Act, Performance } from './matrix/stream.js';
import type { ScenarioTurn } from './dialog-scenario.js';

/** What a scenario's driver can do before the camera. */
export const driverActings = ['ahead', 'nodsOff', 'looksDown', 'slowLids'] as const;
export type DriverActing = (typeof driverActings)[number];

/** By ms after it began. */
const acts: Readonly<Record<DriverActing, (t: number) => Act>> = {
  ahead: () => ({}),
  nodsOff: () => ({ eyesClosed: true }),
  looksDown: () => ({ headYawDeg: -33, headPitchDeg: -20 }),
  // Closures of 900 ms every 4 s: after some 77 s the eyes were closed for 10 % of three minutes.
  slowLids: (t) => (t % 4000 < 900 ? { eyesClosed: true } : {}),
};

/** The driver of a scenario; null where no turn says what the driver does, and the driver's state is set by hand. */
export function driverOf(
  turns: readonly Pick<ScenarioTurn, 'at' | 'driver'>[],
): { readonly perform: Performance; readonly settleMs: number } | null {
  const acting = turns.flatMap(({ at, driver }) => (driver === null ? [] : [{ fromMs: at * 1000, driver }]));
  if (acting.length === 0) return null;
  const settleMs = acting[0].fromMs;
  return {
    settleMs,
    perform: (sinceMs) => {
      const t = sinceMs + settleMs;
      const now = acting.findLast(({ fromMs }) => fromMs <= t);
      return now === undefined ? {} : acts[now.driver](t - now.fromMs);
    },
  };
}
