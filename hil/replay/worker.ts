// The driver's own thread: vision results, CAN, store and driver graph, and nothing that could delay them.
import { parentPort, workerData } from 'node:worker_threads';
import type { ReplayOptions } from './options.js';
import { toFailure, type FromWorker, type ToWorker } from './messages.js';
import { runReplay } from './session.js';

/** Batches on their way to the reader before a lock-step replay waits for it. */
const maxUnread = 16;

if (parentPort === null) throw new Error('hil/replay/worker.js runs as a worker thread only');
const port = parentPort;
const abort = new AbortController();
let unread = 0;
let resume: () => void = () => undefined;

port.on('message', (message: ToWorker) => {
  if (message.kind === 'stop') abort.abort();
  else unread -= 1;
  resume();
});

function send(message: FromWorker): void {
  port.postMessage(message);
}

try {
  const report = await runReplay(
    workerData as ReplayOptions,
    {
      start: (start) => send({ kind: 'start', start }),
      post: (batch) => {
        unread += 1;
        send({ kind: 'batch', batch });
      },
      ready: async () => {
        while (unread >= maxUnread && !abort.signal.aborted) {
          await new Promise<void>((resolve) => (resume = resolve));
        }
      },
    },
    abort.signal,
  );
  send({ kind: 'done', report });
} catch (error) {
  send(toFailure(error));
}
port.close();
