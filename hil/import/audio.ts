import { VigilError } from '../../src/runtime/errors.js';
import { MediaProgram, inputArguments } from './ffmpeg.js';
import { probe } from './probe.js';
import type { ImportItem, ImportSource } from './source.js';

export interface AudioOptions {
  readonly file: string;
  /** Added to the file's stamps. */
  readonly offsetMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** What speech recognition takes: one channel of 16 kHz, in blocks of 20 ms. */
export const sampleRateHz = 16_000;
export const blockMs = 20;
const blockBytes = ((sampleRateHz * blockMs) / 1000) * 2;

const missingEndMs = 1000;

function ffmpegArguments(file: string): string[] {
  return [
    ...['-hide_banner', '-nostdin', '-loglevel', 'error', ...inputArguments(file), '-map', '0:a:0'],
    // Silence from 0 to the first sample and in gaps, so that a sample's number is its time.
    ...['-af', `aresample=${sampleRateHz}:async=1:first_pts=0`, '-ac', '1', '-f', 's16le', 'pipe:1'],
  ];
}

/** Cuts a stream of bytes into blocks of 20 ms; the last one may be shorter. */
async function* splitBlocks(stream: AsyncIterable<Buffer>): AsyncGenerator<Int16Array, void, void> {
  let rest = Buffer.alloc(0);
  for await (const part of stream) {
    const bytes = Buffer.concat([rest, part]);
    let at = 0;
    for (; at + blockBytes <= bytes.length; at += blockBytes)
      yield samplesOf(bytes.subarray(at, at + blockBytes));
    rest = bytes.subarray(at);
  }
  if (rest.length >= 2) yield samplesOf(rest.subarray(0, rest.length & ~1));
}

/** A copy at an address of its own: little-endian, as every machine that Vigil runs on. */
function samplesOf(bytes: Buffer): Int16Array {
  return new Int16Array(Uint8Array.from(bytes).buffer);
}

/** The sound of any file that ffmpeg reads, brought to one channel of 16 kHz. */
export class AudioSource implements ImportSource {
  readonly name = 'audio';
  readonly durationMs: number | null;
  readonly #options: AudioOptions;
  readonly #announcedMs: number | null;
  #samples = 0;
  #losses: string[] = [];

  private constructor(options: AudioOptions, announcedMs: number | null) {
    this.#options = options;
    this.#announcedMs = announcedMs;
    this.durationMs = announcedMs === null ? null : announcedMs + options.offsetMs;
  }

  /** @throws VigilError `FFMPEG_MISSING`, `AUDIO_UNREADABLE` */
  static async open(options: AudioOptions): Promise<AudioSource> {
    const { durationMs } = await probe(options.file, 'audio', options.signal);
    return new AudioSource(options, durationMs);
  }

  /** @throws VigilError `AUDIO_UNREADABLE` */
  get items(): AsyncIterable<ImportItem> {
    return this.#read();
  }

  firstMs(): number {
    return this.#options.offsetMs;
  }

  offsetMs(): number {
    return this.#options.offsetMs;
  }

  losses(): string[] {
    return this.#losses;
  }

  facts(): Record<string, number | string> {
    return { seconds: Number((this.#samples / sampleRateHz).toFixed(3)), sampleRateHz };
  }

  async *#read(): AsyncGenerator<ImportItem, void, void> {
    const { file, offsetMs, signal } = this.#options;
    const program = new MediaProgram('ffmpeg', ffmpegArguments(file), 1, signal);
    try {
      for await (const samples of splitBlocks(program.stdout)) {
        this.#samples += samples.length;
        const t = (this.#samples / sampleRateHz) * 1000 + offsetMs;
        yield { kind: 'audio', t, block: { sampleRateHz, channels: 1, samples } };
      }
      signal?.throwIfAborted();
      const { code, complaints } = await program.end;
      this.#judge(code, complaints);
    } finally {
      program.stop();
    }
  }

  #judge(code: number | null, complaints: readonly string[]): void {
    const { file } = this.#options;
    const reason = complaints.at(-1);
    if (this.#samples === 0) {
      throw new VigilError(
        'AUDIO_UNREADABLE',
        `Expected sound in ${file} but ffmpeg found none: ${reason ?? `it ended with ${code ?? 'a signal'}`}.`,
        '',
        { file },
      );
    }
    const readMs = (this.#samples / sampleRateHz) * 1000;
    const missingMs = this.#announcedMs === null ? 0 : this.#announcedMs - readMs;
    if (code !== 0 || reason !== undefined) {
      this.#losses.push(
        `sound damaged; ${(readMs / 1000).toFixed(2)} s were read; ffmpeg says: ${reason ?? code ?? ''}`,
      );
    } else if (missingMs > missingEndMs) {
      this.#losses.push(
        `sound ends ${(missingMs / 1000).toFixed(1)} s before the length that its file announces`,
      );
    }
  }
}
