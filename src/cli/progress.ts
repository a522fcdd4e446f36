import { SingleBar } from 'cli-progress';
import { messageOf } from '../runtime/errors.js';

/** Shows how far a long command is: a bar on a terminal, else a line every few seconds. Always on stderr. */
export interface Progress {
  /** @param total null when not known; both in the unit that the bar was made for, seconds when none was said */
  update(done: number, total: number | null): void;
  stop(): void;
}

const lineEveryMs = 5000;

function seconds(value: number): string {
  return `${value.toFixed(1)} s`;
}

/** A bar that stays on its line; without a known total it only counts. */
function terminalBar(label: string, text: (value: number) => string): Progress {
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
    update(done, all) {
      const payload = { done: text(done), all: all === null ? '?' : text(all), note: '' };
      const total = all ?? Math.max(1, done);
      if (started) {
        bar.setTotal(Math.max(total, done));
        bar.update(done, payload);
      } else bar.start(total, done, payload);
      started = true;
    },
    stop() {
      if (started) bar.stop();
    },
  };
}

function lines(label: string, text: (value: number) => string, now: () => number): Progress {
  let last = now();
  return {
    update(done, total) {
      if (now() - last < lineEveryMs) return;
      last = now();
      const share = total === null ? '' : ` of ${text(total)} (${Math.floor((100 * done) / total)} %)`;
      process.stderr.write(`${label}: ${text(done)}${share}\n`);
    },
    stop() {
      // A line needs no tidying up.
    },
  };
}

/** @param text shows a value; seconds when absent */
export function progress(label: string, text: (value: number) => string = seconds): Progress {
  return process.stderr.isTTY ? terminalBar(label, text) : lines(label, text, () => performance.now());
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
