import type { PcmChunk } from '../../audio/pcm.js';
import type { Clock } from '../../runtime/clock.js';
import type { VehicleStore } from '../../vehicle/store.js';
import type { AssistantInput, AssistantOutput } from '../exchange.js';
import { assistantPaths } from '../publisher.js';
import type { Voice, VoiceEvents } from './voice.js';

/** Where the vehicle does not say how loud, percent. */
const usualVolume = 70;

/** Says aloud what the assistant puts out, and tells it when each utterance is over. Owns the voice. */
export class Speaker {
  readonly #voice: Voice;

  /**
   * @param voiceOf makes the voice
   * @param tell takes what became of utterances; called from `take`, too
   */
  constructor(
    voiceOf: (events: VoiceEvents) => Voice,
    private readonly store: VehicleStore,
    private readonly clock: Clock,
    private readonly tell: (input: AssistantInput) => void,
    onSound: (chunk: PcmChunk) => void = () => undefined,
  ) {
    this.#voice = voiceOf({
      onEnd: (id) => this.tell({ kind: 'spoken', t: this.clock.now(), id }),
      onMissing: (missing) => this.tell({ kind: 'part', t: this.clock.now(), part: 'voice', missing }),
      onSound,
    });
  }

  take(output: AssistantOutput): void {
    if (output.kind === 'say') this.#voice.say(output.id, output.text, this.#volume());
    else if (output.kind === 'hush') this.#voice.hush(output.id);
  }

  close(): void {
    this.#voice.close();
  }

  #volume(): number {
    const { value, quality } = this.store.get(assistantPaths.volume);
    return quality === 'valid' && typeof value === 'number' ? value : usualVolume;
  }
}
