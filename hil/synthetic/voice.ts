import type { AssistantInput, AssistantOutput } from '../../src/assistant/exchange.js';

/** How long the bench's voice takes for a character, ms. */
const characterMs = 60;

/** A voice of constant speed on the drive's clock: what it says ends when it is told to look, or is cut off. */
export class SyntheticVoice {
  #speaking: { readonly id: number; readonly endsMs: number } | null = null;

  take(output: AssistantOutput): void {
    if (output.kind === 'say')
      this.#speaking = { id: output.id, endsMs: output.t + characterMs * output.text.length };
    else if (output.kind === 'hush' && this.#speaking?.id === output.id) this.#speaking = null;
  }

  get isSpeaking(): boolean {
    return this.#speaking !== null;
  }

  /** What has been said to its end by `t`. */
  due(t: number): AssistantInput | null {
    if (this.#speaking === null || this.#speaking.endsMs > t) return null;
    const { id, endsMs } = this.#speaking;
    this.#speaking = null;
    return { kind: 'spoken', t: endsMs, id };
  }
}
