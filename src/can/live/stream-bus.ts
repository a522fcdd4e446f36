import { BehaviorSubject, Subject, type Observable } from 'rxjs';
import type { Clock } from '../../runtime/clock.js';
import { VigilError, messageOf } from '../../runtime/errors.js';
import { messageKey } from '../dbc.js';
import { FrameBatchBuilder } from '../frame-batch.js';
import { FrameFlag, type CanFrames } from '../frames.js';
import { keyFilter } from '../j1939.js';
import { openLink, type ByteLink, type Endpoint } from './byte-link.js';
import type {
  BusCounters,
  BusOptions,
  BusState,
  CanBus,
  CanFrame,
  CyclicMessage,
  CyclicSend,
} from './can-bus.js';
import { checkFrame } from './frame-check.js';
import { SourceClock } from '../../runtime/sources/source-clock.js';
import type { ReceivedFrame, TextProtocol } from './text-protocol.js';
import { TimedSend } from './timed-send.js';

const batchPeriodMs = 10;
const handshakeMs = 5000;

export interface StreamBusOptions extends BusOptions {
  /** How long after a lost connection the next is tried. Default 500. */
  readonly retryMs?: number;
}

/** One connection and the protocol's state on it. */
interface Session {
  readonly protocol: TextProtocol;
  readonly link: ByteLink;
}

/** A bus behind a text protocol over a socket or a serial device. Connects anew when the connection is lost. */
export class StreamBus implements CanBus {
  readonly frames$: Observable<CanFrames>;
  readonly state$: Observable<BusState>;
  readonly #frames = new Subject<CanFrames>();
  readonly #state = new BehaviorSubject<BusState>({ kind: 'up', controller: 'active' });
  readonly #builder = new FrameBatchBuilder();
  readonly #cyclic = new Set<TimedSend>();
  #session: Session | undefined;
  #filter: ((key: number) => boolean) | undefined;
  #stamps = new SourceClock();
  #flushTimer: NodeJS.Timeout | undefined;
  #retryTimer: NodeJS.Timeout | undefined;
  #silenceTimer: NodeJS.Timeout | undefined;
  #lastFlush = -Infinity;
  #lastRx = -1;
  #lastT = -Infinity;
  #closed = false;
  #counters = { received: 0, filtered: 0, malformed: 0, errorFrames: 0, linkDowns: 0 };

  private constructor(
    readonly address: string,
    readonly endpoint: Endpoint,
    readonly protocolOf: () => TextProtocol,
    readonly clock: Clock,
    readonly options: StreamBusOptions,
  ) {
    this.frames$ = this.#frames.asObservable();
    this.state$ = this.#state.asObservable();
  }

  /** @throws VigilError `CAN_BUS_UNREACHABLE`, `CAN_BUS_REFUSED` */
  static async open(
    address: string,
    endpoint: Endpoint,
    protocolOf: () => TextProtocol,
    clock: Clock,
    options: StreamBusOptions = {},
  ): Promise<StreamBus> {
    const bus = new StreamBus(address, endpoint, protocolOf, clock, options);
    await bus.#connect();
    bus.#watchSilence();
    return bus;
  }

  async #connect(): Promise<void> {
    const protocol = this.protocolOf();
    let settle: (failure?: VigilError) => void = () => undefined;
    const ready = new Promise<void>((resolve, reject) => {
      settle = (failure) => {
        if (failure === undefined) resolve();
        else reject(failure);
      };
    });
    ready.catch(() => undefined); // it is awaited below, perhaps after it has failed
    const waits = protocol.greeting() === '';
    let ended: VigilError | undefined;
    const link = await openLink(this.endpoint, {
      onData: (text) => {
        this.#receive(protocol, text, (reply) => void link.write(reply).catch(() => undefined), settle);
      },
      onEnd: (reason) => {
        ended = this.#refused(reason);
        settle(ended);
        this.#lost(protocol);
      },
    });
    try {
      if (waits) {
        const timer = setTimeout(() => {
          settle(this.#refused(`nothing came for ${handshakeMs / 1000} s`));
        }, handshakeMs);
        await ready.finally(() => {
          clearTimeout(timer);
        });
      } else {
        await link.write(protocol.greeting());
      }
    } catch (error) {
      link.close();
      throw error;
    }
    if (ended !== undefined) throw ended;
    if (this.#closed) link.close();
    else this.#session = { protocol, link };
  }

  #refused(text: string): VigilError {
    return new VigilError(
      'CAN_BUS_REFUSED',
      `Expected ${this.address} to be opened by the other end but: ${text}.`,
      'Check that it serves this interface.',
    );
  }

  #receive(
    protocol: TextProtocol,
    text: string,
    reply: (text: string) => void,
    settle: (failure?: VigilError) => void,
  ): void {
    for (const event of protocol.feed(text, reply)) {
      if (event.kind === 'ready') settle();
      else if (event.kind === 'frame') this.#admit(event.frame, this.clock.now());
      else {
        this.#counters.malformed += 1;
        if (event.kind === 'refused') settle(this.#refused(`it answered ${event.text}`));
      }
    }
    this.#flushSoon();
  }

  #admit(frame: ReceivedFrame, now: number): void {
    this.#lastRx = now;
    if (this.#state.value.kind === 'silent') this.#state.next({ kind: 'up', controller: 'active' });
    const isError = (frame.flags & FrameFlag.error) !== 0;
    const key = messageKey(frame.id, (frame.flags & FrameFlag.extended) !== 0);
    if (!isError && this.#filter?.(key) === false) {
      this.#counters.filtered += 1;
      return;
    }
    this.#counters.received += 1;
    if (isError) this.#counters.errorFrames += 1;
    this.#add(frame, frame.stampMs === undefined ? now : this.#stamps.map(frame.stampMs, now));
  }

  #add({ id, flags, data }: CanFrame, t: number): void {
    this.#lastT = Math.max(this.#lastT, t);
    this.#builder.add(this.#lastT, id, data, flags, this.options.channel ?? 0);
  }

  #flushSoon(): void {
    if (this.#builder.count === 0 || this.#flushTimer !== undefined) return;
    const wait = this.#lastFlush + batchPeriodMs - this.clock.now();
    if (wait <= 0) this.#flush();
    else {
      this.#flushTimer = setTimeout(() => {
        this.#flush();
      }, wait);
    }
  }

  #flush(): void {
    clearTimeout(this.#flushTimer);
    this.#flushTimer = undefined;
    this.#lastFlush = this.clock.now();
    if (this.#builder.count > 0) this.#frames.next(this.#builder.take());
  }

  #lost(protocol: TextProtocol): void {
    // A connection that never was in use is told by #connect.
    if (this.#closed || this.#session?.protocol !== protocol) return;
    this.#session = undefined;
    this.#stamps = new SourceClock();
    this.#counters.linkDowns += 1;
    this.#state.next({ kind: 'down', reason: 'connection-lost' });
    this.#retry();
  }

  #retry(): void {
    this.#retryTimer = setTimeout(() => {
      this.#connect().then(
        () => {
          if (!this.#closed) this.#state.next({ kind: 'up', controller: 'active' });
          this.#lastRx = this.#lastRx < 0 ? this.#lastRx : this.clock.now();
        },
        () => {
          // The state says that the connection is lost; the reason of each attempt says no more.
          if (!this.#closed) this.#retry();
        },
      );
    }, this.options.retryMs ?? 500);
  }

  #watchSilence(): void {
    const limit = this.options.silentAfterMs ?? 1000;
    const opened = this.clock.now();
    this.#silenceTimer = setInterval(
      () => {
        const since = Math.max(opened, this.#lastRx);
        if (this.#state.value.kind === 'up' && this.clock.now() - since > limit) {
          this.#state.next({ kind: 'silent', controller: 'active' });
        }
      },
      Math.max(10, limit / 5),
    );
  }

  counters(): BusCounters {
    const lastRxAgeMs = this.#lastRx < 0 ? -1 : this.clock.now() - this.#lastRx;
    return { ...this.#counters, dropped: 0, kernelDropped: 0, busOffs: 0, lastRxAgeMs };
  }

  setFilter(keys?: readonly number[]): void {
    this.#filter = keys === undefined ? undefined : keyFilter(keys);
  }

  async send(frame: CanFrame): Promise<void> {
    checkFrame(frame);
    if (this.#closed) throw new VigilError('CAN_BUS_CLOSED', 'Expected an open bus but it was closed.');
    if (this.#session === undefined) {
      throw new VigilError('CAN_BUS_DOWN', `Expected a connection to ${this.address} but it is lost.`);
    }
    const { protocol, link } = this.#session;
    const text = protocol.encode(frame);
    try {
      await link.write(text);
    } catch (error) {
      throw error instanceof VigilError ? error : new VigilError('CAN_SEND_FAILED', messageOf(error));
    }
    if (this.options.receiveOwn === false) return;
    this.#add({ ...frame, flags: frame.flags | FrameFlag.transmitted }, this.clock.now());
    this.#flushSoon();
  }

  startCyclic(message: CyclicMessage): CyclicSend {
    if (this.#closed) throw new VigilError('CAN_BUS_CLOSED', 'Expected an open bus but it was closed.');
    const send = new TimedSend(
      message,
      { clock: this.clock, setTimer: (callback, delayMs) => setTimeout(callback, delayMs) },
      (frame) => this.send(frame),
      (ended) => this.#cyclic.delete(ended),
    );
    this.#cyclic.add(send);
    return send;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    for (const send of this.#cyclic) send.stop();
    this.#flush();
    this.#closed = true;
    clearTimeout(this.#retryTimer);
    clearInterval(this.#silenceTimer);
    const session = this.#session;
    this.#session = undefined;
    if (session !== undefined) {
      const farewell = session.protocol.farewell();
      if (farewell !== '') await session.link.write(farewell).catch(() => undefined);
      session.link.close();
    }
    this.#state.next({ kind: 'closed' });
    this.#state.complete();
    this.#frames.complete();
  }
}
