import type { FaceObservation } from '../../src/camera/observation.js';
import type { PhoneObservation } from '../../src/camera/phone-observation.js';

/**
 * Puts what is said about phones behind the frame with which it came. A tracker tells the frame first and what belongs to
 * it within the same turn; handing both on together keeps their order independent of what else has arrived meanwhile.
 */
export class SeenFrames {
  #frame: FaceObservation | null = null;
  #phones: PhoneObservation[] = [];

  constructor(private readonly emit: (frame: FaceObservation, phones: readonly PhoneObservation[]) => void) {}

  /** The frame before it, if any, is complete. */
  frame(observation: FaceObservation): void {
    this.settle();
    this.#frame = observation;
    queueMicrotask(() => {
      if (this.#frame === observation) this.settle();
    });
  }

  phone(observation: PhoneObservation): void {
    this.#phones.push(observation);
  }

  /** Hands on what is there: nothing more belongs to it. */
  settle(): void {
    const frame = this.#frame;
    if (frame === null) return;
    const phones = this.#phones;
    this.#frame = null;
    this.#phones = [];
    this.emit(frame, phones);
  }
}
