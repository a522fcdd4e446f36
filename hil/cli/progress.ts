import { SingleBar } from 'cli-progress';
import { messageOf } from '../../src/runtime/errors.js';

/** Shows how far a long command is: a bar on a terminal, else a line every few seconds. Always on stderr. */
export interface Progress {
  /** @param total null when not known; both in seconds of drive time */
  update(doneS: number, totalS: number | null): void;
  stop(): void;
}

const lineEveryMs = 5000;

function seconds(value: number): string {
  return `${value.toFixed(1)} s`;
}

/** A bar that stays on its line; without a known total it only counts. */
function terminalBar(label: string): Progress {
  const bar = new SingleBar({
    stream: process.stderr,
    format: `${label} [{bar}] {done} of {all} {note}`,
    barsize: 30,
    hideCursor: true,
    clearOnComplete: true,
    stopOnComplete: false,
    fps: 5,
  });
  let started = false;
  return {
    update(doneS, totalS) {
      const payload = { done: seconds(doneS), all: totalS === null ? '?' : seconds(totalS), note: '' };
      const total = totalS ?? Math.max(1, doneS);
      if (started) {
        bar.setTotal(Math.max(total, doneS));
        bar.update(doneS, payload);
      } else bar.start(total, doneS, payload);
      started = true;
    },
    stop() {
      if (started) bar.stop();
    },
  };
}

function lines(label: string, now: () => number): Progress {
  let last = now();
  return {
    update(doneS, totalS) {
      if (now() - last < lineEveryMs) return;
      last = now();
      const share = totalS === null ? '' : ` of ${seconds(totalS)} (${Math.floor((100 * doneS) / totalS)} %)`;
      process.stderr.write(`${label}: ${seconds(doneS)}${share}\n`);
    },
    stop() {
      // A line needs no tidying up.
    },
  };
}

export function progress(label: string): Progress {
  return process.stderr.isTTY ? terminalBar(label) : lines(label, () => performance.now());
}

/** Exit code after a first Ctrl-C or termination request, as shells have it for SIGINT. */
export const interruptedExitCode = 130;

/**
 * Runs `work` so that SIGINT and SIGTERM abort it instead of ending the process, and it can tidy up.
 * @returns what `work` returns, or null when it was interrupted
 */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T | null> {
  const controller = new AbortController();
  const abort = () => controller.abort();
  process.on('SIGINT', abort).on('SIGTERM', abort);
  try {
    return await work(controller.signal);
  } catch (error) {
    if (!controller.signal.aborted) throw error;
    process.stderr.write(`vigil: ${messageOf(error)}\n`);
    process.exitCode = interruptedExitCode;
    return null;
  } finally {
    process.off('SIGINT', abort).off('SIGTERM', abort);
  }
}
