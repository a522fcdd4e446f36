import { Subject, type Observable } from 'rxjs';
import type { Clock } from '../runtime/clock.js';
import { parseSocketEndpoint } from '../runtime/sources/endpoint.js';
import { SocketSource } from '../runtime/sources/socket-source.js';
import type { ClockEstimate } from '../runtime/sources/source-clock.js';
import type { SourceState } from '../runtime/sources/source-state.js';
import type { PcmChunk } from './pcm.js';
import { PcmReader } from './pcm-reader.js';
import { speechFormat, type PcmCounters, type PcmFormat, type PcmSource } from './pcm-source.js';

/**
 * A program that sends raw sound over a Unix or TCP socket, as it is recorded. Connects to it, and again when it goes
 * away or falls silent (a microphone always has samples).
 * @throws VigilError `INVALID_ARGUMENT` (no address, no format), when constructed
 */
export class PcmSocket implements PcmSource {
  readonly chunks$: Observable<PcmChunk>;
  readonly state$: Observable<SourceState>;
  readonly #chunks = new Subject<PcmChunk>();
  readonly #link: SocketSource;
  readonly #reader: PcmReader;
  #losses = 0;

  constructor(
    readonly address: string,
    clock: Clock,
    format: PcmFormat = speechFormat,
  ) {
    this.chunks$ = this.#chunks.asObservable();
    this.#reader = new PcmReader(format, (chunk) => this.#chunks.next(chunk));
    this.#link = new SocketSource(parseSocketEndpoint(address), this.#reader, clock);
    this.state$ = this.#link.state$;
    this.state$.subscribe(({ kind }) => {
      if (kind === 'down') this.#losses += 1;
    });
  }

  counters(): PcmCounters {
    return { ...this.#reader.counters(), losses: this.#losses };
  }

  clock(): ClockEstimate {
    return this.#reader.clock();
  }

  close(): void {
    this.#link.close();
    this.#chunks.complete();
  }
}
