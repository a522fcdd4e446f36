import type { WakeDetection } from '../wake/wake-word.js';
import type { Frame } from './sound-stream.js';
import { frameMs, samplesPerMs } from './frame.js';

/** What scores a wake phrase in a stream of sound; times count from the last reset. */
export interface PhraseDetector {
  push(samples: Float32Array): readonly WakeDetection[];
  reset(): void;
}

/** Speech this likely lets the phrase be looked for: far below what counts as speech, so that noise hides none. */
const perhapsSpeech = 0.15;
/** Sound before it that the detector gets as well, and how long it goes on listening afterwards, ms. */
const leadMs = 960;
const holdMs = 1600;

/** Looks for the wake phrase only where somebody may be speaking: silence costs nothing. */
export class WakeStage {
  /** Until when; null: nobody speaks. */
  #untilT: number | null = null;
  /** Drive clock at the detector's start. */
  #startT = 0;

  constructor(
    private readonly detector: PhraseDetector,
    /** Sound from one time to another. */
    private readonly between: (fromT: number, toT: number) => Float32Array,
  ) {}

  /** One frame further. @returns when the phrase was heard, drive clock; null: it was not */
  push({ t, samples }: Frame, speech: number): { readonly t: number; readonly score: number } | null {
    if (speech >= perhapsSpeech) {
      if (this.#untilT === null) {
        const before = this.between(t - frameMs - leadMs, t - frameMs);
        this.detector.reset();
        this.#startT = t - frameMs - before.length / samplesPerMs;
        this.detector.push(before);
      }
      this.#untilT = t + holdMs;
    }
    if (this.#untilT === null) return null;
    if (t > this.#untilT) {
      this.#untilT = null;
      return null;
    }
    const found = this.detector.push(samples).at(-1);
    return found === undefined ? null : { t: this.#startT + found.t, score: found.score };
  }

  reset(): void {
    this.#untilT = null;
  }
}
