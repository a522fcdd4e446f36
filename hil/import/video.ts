import { VigilError } from '../../src/runtime/errors.js';
import { MediaProgram, inputArguments } from './ffmpeg.js';
import { jpegSize, splitJpegs } from './jpeg-stream.js';
import { probe } from './probe.js';
import type { ImportItem, ImportSource } from './source.js';
import { StampReader } from './stamps.js';

export interface VideoOptions {
  readonly file: string;
  /** Added to the file's stamps. */
  readonly offsetMs: number;
  /** Pictures are scaled to this width; the height follows. Null keeps the size. */
  readonly width: number | null;
  /** ffmpeg's scale for JPEG: 2 is best, 31 smallest. */
  readonly jpegQuality: number;
  readonly signal?: AbortSignal | undefined;
}

/** What is known of the pictures once the first one has come. */
export interface VideoFormat {
  readonly width: number;
  readonly height: number;
  readonly nominalFps: number;
}

/** A video that ends so much before its announced length has been cut off. */
const missingEndMs = 1000;

/** The frame rate is a label for people and displays; stamps are exact whatever it says. */
const unknownFps = 30;

function filters(width: number | null): string {
  const scale = width === null ? [] : [`scale=${width}:-2:flags=area`];
  // Stamps in whole nanoseconds, one line a frame on descriptor 3; a frame needs some entry to be printed.
  const print = [
    'settb=1/1000000000',
    'metadata=mode=add:key=vigil:value=1',
    "metadata=mode=print:direct=1:file='pipe\\:3'",
  ];
  return [...scale, ...print].join(',');
}

function ffmpegArguments({ file, width, jpegQuality }: VideoOptions): string[] {
  const picture = ['-c:v', 'mjpeg', '-q:v', String(jpegQuality), '-pix_fmt', 'yuvj420p', '-threads:v', '1'];
  return [
    ...['-hide_banner', '-nostdin', '-loglevel', 'error', ...inputArguments(file), '-map', '0:v:0'],
    // Every frame once, as it is in the file: none doubled or left out to even the rate.
    ...['-vf', filters(width), '-fps_mode', 'passthrough', ...picture, '-f', 'image2pipe', 'pipe:1'],
  ];
}

/** The frames of any video that ffmpeg reads, as JPEG, with the stamps that the file gives them. */
export class VideoSource implements ImportSource {
  readonly name = 'camera';
  readonly durationMs: number | null;
  readonly #options: VideoOptions;
  readonly #fps: number | null;
  readonly #announcedMs: number | null;
  #format: VideoFormat | null = null;
  #firstMs = 0;
  #lastMs = 0;
  #frames = 0;
  #losses: string[] = [];

  private constructor(options: VideoOptions, announcedMs: number | null, fps: number | null) {
    this.#options = options;
    this.#announcedMs = announcedMs;
    this.durationMs = announcedMs === null ? null : announcedMs + options.offsetMs;
    this.#fps = fps;
  }

  /** @throws VigilError `FFMPEG_MISSING`, `VIDEO_UNREADABLE` */
  static async open(options: VideoOptions): Promise<VideoSource> {
    const { durationMs, fps } = await probe(options.file, 'video', options.signal);
    return new VideoSource(options, durationMs, fps);
  }

  /** Size and rate of the pictures; null before the first one. */
  get format(): VideoFormat | null {
    return this.#format;
  }

  /** @throws VigilError `VIDEO_UNREADABLE` */
  get items(): AsyncIterable<ImportItem> {
    return this.#read();
  }

  firstMs(): number {
    return this.#firstMs;
  }

  offsetMs(): number {
    return this.#options.offsetMs;
  }

  losses(): string[] {
    return this.#losses;
  }

  facts(): Record<string, number | string> {
    const { width = 0, height = 0, nominalFps = 0 } = this.#format ?? {};
    return { frames: this.#frames, width, height, fps: Number(nominalFps.toFixed(3)) };
  }

  async *#read(): AsyncGenerator<ImportItem, void, void> {
    const { signal, offsetMs } = this.#options;
    const program = new MediaProgram('ffmpeg', ffmpegArguments(this.#options), 2, signal);
    try {
      const stamps = new StampReader(program.extra);
      for await (const data of splitJpegs(program.stdout)) {
        const t = (await stamps.next()) + offsetMs;
        this.#format ??= { ...jpegSize(data), nominalFps: this.#fps ?? unknownFps };
        if (this.#frames === 0) this.#firstMs = t;
        this.#lastMs = t;
        yield { kind: 'camera', t, frame: { sequence: this.#frames++, format: 'jpeg', data } };
      }
      signal?.throwIfAborted();
      const { code, complaints } = await program.end;
      this.#judge(code, complaints);
    } finally {
      program.stop();
    }
  }

  #judge(code: number | null, complaints: readonly string[]): void {
    const { file, offsetMs } = this.#options;
    const reason = complaints.at(-1);
    if (this.#frames === 0) {
      throw new VigilError(
        'VIDEO_UNREADABLE',
        `Expected pictures in ${file} but ffmpeg found none: ${reason ?? `it ended with ${code ?? 'a signal'}`}.`,
        '',
        { file },
      );
    }
    const lastMs = this.#lastMs - offsetMs;
    const missingMs = this.#announcedMs === null ? 0 : this.#announcedMs - lastMs;
    if (code !== 0 || reason !== undefined) {
      this.#losses.push(
        `video damaged; ${this.#frames} frames up to ${(lastMs / 1000).toFixed(2)} s were read; ffmpeg says: ${reason ?? code ?? ''}`,
      );
    } else if (missingMs > missingEndMs) {
      this.#losses.push(
        `video ends ${(missingMs / 1000).toFixed(1)} s before the length that its file announces`,
      );
    }
  }
}
