import { BehaviorSubject, map, Subject, type Observable, type Subscription } from 'rxjs';
import type { Clock } from '../../runtime/clock.js';
import { messageOf } from '../../runtime/errors.js';
import { BackOff } from '../../runtime/sources/back-off.js';
import type { SourceState } from '../../runtime/sources/source-state.js';
import type { CanFrames } from '../frames.js';
import type { BusCounters, BusState, CanBus } from './can-bus.js';
import { openBus, type OpenBusOptions } from './open-bus.js';

const neverOpened: BusState = { kind: 'down', reason: 'interface-missing' };

/**
 * A bus that need not be there yet: it is opened until it opens, and what happens to it afterwards is its own business
 * (every `CanBus` comes back by itself). Close it.
 */
export class LastingBus {
  readonly frames$: Observable<CanFrames>;
  /** Of the bus; `down` while it could not be opened. */
  readonly bus$: Observable<BusState>;
  readonly #frames = new Subject<CanFrames>();
  readonly #state = new BehaviorSubject<BusState>(neverOpened);
  readonly #backOff = new BackOff();
  readonly #subscriptions: Subscription[] = [];
  #bus: CanBus | undefined;
  #retry: NodeJS.Timeout | undefined;
  #closed = false;
  #failure = 'being opened';

  /** @throws VigilError `INVALID_ARGUMENT` later, as a state: an address that is none never opens */
  constructor(
    readonly address: string,
    private readonly options: OpenBusOptions,
    private readonly clock: Clock,
  ) {
    this.frames$ = this.#frames.asObservable();
    this.bus$ = this.#state.asObservable();
    void this.#open();
  }

  /** The state now, and every change. */
  get state$(): Observable<SourceState> {
    return this.#state.pipe(map((state) => this.#sourceState(state)));
  }

  get state(): SourceState {
    return this.#sourceState(this.#state.value);
  }

  /** undefined before the bus was opened for the first time. */
  counters(): BusCounters | undefined {
    return this.#bus?.counters();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#retry);
    for (const subscription of this.#subscriptions) subscription.unsubscribe();
    await this.#bus?.close();
    this.#state.next({ kind: 'closed' });
    this.#state.complete();
    this.#frames.complete();
  }

  async #open(): Promise<void> {
    try {
      const bus = await openBus(this.address, this.options, this.clock);
      if (this.#closed) {
        await bus.close();
        return;
      }
      this.#bus = bus;
      this.#subscriptions.push(
        bus.frames$.subscribe((frames) => this.#frames.next(frames)),
        bus.state$.subscribe((state) => this.#state.next(state)),
      );
    } catch (error) {
      if (this.#closed) return;
      this.#failure = messageOf(error);
      this.#state.next(neverOpened);
      this.#retry = setTimeout(() => void this.#open(), this.#backOff.failed(0));
      this.#retry.unref();
    }
  }

  #sourceState(state: BusState): SourceState {
    switch (state.kind) {
      case 'up':
        return { kind: 'up' };
      case 'silent':
        return { kind: 'down', reason: 'no frames come' };
      case 'bus-off':
        return { kind: 'down', reason: 'the controller is off the bus' };
      case 'closed':
        return { kind: 'closed' };
      case 'down':
        return {
          kind: 'down',
          reason: this.#bus === undefined ? this.#failure : state.reason.replace('-', ' '),
        };
    }
  }
}
