import { candidateStart, stepCandidate, type CandidateState } from './candidate.js';
import { defaultRule, stepWake, wakeStart, type WakeRule, type WakeState } from './detector.js';
import { embeddingSize, WakeFeatures, wakeHopMs } from './features.js';
import { headFrames, headInputs, logOdds, scoreOf, smoothedWindows, type WakeHead } from './head.js';

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
  /**
   * @param audio 16 kHz, the last two seconds up to the detection
   * @param score of the detection, for who weighs it
   */
  verify(phrase: string, audio: Float32Array, score?: number): Promise<boolean>;
}

export interface WakeWordOptions {
  readonly rule?: Partial<WakeRule>;
  /** A second opinion follows: detections are what may be the phrase, several for one phrase perhaps. */
  readonly forVerifier?: boolean;
}

/** Listens for one phrase in a stream of audio. Runs on the caller's thread; a stage with deadlines wraps it in a worker. */
export class WakeWord {
  readonly #features = new WakeFeatures();
  readonly #window = new Float32Array(headInputs);
  readonly #rule: WakeRule;
  /** Of the last windows, oldest first. */
  #odds: number[] = [];
  #state: WakeState = wakeStart;
  #candidate: CandidateState = candidateStart;
  #hops = 0;

  /** @throws VigilError as `WakeFeatures` */
  constructor(
    private readonly head: WakeHead,
    private readonly options: WakeWordOptions = {},
  ) {
    this.#rule = { ...defaultRule, threshold: head.threshold, ...options.rule };
    this.#clear();
  }

  /** @param samples 16 kHz, -1 to 1 */
  push(samples: Float32Array): WakeDetection[] {
    const found: WakeDetection[] = [];
    for (const embedding of this.#features.push(samples)) {
      this.#window.copyWithin(0, embeddingSize);
      this.#window.set(embedding, headInputs - embeddingSize);
      const t = ++this.#hops * wakeHopMs;
      this.#odds = [...this.#odds.slice(1 - smoothedWindows), logOdds(this.head, this.#window)[0]];
      const score = scoreOf(this.#odds.reduce((sum, odds) => sum + odds, 0) / this.#odds.length);
      const detected = this.#step(score, t);
      if (detected !== null) found.push({ phrase: this.head.phrase, t, score: detected });
    }
    return found;
  }

  /** As at the start of a stream. */
  reset(): void {
    this.#features.reset();
    this.#state = wakeStart;
    this.#candidate = candidateStart;
    this.#hops = 0;
    this.#clear();
  }

  /** The score of a detection; null: none. */
  #step(score: number, t: number): number | null {
    if (this.options.forVerifier === true) {
      const { candidate } = this.head;
      const step = stepCandidate(this.#candidate, score, t, { candidate, sure: this.#rule.threshold });
      this.#candidate = step.state;
      return step.ask ? step.top : null;
    }
    const { state, detected } = stepWake(this.#state, score, t, this.#rule);
    this.#state = state;
    return detected ? score : null;
  }

  #clear(): void {
    this.#odds = [];
    for (let frame = 0; frame < headFrames; frame++)
      this.#window.set(this.#features.silence, frame * embeddingSize);
  }
}
