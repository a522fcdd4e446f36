import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { VigilError } from '../../src/runtime/errors.js';
import type { ReplayOptions } from './options.js';
import type { FromWorker, ToWorker } from './messages.js';
import type { ReplayBatch, ReplayReport, ReplayStart } from './report.js';

/** Receives a replay's results on the caller's thread, in order. A slow one holds a lock-step replay back. */
export interface ReplayListener {
  start(start: ReplayStart): Promise<void> | void;
  batch(batch: ReplayBatch): Promise<void> | void;
}

/**
 * Replays a recording in a thread of its own. Aborting ends it in good order: the outputs so far are delivered
 * and the report says `interrupted`.
 * @throws VigilError what the session threw; whatever the listener throws ends the replay
 */
export async function replay(
  options: ReplayOptions,
  listener: ReplayListener,
  signal: AbortSignal,
): Promise<ReplayReport> {
  const worker = new Worker(new URL('./worker.js', import.meta.url), { workerData: options });
  const tell = (message: ToWorker): void => worker.postMessage(message);
  const stop = (): void => tell({ kind: 'stop' });
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  const queue: FromWorker[] = [];
  let wake: () => void = () => undefined;
  worker.on('message', (message: FromWorker) => {
    queue.push(message);
    wake();
  });
  const crashed = once(worker, 'error').then(([error]: unknown[]) => {
    throw error;
  });
  try {
    for (;;) {
      const message = queue.shift();
      if (message === undefined) {
        await Promise.race([new Promise<void>((resolve) => (wake = resolve)), crashed]);
      } else if (message.kind === 'start') {
        await listener.start(message.start);
      } else if (message.kind === 'batch') {
        await listener.batch(message.batch);
        tell({ kind: 'used' });
      } else if (message.kind === 'done') {
        return message.report;
      } else {
        throw new VigilError(message.code, message.message);
      }
    }
  } finally {
    signal.removeEventListener('abort', stop);
    crashed.catch(() => undefined);
    await worker.terminate();
  }
}
