import { invalidArgument } from '../runtime/errors.js';
import { SourceClock, type ClockEstimate } from '../runtime/sources/source-clock.js';
import type { PcmChunk } from './pcm.js';
import type { PcmCounters, PcmFormat } from './pcm-source.js';

/**
 * Bytes of a live stream, in pieces of any size, to chunks on our clock. The samples themselves are the source's clock: a
 * piece arrives when its last sample was taken, or later.
 */
export class PcmReader {
  readonly #format: PcmFormat;
  #stamps = new SourceClock();
  #half: Buffer = Buffer.alloc(0);
  /** Samples since `begin`. */
  #position = 0;
  #chunks = 0;
  #samples = 0;

  /** @throws VigilError `INVALID_ARGUMENT` */
  constructor(
    format: PcmFormat,
    private readonly deliver: (chunk: PcmChunk) => void,
  ) {
    const { rate, channels } = format;
    if (!(Number.isInteger(rate) && rate >= 8000 && rate <= 192_000))
      throw invalidArgument('rate', 'a whole number of Hz from 8000 to 192000', rate);
    if (!(Number.isInteger(channels) && channels >= 1 && channels <= 16))
      throw invalidArgument('channels', '1 to 16', channels);
    this.#format = format;
  }

  /** A new stream: what was half read is void, and so is the clock. */
  begin(): void {
    this.#stamps = new SourceClock();
    this.#half = Buffer.alloc(0);
    this.#position = 0;
  }

  read(bytes: Buffer, arrivalMs: number): undefined {
    const { rate, channels } = this.#format;
    const frameBytes = 2 * channels;
    const all = this.#half.length === 0 ? bytes : Buffer.concat([this.#half, bytes]);
    const count = Math.floor(all.length / frameBytes);
    this.#half = Buffer.from(all.subarray(count * frameBytes));
    if (count === 0) return;
    const samples = new Float32Array(count);
    for (let i = 0; i < count; i++) {
      let sum = 0;
      for (let channel = 0; channel < channels; channel++)
        sum += all.readInt16LE(i * frameBytes + 2 * channel);
      samples[i] = sum / (channels * 32_768);
    }
    this.#position += count;
    const endT = this.#stamps.map((1000 * this.#position) / rate, arrivalMs);
    this.#chunks += 1;
    this.#samples += count;
    this.deliver({ t: endT - (1000 * count) / rate, rate, samples });
  }

  counters(): Omit<PcmCounters, 'losses'> {
    return { chunks: this.#chunks, samples: this.#samples };
  }

  clock(): ClockEstimate {
    return this.#stamps.estimate();
  }
}
