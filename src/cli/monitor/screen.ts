import type { Writable } from 'node:stream';
import type { Clock } from '../../runtime/clock.js';

/** 20 redraws a second. */
export const redrawMs = 50;

const enter = '\u001b[?1049h\u001b[?25l\u001b[?7l';
const leave = '\u001b[?7h\u001b[?25h\u001b[?1049l';

export type Terminal = Writable & { isTTY?: boolean; columns?: number; rows?: number };

/**
 * The terminal's alternate screen. Draws at most 20 times a second and only the lines that changed; waits for a
 * terminal that is slower than that instead of filling memory. `close` restores what was there before.
 */
export class Screen {
  #shown: readonly string[] = [];
  #lastMs = -Infinity;
  #timer: NodeJS.Timeout | undefined;
  #full = false;
  #open = true;
  #redraws = 0;

  constructor(
    private readonly terminal: Terminal,
    private readonly clock: Clock,
    /** What to show now. */
    private readonly view: (size: { readonly columns: number; readonly lines: number }) => readonly string[],
  ) {
    terminal.write(enter);
    terminal.on('resize', this.#resized);
    terminal.on('drain', this.#drained);
  }

  get redraws(): number {
    return this.#redraws;
  }

  /** Asks for a redraw, now or when 50 ms have gone by since the last one. */
  invalidate(): void {
    if (!this.#open || this.#timer !== undefined || this.#full) return;
    const left = this.#lastMs + redrawMs - this.clock.now();
    if (left <= 0) this.#draw();
    else {
      this.#timer = setTimeout(() => {
        this.#timer = undefined;
        this.invalidate();
      }, Math.ceil(left));
    }
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    clearTimeout(this.#timer);
    this.terminal.off('resize', this.#resized);
    this.terminal.off('drain', this.#drained);
    this.terminal.write(leave);
  }

  readonly #resized = (): void => {
    this.#shown = [];
    this.invalidate();
  };

  readonly #drained = (): void => {
    this.#full = false;
    this.invalidate();
  };

  #draw(): void {
    this.#lastMs = this.clock.now();
    const size = { columns: this.terminal.columns ?? 80, lines: this.terminal.rows ?? 24 };
    const lines = this.view(size);
    let text = this.#shown.length === 0 ? '\u001b[2J' : '';
    for (let i = 0; i < Math.max(lines.length, this.#shown.length); i++) {
      const line = i < lines.length ? lines[i] : '';
      if (line !== this.#shown[i]) text += `\u001b[${i + 1};1H\u001b[2K${line}`;
    }
    this.#shown = lines;
    if (text === '') return;
    this.#redraws += 1;
    this.#full = !this.terminal.write(text);
  }
}
