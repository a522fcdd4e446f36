import type { Readable } from 'node:stream';
import { VigilError } from '../../src/runtime/errors.js';

/** The frame stamps that ffmpeg's metadata filter prints: `frame:0 pts:0 pts_time:0` and a line of no interest. */
export class StampReader {
  readonly #waiting: number[] = [];
  #rest = '';
  #ended = false;
  #wake: (() => void) | null = null;

  /** Reads all along, so that ffmpeg never waits for this pipe. */
  constructor(stream: Readable) {
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => this.#take(text));
    stream.on('close', () => this.#end());
    stream.on('error', () => this.#end());
  }

  /** Stamp of the next frame, ms. @throws VigilError `VIDEO_UNREADABLE` when there is none */
  async next(): Promise<number> {
    while (this.#waiting.length === 0) {
      if (this.#ended) {
        throw new VigilError(
          'VIDEO_UNREADABLE',
          'Expected ffmpeg to give every frame a time stamp but one has none.',
        );
      }
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    return this.#waiting.shift()! / 1e6;
  }

  #take(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      const pts = /^frame:\d+\s+pts:(-?\d+)/.exec(line)?.[1];
      if (pts !== undefined) this.#waiting.push(Number(pts));
      else if (line.startsWith('frame:')) this.#ended = true;
    }
    this.#notify();
  }

  #end(): void {
    this.#ended = true;
    this.#notify();
  }

  #notify(): void {
    const wake = this.#wake;
    this.#wake = null;
    wake?.();
  }
}
