import type { Place } from '../../src/assistant/action/place.js';
import type { AssistantInput, AssistantOutput } from '../../src/assistant/exchange.js';
import type { Grammars } from '../../src/assistant/grammars.js';
import { Listener } from '../../src/assistant/listening/listener.js';
import { wakeOptions } from '../../src/assistant/listening/wake-options.js';
import { Microphones } from '../../src/assistant/microphones.js';
import type { SpeechRecogniser } from '../../src/assistant/speech/speech-recogniser.js';
import { SpokenGrammars } from '../../src/assistant/spoken-grammars.js';
import type { WakeHead } from '../../src/assistant/wake/head.js';
import type { PcmChunk } from '../../src/audio/pcm.js';

export interface BenchEarsOptions {
  readonly recogniser: SpeechRecogniser;
  readonly grammars: Grammars;
  readonly zone: Place;
  /** Null: only the button wakes. */
  readonly wake: WakeHead | null;
  /** As in `LiveOptions`; null: looks open nothing. */
  readonly gazeMs?: number | null;
}

/** A click of the button, shorter than one that is held to speak, ms. */
const clickMs = 100;

/** One microphone of the bench, heard in lock-step. The recogniser is its owner's. */
export class BenchEars {
  readonly #listener: Listener;
  readonly #microphones: Microphones;

  /** @param tell takes what was heard; called from `push` until `settled`, and from `take` */
  constructor(
    { recogniser, grammars, zone, wake, gazeMs = null }: BenchEarsOptions,
    tell: (input: AssistantInput) => void,
  ) {
    // Sound is never refused: whoever pushes it waits for the listener, or paces it.
    this.#listener = new Listener({
      zone,
      recogniser,
      wake: wake === null ? null : wakeOptions(wake, recogniser),
      queueMs: Infinity,
      rules: { gazeMs },
    });
    const spoken = new SpokenGrammars(grammars, recogniser.tokenizer, {
      phrase: wake?.phrase ?? null,
      forget: (grammar) => recogniser.forget(grammar),
    });
    spoken.prepare();
    this.#microphones = new Microphones(new Map([[zone, this.#listener]]), spoken, tell);
  }

  push(chunk: PcmChunk): void {
    this.#listener.push(chunk);
  }

  /** The button is clicked. */
  press(t: number): void {
    this.#listener.press(t);
    this.#listener.release(t + clickMs);
  }

  gaze(t: number, isOnScreen: boolean): void {
    this.#listener.gaze(t, isOnScreen);
  }

  take(output: AssistantOutput): void {
    this.#microphones.take(output);
  }

  /** What was being said is over. */
  spoken(id: number, t: number): void {
    this.#microphones.spoken(id, t);
  }

  /** Resolves when all sound was heard. */
  async settled(): Promise<void> {
    await this.#listener.settled();
  }

  close(): void {
    this.#microphones.close();
    this.#listener.close();
  }
}
