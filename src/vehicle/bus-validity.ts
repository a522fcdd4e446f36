import type { DbcMessage } from '../can/dbc.js';
import type { DecodedMessage } from '../can/decoded-batch.js';
import type { CanFrames } from '../can/frames.js';
import { AliveWatch } from '../can/validity/alive.js';
import { ValidityChecker } from '../can/validity/checker.js';
import { compileValidity } from '../can/validity/compile.js';
import { FrozenWatch } from '../can/validity/frozen.js';
import {
  admit,
  freshMonitor,
  type Admission,
  type MonitorMemory,
  type MonitorSpec,
} from '../can/validity/monitor.js';
import { VigilError } from '../runtime/errors.js';
import type { DecodedColumns, RowGuard, RowJudge, VehicleMapping } from './mapping.js';
import type { SignalSource } from './source.js';
import type { VehicleStore } from './store.js';

/** One message of the plan, as the bus judges it. */
interface Judged {
  readonly index: number;
  /** Undefined when no rule applies. */
  readonly spec: MonitorSpec | undefined;
  memory: MonitorMemory;
}

/** Verdicts of the batch at hand: where a message's rows begin. */
interface Verdicts {
  readonly rows: Uint8Array;
  readonly start: number;
}

/** Turns what the checks of one bus find into the quality of its signals. */
export class BusValidity implements RowGuard {
  readonly #checker: ValidityChecker | undefined;
  readonly #judged = new Map<string, Judged>();
  readonly #alive: AliveWatch;
  readonly #frozen: readonly FrozenWatch[];
  #verdicts = new Map<string, Verdicts>();
  #lastFrameMs = -Infinity;
  #silent = false;

  /** @param messages of the decode plan, in its order. @throws VigilError `VALIDITY_INVALID`, as `compileValidity` */
  constructor(
    private readonly store: VehicleStore,
    private readonly source: SignalSource,
    private readonly mapping: VehicleMapping,
    messages: readonly DbcMessage[],
  ) {
    const { validity, routes } = mapping;
    if (validity.rules.length > 0) {
      const plan = compileValidity(validity, messages);
      this.#checker = new ValidityChecker(plan);
      messages.forEach(({ name }, index) => {
        this.#judged.set(name, { index, spec: plan.specs[index], memory: freshMonitor });
      });
    }
    const mapped = messages.filter(({ name }) => routes.has(name));
    this.#alive = new AliveWatch(
      validity.alive,
      new Map(mapped.map(({ name, cycleTimeMs }) => [name, cycleTimeMs])),
    );
    for (const { message, signal, against } of validity.frozen)
      for (const named of [{ message, signal }, ...against]) requireMapped(mapping, messages, named);
    this.#frozen = validity.frozen.map((spec) => new FrozenWatch(spec));
  }

  /** Before the rows of a batch are judged: checks all its frames. */
  begin(frames: CanFrames, messages: readonly DecodedMessage[]): void {
    this.#lastFrameMs = Math.max(this.#lastFrameMs, frames.t[frames.count - 1]);
    this.#silent = false;
    this.#verdicts = new Map();
    if (this.#checker === undefined) return;
    const { rows, counts } = this.#checker.check(frames);
    const starts = startsOf(counts);
    for (const decoded of messages) {
      const judged = this.#judged.get(decoded.message.name);
      if (judged?.spec === undefined) continue;
      requireSameRows(decoded, counts[judged.index]);
      this.#verdicts.set(decoded.message.name, { rows, start: starts[judged.index] });
    }
  }

  rows(decoded: DecodedColumns): RowJudge {
    const { name } = decoded.message;
    const judged = this.#judged.get(name);
    const verdicts = this.#verdicts.get(name);
    const watched = this.#frozen
      .filter(({ spec }) => spec.message === name)
      .map((watch) => ({ watch, column: decoded.column(watch.spec.signal) }));
    const references = this.#frozen.flatMap((watch) =>
      watch.spec.against.flatMap(({ message, signal }, index) =>
        message === name ? [{ watch, index, column: decoded.column(signal) }] : [],
      ),
    );
    return {
      admit: (row) => {
        this.#alive.seen(name, decoded.t[row]);
        const admission = this.#admit(name, judged, verdicts, row);
        if (admission === 'use') {
          for (const { watch, index, column } of references) watch.moved(index, column[row]);
        }
        return admission;
      },
      fault: (signal, row) => {
        const found = watched.find(({ watch }) => watch.spec.signal === signal);
        return found?.watch.judge(found.column[row], decoded.t[row]);
      },
    };
  }

  #admit(name: string, judged: Judged | undefined, verdicts: Verdicts | undefined, row: number): Admission {
    if (judged?.spec === undefined || verdicts === undefined) return 'use';
    const verdict = verdicts.rows[verdicts.start + row];
    const { admission, memory } = admit(name, verdict, judged.memory, judged.spec);
    judged.memory = memory;
    return admission;
  }

  /** The last value stays to be seen, with the time at which it was measured, and the reason why it does not count. */
  refuse(path: string, t: number, reason: string): void {
    const { value, t: measured, quality, reason: known } = this.store.get(path);
    if (quality === 'invalid' && known === reason) return;
    this.source.invalidate(path, value === undefined ? t : measured, reason, value);
  }

  busOff(t: number, reason: string): void {
    for (const { path } of this.mapping.provided) this.source.withdraw(path, t, reason);
    this.#checker?.reset();
    for (const judged of this.#judged.values()) judged.memory = freshMonitor;
  }

  /** Makes stale what has not come for too long at `t`. */
  tick(t: number): void {
    const { busSilentMs } = this.mapping.validity.alive;
    for (const { message, timeoutMs } of this.#alive.takeOverdue(t)) {
      const judged = this.#judged.get(message);
      if (judged !== undefined) judged.memory = freshMonitor;
      for (const { path } of this.mapping.routes.get(message) ?? [])
        this.#outdate(path, `no ${message} for more than ${timeoutMs} ms`);
    }
    if (this.#silent || !(t - this.#lastFrameMs > busSilentMs)) return;
    this.#silent = true;
    for (const { path } of this.mapping.provided)
      this.#outdate(path, `bus silent for more than ${busSilentMs} ms`);
  }

  #outdate(path: string, reason: string): void {
    const { value, t, quality } = this.store.get(path);
    if (quality === 'valid') this.source.outdate(path, t, reason, value);
  }
}

/** Frozen values are looked for in messages that are mapped: only those are visited row by row. */
function requireMapped(
  { routes, validity }: VehicleMapping,
  messages: readonly DbcMessage[],
  { message, signal }: { readonly message: string; readonly signal: string },
): void {
  const found = messages.find(({ name }) => name === message);
  if (routes.has(message) && found?.signals.some(({ name }) => name === signal) === true) return;
  throw new VigilError(
    'VALIDITY_INVALID',
    `${validity.name}: frozen: expected a signal of a mapped message but found ${message}.${signal}.`,
    'Map the message, or leave the signal out.',
    { rules: validity.name, message, signal },
  );
}

/** Where each message's rows begin. */
function startsOf(counts: Uint32Array): Uint32Array {
  const starts = new Uint32Array(counts.length);
  for (let i = 1; i < counts.length; i++) starts[i] = starts[i - 1] + counts[i - 1];
  return starts;
}

/** Rows that the decoder and the checker count differently would be judged by each other's verdicts. */
function requireSameRows(decoded: DecodedMessage, checked: number): void {
  if (decoded.rows === checked) return;
  throw new VigilError(
    'CAN_VALIDITY_MISMATCH',
    `Expected verdicts for the ${decoded.rows} frames of ${decoded.message.name} but found ${checked}.`,
    'Give identifiers, not groups of them, to messages with validity rules.',
    { message: decoded.message.name },
  );
}
