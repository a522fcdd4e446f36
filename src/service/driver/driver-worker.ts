// The driver's own thread: bus, camera, store, graph and heartbeat, and nothing that could delay them.
import { parentPort, workerData } from 'node:worker_threads';
import { tickMs, type GraphOutput } from '../../fusion.js';
import { monotonicClock } from '../../runtime/clock.js';
import { atDeadlines } from '../../runtime/deadlines.js';
import { VigilError } from '../../runtime/errors.js';
import { StoreLink } from '../../vehicle/store-link.js';
import { toFailure } from '../failure.js';
import { DriverService } from './driver-service.js';
import type { DriverWorkerData, FromDriver, ToDriver } from './protocol.js';

if (parentPort === null) throw new Error('driver-worker.js runs as a worker thread only');
const port = parentPort;
const { config, heartbeat } = workerData as DriverWorkerData;
const clock = monotonicClock;

function send(message: FromDriver): void {
  port.postMessage(message);
}

/** Observations stay here, and changes of the store go by the links. */
function leaves({ kind }: GraphOutput): boolean {
  return kind !== 'observation' && kind !== 'vehicle';
}

function run(service: DriverService): void {
  const links = new Set<StoreLink>();
  let outputs: GraphOutput[] = [];
  const flush = (): void => {
    if (outputs.length > 0) send({ kind: 'outputs', outputs });
    outputs = [];
  };
  service.outputs$.subscribe((output) => {
    if (!leaves(output)) return;
    outputs.push(output);
    // What somebody may have to act on does not wait for the next tick.
    if (output.kind !== 'measures') flush();
  });
  const stop = atDeadlines(clock, tickMs, () => {
    flush();
    for (const link of links) link.flush();
  });

  const close = async (): Promise<void> => {
    stop();
    for (const link of links) link.close();
    await service.close();
    port.close();
  };

  port.on('message', (message: ToDriver) => {
    switch (message.kind) {
      case 'link': {
        const { name, port: peer, branch } = message;
        const mirrors = (path: string): boolean => branch !== null && path.startsWith(`${branch}.`);
        const link = new StoreLink(service.store, peer, { name, mirrors, clock });
        links.add(link);
        peer.once('close', () => links.delete(link));
        return;
      }
      case 'acknowledge':
        service.acknowledge();
        return;
      case 'policies': {
        const { id, names } = message;
        try {
          service.setPolicies(names);
          send({ kind: 'policies', id, failure: null });
        } catch (error) {
          if (!(error instanceof VigilError)) throw error;
          send({ kind: 'policies', id, failure: toFailure(error) });
        }
        return;
      }
      case 'status':
        send({ kind: 'status', id: message.id, status: service.status() });
        return;
      case 'close':
        void close();
    }
  });
  send({ kind: 'ready' });
}

try {
  run(
    new DriverService(config, {
      clock,
      heartbeat,
      onError: (error, where) => send({ kind: 'error', failure: toFailure(error), where }),
    }),
  );
} catch (error) {
  send({ kind: 'failed', failure: toFailure(error) });
  port.close();
}
