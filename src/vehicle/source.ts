import { invalidArgument, VigilError } from '../runtime/errors.js';
import type { Quality } from './quality.js';
import type { Sample } from './sample.js';
import { checkValue } from './value.js';
import type { Signal, SignalValue } from './value.js';

export interface ProvidedSignal {
  readonly path: string;
  /** How long a value may be relied on after its time; Infinity for what never changes by itself. */
  readonly maxAgeMs: number;
}

/** What a source needs of its store. */
export interface SourceBackend {
  accept(signal: Signal, sample: Sample, maxAgeMs: number): boolean;
  release(signals: readonly Signal[], source: string, t: number, reason: string): void;
}

interface Claimed {
  readonly signal: Signal;
  readonly maxAgeMs: number;
}

/** A writer of some signals; made by `VehicleStore.provide`. Times are drive clock, ms. */
export class SignalSource {
  private readonly claimed: ReadonlyMap<string, Claimed>;
  private open = true;

  constructor(
    readonly name: string,
    private readonly backend: SourceBackend,
    claimed: readonly Claimed[],
  ) {
    this.claimed = new Map(claimed.map((entry) => [entry.signal.path, entry]));
  }

  /**
   * Writes a value measured at `t`. An implausible one is stored as `invalid` with the reason.
   * @returns whether it was stored; a sample older than the present one is not (the store counts it as late).
   * @throws VigilError `INVALID_VALUE` when the type is wrong, `NOT_THE_SOURCE` for a path of somebody else.
   */
  write(path: string, t: number, value: SignalValue): boolean {
    const { signal } = this.require(path);
    const violation = checkValue(signal, value);
    if (violation === undefined) return this.store(path, t, 'valid', '', value);
    if (violation.kind === 'type') {
      const { message } = invalidArgument(path, violation.expected, value);
      throw new VigilError('INVALID_VALUE', message, `${this.name} writes the wrong type.`, {
        path,
        source: this.name,
      });
    }
    const reason = `expected ${violation.expected}, received ${String(value)}`;
    return this.store(path, t, 'invalid', reason, violation.kind === 'not-a-number' ? undefined : value);
  }

  /** Says that the value at `t` is known to be wrong (checksum, implausible, sensor fault). Returns as `write`. */
  invalidate(path: string, t: number, reason: string, value?: SignalValue): boolean {
    return this.store(path, t, 'invalid', reason, value);
  }

  /** Says that a value is known no longer to be fresh; it keeps the time `t` at which it was measured. Returns as `write`. */
  outdate(path: string, t: number, reason: string, value: SignalValue | undefined): boolean {
    return this.store(path, t, 'stale', reason, value);
  }

  /** Says that from `t` on there is no value (sensor switched off, camera covered). Returns as `write`. */
  withdraw(path: string, t: number, reason: string): boolean {
    return this.store(path, t, 'unavailable', reason, undefined);
  }

  /** Ends the source at `t`: its signals become unavailable for that reason and free for another source. */
  close(t: number, reason: string): void {
    if (!this.open) return;
    this.open = false;
    const signals = [...this.claimed.values()].map(({ signal }) => signal);
    this.backend.release(signals, this.name, t, reason);
  }

  private store(
    path: string,
    t: number,
    quality: Quality,
    reason: string,
    value: SignalValue | undefined,
  ): boolean {
    const { signal, maxAgeMs } = this.require(path);
    if (!Number.isFinite(t)) throw invalidArgument(`the time of ${path}`, 'ms on the drive clock', t);
    return this.backend.accept(signal, { path, value, t, quality, reason, source: this.name }, maxAgeMs);
  }

  private require(path: string): Claimed {
    const claimed = this.claimed.get(path);
    if (claimed !== undefined && this.open) return claimed;
    throw new VigilError(
      'NOT_THE_SOURCE',
      this.open
        ? `Expected a path that ${this.name} provides but received ${path}.`
        : `Expected ${this.name} to be open.`,
      'Name the path when the source is registered.',
      { path, source: this.name },
    );
  }
}
