import { defaultRule, stepWake, wakeStart, type WakeRule, type WakeState } from './detector.js';
import { embeddingSize, WakeFeatures, wakeHopMs } from './features.js';
import { headFrames, headInputs, scoreHead, type WakeHead } from './head.js';

export interface WakeDetection {
  readonly phrase: string;
  /** End of the audio in which it was heard, ms from the start of the stream. */
  readonly t: number;
  readonly score: number;
}

/**
 * Asked before a detection opens the microphone: whether the phrase is really in these words. It may take its time;
 * the audio goes on being kept meanwhile.
 */
export interface WakeVerifier {
  /** @param audio 16 kHz, the last two seconds up to the detection */
  verify(phrase: string, audio: Float32Array): Promise<boolean>;
}

/** Listens for one phrase in a stream of audio. Runs on the caller's thread; a stage with deadlines wraps it in a worker. */
export class WakeWord {
  readonly #features = new WakeFeatures();
  readonly #window = new Float32Array(headInputs);
  readonly #rule: WakeRule;
  #state: WakeState = wakeStart;
  #hops = 0;

  /** @throws VigilError as `WakeFeatures` */
  constructor(
    private readonly head: WakeHead,
    rule: Partial<WakeRule> = {},
  ) {
    this.#rule = { ...defaultRule, threshold: head.threshold, ...rule };
    this.#clear();
  }

  /** @param samples 16 kHz, -1 to 1 */
  push(samples: Float32Array): WakeDetection[] {
    const found: WakeDetection[] = [];
    for (const embedding of this.#features.push(samples)) {
      this.#window.copyWithin(0, embeddingSize);
      this.#window.set(embedding, headInputs - embeddingSize);
      const t = ++this.#hops * wakeHopMs;
      const score = scoreHead(this.head, this.#window);
      const { state, detected } = stepWake(this.#state, score, t, this.#rule);
      this.#state = state;
      if (detected) found.push({ phrase: this.head.phrase, t, score });
    }
    return found;
  }

  /** As at the start of a stream. */
  reset(): void {
    this.#features.reset();
    this.#state = wakeStart;
    this.#hops = 0;
    this.#clear();
  }

  #clear(): void {
    for (let frame = 0; frame < headFrames; frame++)
      this.#window.set(this.#features.silence, frame * embeddingSize);
  }
}
