import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { tickMs } from '../../fusion.js';
import { monotonicClock } from '../../runtime/clock.js';
import { atDeadlines } from '../../runtime/deadlines.js';
import { StoreLink } from '../../vehicle/store-link.js';
import type { VehicleStore } from '../../vehicle/store.js';
import { toFailure } from './failure.js';
import type { FromThread, ToThread } from './protocol.js';

/** A part of the service, as its thread sees it. */
export interface Part<Command> {
  readonly store: VehicleStore;
  /** What it returns is the answer to whoever asked; plain data. */
  command(command: Command): unknown;
  close(): void | Promise<void>;
}

/** What a part may tell. */
export interface PartTeller<Event> {
  /** @param waits leave together with what comes until the next tick */
  event(event: Event, waits: boolean): void;
  error(error: unknown, where: string): void;
}

/**
 * Runs a part in this worker thread: links of its store flushed at every tick, events sent, commands taken, until it is
 * closed.
 * @param make of the data that the thread was started with; throws what no waiting repairs
 */
export async function servePart<Command, Event>(
  make: (data: unknown, teller: PartTeller<Event>) => Part<Command> | Promise<Part<Command>>,
): Promise<void> {
  if (parentPort === null) throw new Error('a service thread runs as a worker thread only');
  const port = parentPort;
  const send = (message: FromThread<Event>): void => port.postMessage(message);
  let events: Event[] = [];
  const flush = (): void => {
    if (events.length > 0) send({ kind: 'events', events });
    events = [];
  };
  try {
    const part = await make(workerData, {
      event: (event, waits) => {
        events.push(event);
        if (!waits) flush();
      },
      error: (error, where) => send({ kind: 'error', failure: toFailure(error), where }),
    });
    serve(port, part, flush, send);
  } catch (error) {
    send({ kind: 'failed', failure: toFailure(error) });
    port.close();
  }
}

function serve<Command, Event>(
  port: MessagePort,
  part: Part<Command>,
  flush: () => void,
  send: (message: FromThread<Event>) => void,
): void {
  const links = new Set<StoreLink>();
  const stop = atDeadlines(monotonicClock, tickMs, () => {
    flush();
    for (const link of links) link.flush();
  });

  const link = ({ name, port: peer, branch }: Extract<ToThread<Command>, { kind: 'link' }>): void => {
    const mirrors = (path: string): boolean => branch !== null && path.startsWith(`${branch}.`);
    const made = new StoreLink(part.store, peer, { name, mirrors, clock: monotonicClock });
    links.add(made);
    peer.once('close', () => links.delete(made));
  };

  const answer = (id: number, command: Command): void => {
    try {
      send({ kind: 'answer', id, value: part.command(command), failure: null });
    } catch (error) {
      send({ kind: 'answer', id, value: null, failure: toFailure(error) });
    }
  };

  const close = async (): Promise<void> => {
    stop();
    for (const one of links) one.close();
    await part.close();
    flush();
    port.close();
  };

  port.on('message', (message: ToThread<Command>) => {
    switch (message.kind) {
      case 'command':
        part.command(message.command);
        return;
      case 'ask':
        answer(message.id, message.command);
        return;
      case 'link':
        link(message);
        return;
      case 'close':
        void close();
    }
  });
  send({ kind: 'ready' });
}
