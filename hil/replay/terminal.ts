import { once } from 'node:events';
import type { Writable } from 'node:stream';
import type { FrameTimings } from '../../src/camera/face-tracker.js';
import type { GraphOutput } from '../../src/fusion.js';
import { assistantLine } from './assistant-lines.js';
import { statusLine, traceLength } from './status-line.js';
import type { Tally } from './tally.js';
import { eventLine } from './wording.js';

const clearLine = '\r\u001b[K';
const defaultColumns = 80;

/**
 * Results on stdout, a live status line on stderr when a person watches. Lines never tear the status line, and a
 * reader that is slower than the replay holds it back instead of filling memory.
 */
export class Terminal {
  #trace: number[] = [];
  #timings: FrameTimings | undefined;
  #shown = '';

  constructor(
    private readonly out: Writable,
    private readonly screen: Writable & { columns?: number },
    private readonly live: boolean,
  ) {}

  async line(text: string): Promise<void> {
    if (this.#shown !== '') this.screen.write(clearLine);
    if (!this.out.write(`${text}\n`)) await once(this.out, 'drain');
    if (this.#shown !== '') this.screen.write(this.#shown);
  }

  /** Prints what is worth a person's attention. */
  async event(output: GraphOutput): Promise<void> {
    if (output.kind === 'measures') {
      const { closure } = output.measures;
      this.#trace = [...this.#trace, closure.quality === 'valid' ? closure.value : 1].slice(-traceLength);
    }
    if (output.kind === 'observation' || output.kind === 'vehicle') return;
    const text = output.kind === 'assistant' ? assistantLine(output.output) : eventLine(output);
    if (text !== undefined) await this.line(text);
  }

  status(tally: Tally, timings: readonly FrameTimings[]): void {
    if (!this.live) return;
    this.#timings = timings.at(-1) ?? this.#timings;
    this.#shown = statusLine(tally, this.#trace, this.#timings, (this.screen.columns ?? defaultColumns) - 1);
    this.screen.write(clearLine + this.#shown);
  }

  endStatus(): void {
    if (this.#shown === '') return;
    this.screen.write(`${clearLine}${this.#shown}\n`);
    this.#shown = '';
  }
}
