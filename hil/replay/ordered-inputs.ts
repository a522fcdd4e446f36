import type { FaceObservation } from '../../src/camera/observation.js';
import type { GraphInput } from '../../src/fusion.js';

type Entry = { readonly input: GraphInput } | { readonly frame: number; input?: GraphInput };

/**
 * Puts what the recording holds into one order by drive time, although observations come back later than the
 * CAN frames that follow them: an entry leaves only when everything before it has left. Ticks of the drive clock
 * are put in at absolute multiples of `tickMs`, before anything stamped at or after them.
 *
 * The order, and so the graph's output, depends on the recording alone, not on how fast the vision thread was.
 */
export class OrderedInputs {
  readonly #entries: Entry[] = [];
  #nextTickMs: number | undefined;

  constructor(
    private readonly emit: (input: GraphInput) => void,
    private readonly tickMs: number,
  ) {}

  /** Something that is known already. */
  add(input: GraphInput): void {
    this.#entries.push({ input });
    this.#release();
  }

  /** A place for the observation of a frame that has been handed to the vision thread. */
  expect(frame: number): void {
    this.#entries.push({ frame });
  }

  /** The observation came, and what `behind` it belongs to it. Frames expected before it that never will (they were dropped) give up their places. */
  resolve(observation: FaceObservation, behind: readonly GraphInput[] = []): void {
    const place = this.#entries.findIndex((entry) => 'frame' in entry && entry.frame === observation.frame);
    if (place < 0) return;
    const followers = behind.map((input) => ({ input }));
    this.#entries.splice(place, 1, { input: { kind: 'observation', observation } }, ...followers);
    for (let i = place - 1; i >= 0; i--) {
      if (isOpen(this.#entries[i])) this.#entries.splice(i, 1);
    }
    this.#release();
  }

  /** Nothing more is coming: open places are given up, and time runs on to `endMs`. */
  finish(endMs: number): void {
    for (let i = this.#entries.length - 1; i >= 0; i--) {
      if (isOpen(this.#entries[i])) this.#entries.splice(i, 1);
    }
    this.#release();
    this.#tickUntil(endMs);
  }

  #release(): void {
    while (this.#entries.length > 0) {
      const { input } = this.#entries[0];
      if (input === undefined) return;
      this.#entries.shift();
      this.#tickUntil(timeOf(input));
      this.emit(input);
    }
  }

  #tickUntil(t: number): void {
    this.#nextTickMs ??= Math.floor(t / this.tickMs) * this.tickMs + this.tickMs;
    while (this.#nextTickMs <= t) {
      this.emit({ kind: 'tick', t: this.#nextTickMs });
      this.#nextTickMs += this.tickMs;
    }
  }
}

function isOpen(entry: Entry): boolean {
  return entry.input === undefined;
}

function timeOf(input: GraphInput): number {
  return input.kind === 'observation' ? input.observation.t : input.t;
}
