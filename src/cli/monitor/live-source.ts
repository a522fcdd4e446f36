import type { Observable } from 'rxjs';
import type { BusState, CanBus } from '../../can/live/can-bus.js';
import type { CanFrames } from '../../can/frames.js';
import type { FrameSource } from './source.js';

/** Batches that wait for the table, at most: ten seconds of them. */
const mostWaiting = 1000;

/** What a person sees of the bus's state. */
export function stateText(state: BusState | undefined): string {
  if (state === undefined) return 'live';
  switch (state.kind) {
    case 'up':
      return state.controller === 'active' ? 'live' : `live, error ${state.controller}`;
    case 'down':
      return state.reason;
    case 'silent':
    case 'bus-off':
    case 'closed':
      return state.kind;
  }
}

/**
 * A live bus as the monitor reads it. Closing the source closes the bus.
 * @param stop ends the frames
 */
export function liveSource(bus: CanBus, stop: AbortSignal): FrameSource {
  let state: BusState | undefined;
  let pushedOut = 0;
  const subscription = bus.state$.subscribe((next) => (state = next));
  const frames = batches(bus.frames$, stop, (lost) => (pushedOut += lost));
  return {
    frames,
    startNs: null,
    live: true,
    setFilter: (keys) => bus.setFilter(keys),
    state: () => stateText(state),
    problems: () => {
      const { dropped, kernelDropped, malformed } = bus.counters();
      const lost = dropped + kernelDropped + pushedOut;
      return [
        ...(lost > 0 ? [`${bus.address}: ${lost} frames were lost because they were not taken in time`] : []),
        ...(malformed > 0 ? [`${bus.address}: ${malformed} times something came that is no frame`] : []),
      ];
    },
    close: async () => {
      subscription.unsubscribe();
      await bus.close();
    },
  };
}

/** What is emitted, to be taken when there is time; the oldest go when too many wait. */
async function* batches(
  source: Observable<CanFrames>,
  stop: AbortSignal,
  lost: (frames: number) => void,
): AsyncGenerator<CanFrames, void, undefined> {
  const waiting: CanFrames[] = [];
  let ended = stop.aborted;
  let failure: unknown;
  let wake: (() => void) | undefined;
  const end = (error?: unknown): void => {
    ended = true;
    failure ??= error;
    wake?.();
  };
  const onAbort = (): void => end();
  stop.addEventListener('abort', onAbort, { once: true });
  const subscription = source.subscribe({
    next: (frames) => {
      waiting.push(frames);
      if (waiting.length > mostWaiting) lost(waiting.shift()?.count ?? 0);
      wake?.();
    },
    error: end,
    complete: end,
  });
  try {
    for (;;) {
      const next = waiting.shift();
      if (next !== undefined) yield next;
      else if (ended) break;
      else {
        await new Promise<void>((resolve) => (wake = resolve));
        wake = undefined;
      }
    }
    if (failure !== undefined) throw failure as Error;
  } finally {
    stop.removeEventListener('abort', onAbort);
    subscription.unsubscribe();
  }
}
