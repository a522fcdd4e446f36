import { Subject, type Observable } from 'rxjs';
import type { Clock } from '../runtime/clock.js';
import { parseSocketEndpoint } from '../runtime/sources/endpoint.js';
import { SocketSource } from '../runtime/sources/socket-source.js';
import { SourceClock, type ClockEstimate } from '../runtime/sources/source-clock.js';
import type { SourceState } from '../runtime/sources/source-state.js';
import type { CameraCounters, CameraSource } from './camera-source.js';
import type { CameraFrame } from './face-tracker.js';
import { PictureReader, type Picture } from './picture-stream.js';

/**
 * A camera server behind a Unix or TCP socket (picture-stream.ts has the format). Connects to it, and again when it goes
 * away. Times are the server's stamps on our clock.
 * @throws VigilError `INVALID_ARGUMENT` (no address), when constructed
 */
export class CameraSocket implements CameraSource {
  readonly frames$: Observable<CameraFrame>;
  readonly state$: Observable<SourceState>;
  readonly #frames = new Subject<CameraFrame>();
  readonly #link: SocketSource;
  #stamps = new SourceClock();
  #received = 0;
  #malformed = 0;
  #losses = 0;
  #lastT = Number.NEGATIVE_INFINITY;

  constructor(
    readonly address: string,
    clock: Clock,
  ) {
    const reader = new PictureReader((picture, arrivalMs) => this.#deliver(picture, arrivalMs));
    this.frames$ = this.#frames.asObservable();
    this.#link = new SocketSource(
      parseSocketEndpoint(address),
      {
        begin: () => {
          reader.reset();
          this.#stamps = new SourceClock();
        },
        read: (bytes, arrivalMs) => {
          const fault = reader.read(bytes, arrivalMs);
          if (fault !== undefined) this.#malformed += 1;
          return fault;
        },
      },
      clock,
    );
    this.state$ = this.#link.state$;
    let wasUp = false;
    this.state$.subscribe(({ kind }) => {
      if (kind === 'down' && wasUp) this.#losses += 1;
      wasUp = kind === 'up';
    });
  }

  counters(): CameraCounters {
    return { received: this.#received, dropped: 0, malformed: this.#malformed, losses: this.#losses };
  }

  clock(): ClockEstimate {
    return this.#stamps.estimate();
  }

  close(): void {
    this.#link.close();
    this.#frames.complete();
  }

  #deliver({ stampMs, jpeg }: Picture, arrivalMs: number): void {
    const t = Math.max(this.#lastT, this.#stamps.map(stampMs, arrivalMs));
    this.#lastT = t;
    this.#frames.next({ t, number: this.#received++, format: 'jpeg', data: jpeg });
  }
}
