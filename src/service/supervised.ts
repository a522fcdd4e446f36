import { monotonicClock } from '../runtime/clock.js';
import { messageOf } from '../runtime/errors.js';
import { BackOff } from '../runtime/sources/back-off.js';
import type { ServiceThread, ThreadListener } from './thread/service-thread.js';

/** How a supervised thread is. */
export type PartState =
  | { readonly kind: 'running' }
  | { readonly kind: 'restarting'; readonly reason: string }
  | { readonly kind: 'closed' };

export interface SupervisedEvents<Command, Event> {
  /** Starts the thread; the listener is told of everything. */
  start(listener: ThreadListener<Event>): Promise<ServiceThread<Command, Event>>;
  /** It is at work, for the first time or again. */
  up(thread: ServiceThread<Command, Event>): void;
  /** It ended without being asked to, or did not start again. */
  down(reason: string): void;
  events(events: readonly Event[]): void;
  error: ThreadListener<Event>['error'];
}

/** A thread that is started again, with growing pauses, whenever it ends without being asked to. Close it. */
export class Supervised<Command, Event> {
  readonly #backOff = new BackOff();
  #state: PartState = { kind: 'running' };
  #thread: ServiceThread<Command, Event> | undefined;
  #retry: NodeJS.Timeout | undefined;
  #startedMs = 0;
  #restarts = 0;

  private constructor(private readonly events: SupervisedEvents<Command, Event>) {}

  /** @throws VigilError when it does not start the first time: that is for whoever configured it */
  static async start<Command, Event>(
    events: SupervisedEvents<Command, Event>,
  ): Promise<Supervised<Command, Event>> {
    const supervised = new Supervised(events);
    await supervised.#start();
    return supervised;
  }

  get state(): PartState {
    return this.#state;
  }

  get restarts(): number {
    return this.#restarts;
  }

  /** undefined while it is down. */
  get thread(): ServiceThread<Command, Event> | undefined {
    return this.#thread;
  }

  /** Ends the present thread in good order and starts another: what it was tied to is another one now. */
  async renew(): Promise<void> {
    clearTimeout(this.#retry);
    const thread = this.#thread;
    this.#thread = undefined;
    await thread?.close();
    if (this.#state.kind !== 'closed') this.#again(0);
  }

  /** Idempotent. */
  async close(): Promise<void> {
    this.#state = { kind: 'closed' };
    clearTimeout(this.#retry);
    await this.#thread?.close();
  }

  async #start(): Promise<void> {
    const { events } = this;
    const thread = await events.start({
      events: (list) => events.events(list),
      error: (failure, where) => events.error(failure, where),
      died: (reason) => this.#died(reason),
    });
    if (this.#isClosed()) {
      await thread.close();
      return;
    }
    this.#thread = thread;
    this.#startedMs = monotonicClock.now();
    this.#state = { kind: 'running' };
    events.up(thread);
  }

  /** A method, as the state changes while somebody waits. */
  #isClosed(): boolean {
    return this.#state.kind === 'closed';
  }

  #died(reason: string): void {
    if (this.#isClosed()) return;
    this.#thread = undefined;
    this.#state = { kind: 'restarting', reason };
    this.events.down(reason);
    this.#again(this.#backOff.failed(monotonicClock.now() - this.#startedMs));
  }

  #again(waitMs: number): void {
    this.#retry = setTimeout(() => {
      this.#restarts += 1;
      this.#start().catch((error: unknown) => {
        if (this.#isClosed()) return;
        const reason = `it did not start again: ${messageOf(error)}`;
        this.#state = { kind: 'restarting', reason };
        this.events.down(reason);
        this.#again(this.#backOff.failed(0));
      });
    }, waitMs);
  }
}
