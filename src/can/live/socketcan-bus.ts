import { BehaviorSubject, Subject, type Observable } from 'rxjs';
import type { Clock } from '../../runtime/clock.js';
import { nativeCall } from '../../runtime/errors.js';
import type { CanFrames } from '../frames.js';
import type {
  BusOptions,
  BusState,
  CanBus,
  CanFrame,
  CyclicCounters,
  CyclicMessage,
  CyclicSend,
} from './can-bus.js';
import { checkFrame, checkPayloads } from './frame-check.js';
import { liveAddon, type NativeLiveCan, type NativeLiveCounters } from './live-addon.js';

const controllers = ['active', 'warning', 'passive'] as const;
const defaultRing = 16384;

export interface SocketCanOptions extends BusOptions {
  /** Frames that may wait for JavaScript; the oldest give way. Default 16384. */
  readonly ringFrames?: number;
  /** Least time between two batches. Default 10. */
  readonly wakePeriodMs?: number;
  /** SCHED_FIFO priority of the cyclic sender, where the system permits. */
  readonly fifoPriority?: number;
}

/** Where the frames come from: an interface, or a connected socket of one `struct canfd_frame` a datagram. */
export type SocketCanSource = { readonly interface: string } | { readonly descriptor: number };

/** @param code link | controller << 4 | silent << 8, as native/can/addon_live.cc makes it */
export function stateOfCode(code: number, isInterface: boolean): BusState {
  const link = code & 15;
  if (link === 1) return { kind: 'down', reason: 'interface-down' };
  if (link === 2) return { kind: 'down', reason: 'interface-missing' };
  if (link === 3) return { kind: 'down', reason: isInterface ? 'interface-missing' : 'connection-lost' };
  const controller = (code >> 4) & 15;
  if (controller === 3) return { kind: 'bus-off' };
  return { kind: (code & 256) === 0 ? 'up' : 'silent', controller: controllers[controller] };
}

function joined(payloads: readonly Uint8Array[], length: number): Uint8Array {
  const all = new Uint8Array(payloads.length * length);
  payloads.forEach((payload, i) => {
    all.set(payload, i * length);
  });
  return all;
}

class NativeCyclicSend implements CyclicSend {
  readonly done: Promise<CyclicCounters>;
  #settle: (counters: CyclicCounters) => void = () => undefined;
  #final: CyclicCounters | undefined;

  constructor(
    readonly native: NativeLiveCan,
    readonly handle: number,
    readonly length: number,
    readonly forget: (send: NativeCyclicSend) => void,
  ) {
    this.done = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  counters(): CyclicCounters {
    if (this.#final !== undefined) return this.#final;
    const { sent, failed, late, skipped, maxLateMs, lastError } = this.native.cyclicCounters(this.handle)!;
    return { sent, failed, late, skipped, maxLateMs, lastError };
  }

  update(payloads: readonly Uint8Array[]): void {
    checkPayloads(payloads, this.length);
    if (this.#final === undefined) {
      nativeCall(() => this.native.updateCyclic(this.handle, joined(payloads, this.length)));
    }
  }

  stop(): void {
    if (this.#final !== undefined) return;
    this.#final = this.counters();
    this.native.stopCyclic(this.handle);
    this.forget(this);
    this.#settle(this.#final);
  }

  stopIfFinished(): void {
    if (this.#final === undefined && this.native.cyclicCounters(this.handle)!.finished) this.stop();
  }
}

/** A SocketCAN interface, read and written by native threads. Keeps the process alive until closed. */
export class SocketCanBus implements CanBus {
  readonly frames$: Observable<CanFrames>;
  readonly state$: Observable<BusState>;
  readonly #frames = new Subject<CanFrames>();
  readonly #state: BehaviorSubject<BusState>;
  readonly #native: NativeLiveCan;
  readonly #isInterface: boolean;
  readonly #cyclic = new Set<NativeCyclicSend>();
  #code = 0;
  #final: NativeLiveCounters | undefined;

  /** @throws VigilError `CAN_UNSUPPORTED`, `CAN_INTERFACE_MISSING`, `CAN_OPEN_FAILED` */
  constructor(
    readonly address: string,
    source: SocketCanSource,
    clock: Clock,
    options: SocketCanOptions = {},
  ) {
    this.#isInterface = 'interface' in source;
    this.#state = new BehaviorSubject<BusState>({ kind: 'up', controller: 'active' });
    this.frames$ = this.#frames.asObservable();
    this.state$ = this.#state.asObservable();
    // Native stamps are on CLOCK_MONOTONIC, which is what hrtime reads.
    const clockOffsetMs = clock.now() - Number(process.hrtime.bigint()) / 1e6;
    this.#native = nativeCall(
      () =>
        new (liveAddon().LiveCan)(
          {
            ...source,
            ringFrames: options.ringFrames ?? defaultRing,
            channel: options.channel ?? 0,
            clockOffsetMs,
            ...(options.receiveOwn === undefined ? {} : { receiveOwn: options.receiveOwn }),
            ...(options.wakePeriodMs === undefined ? {} : { wakePeriodMs: options.wakePeriodMs }),
            ...(options.silentAfterMs === undefined ? {} : { silentAfterMs: options.silentAfterMs }),
            ...(options.fifoPriority === undefined ? {} : { fifoPriority: options.fifoPriority }),
          },
          (state, t, id, flags, channel, length, offset, data) => {
            this.#onState(state);
            if (t !== undefined)
              this.#frames.next({
                ...{ count: t.length, t, id: id!, flags: flags!, channel: channel! },
                ...{ length: length!, offset: offset!, data: data! },
              });
            for (const send of this.#cyclic) send.stopIfFinished();
          },
        ),
    );
  }

  #onState(code: number): void {
    if (code === this.#code) return;
    this.#code = code;
    this.#state.next(stateOfCode(code, this.#isInterface));
  }

  counters(): NativeLiveCounters {
    return this.#final ?? this.#native.counters();
  }

  setFilter(keys?: readonly number[]): void {
    nativeCall(() => {
      if (keys === undefined) this.#native.setFilter();
      else this.#native.setFilter(Uint32Array.from(keys));
    });
  }

  send(frame: CanFrame): Promise<void> {
    return new Promise((resolve) => {
      checkFrame(frame);
      nativeCall(() => {
        this.#native.send(frame.id, frame.flags, frame.data);
      });
      resolve();
    });
  }

  startCyclic(message: CyclicMessage): CyclicSend {
    const length = checkPayloads(message.payloads);
    checkFrame({ id: message.id, flags: message.flags, data: message.payloads[0] });
    const payloads = joined(message.payloads, length);
    const handle = nativeCall(() =>
      this.#native.startCyclic(
        message.id,
        message.flags,
        length,
        payloads,
        message.periodMs,
        message.count ?? 0,
      ),
    );
    const send = new NativeCyclicSend(this.#native, handle, length, (ended) => this.#cyclic.delete(ended));
    this.#cyclic.add(send);
    return send;
  }

  close(): Promise<void> {
    if (this.#final === undefined) {
      for (const send of this.#cyclic) send.stop();
      this.#final = this.#native.counters();
      this.#native.close();
      this.#state.next({ kind: 'closed' });
      this.#state.complete();
      this.#frames.complete();
    }
    return Promise.resolve();
  }
}

/** Two ends of a channel that carries one `struct canfd_frame` a datagram: what tests and benchmarks put in a bus's place. */
export function createFrameChannel(): readonly [number, number] {
  return nativeCall(() => liveAddon().createFrameChannel());
}
