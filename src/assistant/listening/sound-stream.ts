import type { PcmChunk } from '../../audio/pcm.js';
import { Resampler, speechRate } from '../../audio/resampler.js';
import { voiceFrame } from '../../audio/voice-activity.js';
import { samplesPerMs } from './frame.js';
import { SoundMemory } from './sound-memory.js';

/** Clocks of sound and drive may part by so much; beyond it sound is missing or came twice, ms. */
const gapMs = 100;
/** How much is remembered: the longest utterance with what was said before the microphone was open. */
const memoryS = 32;

/** A frame of 32 ms. */
export interface Frame {
  /** Drive clock of its end, ms. */
  readonly t: number;
  readonly samples: Float32Array;
}

/**
 * Chunks of any rate and size to frames at 16 kHz on the drive clock. Time is counted in samples from the first chunk of
 * a stretch; `align` lets it follow the drive clock again.
 */
export class SoundStream {
  readonly #memory = new SoundMemory(memoryS * speechRate);
  #resampler: Resampler | null = null;
  #rate = 0;
  /** Drive clock of sample 0 of the memory; null: no sound yet. */
  #startT: number | null = null;
  /** Drive clock at which the next chunk is due. */
  #dueT = 0;
  /** What the next chunk's clock differs from the count, ms. */
  #lag = 0;
  #framed = 0;

  /**
   * Takes a chunk; `isGap` where it does not follow the one before, so that a new stretch begins.
   * @throws VigilError `INVALID_ARGUMENT` for its rate
   */
  push({ t, rate, samples }: PcmChunk): { readonly isGap: boolean } {
    const isGap = this.#startT !== null && (rate !== this.#rate || !(Math.abs(t - this.#dueT) <= gapMs));
    if (isGap) this.clear();
    if (this.#startT === null) {
      this.#resampler = rate === speechRate ? null : new Resampler(rate);
      this.#rate = rate;
      this.#startT = t;
      this.#dueT = t;
    }
    this.#lag = t - this.#dueT;
    this.#dueT += (1000 * samples.length) / rate;
    this.#memory.push(this.#resampler?.push(samples) ?? samples);
    return { isGap };
  }

  /** The next whole frame; undefined until one is. */
  next(): Frame | undefined {
    if (this.#framed + voiceFrame > this.#memory.length) return undefined;
    const samples = this.#memory.slice(this.#framed, this.#framed + voiceFrame);
    this.#framed += voiceFrame;
    return { t: this.#timeOf(this.#framed), samples };
  }

  /** Sound from one time to another, as far as it is remembered. */
  between(fromT: number, toT: number): Float32Array {
    return this.#memory.slice(this.#numberOf(fromT), this.#numberOf(toT));
  }

  /** Follows the drive clock; only while nobody speaks, as times of what is being said would change. */
  align(): void {
    if (this.#startT === null) return;
    this.#startT += this.#lag;
    this.#dueT += this.#lag;
    this.#lag = 0;
  }

  /** As before the first chunk. */
  clear(): void {
    this.#memory.clear();
    this.#startT = null;
    this.#framed = 0;
    this.#lag = 0;
  }

  #timeOf(sample: number): number {
    return (this.#startT ?? 0) + sample / samplesPerMs;
  }

  #numberOf(t: number): number {
    return Math.round((t - (this.#startT ?? 0)) * samplesPerMs);
  }
}
