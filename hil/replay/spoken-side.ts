import type { AssistantOptions } from '../../src/assistant/assistant.js';
import { loadDialog } from '../../src/assistant/dialog/turn.js';
import { watchedPaths } from '../../src/assistant/dialog/watched-paths.js';
import type { AssistantInput, AssistantOutput } from '../../src/assistant/exchange.js';
import { Grammars } from '../../src/assistant/grammars.js';
import { loadCommands } from '../../src/assistant/grammar/load.js';
import { watchScreenGaze } from '../../src/assistant/screen-gaze.js';
import { SpeechRecogniser } from '../../src/assistant/speech/speech-recogniser.js';
import { readWakeHead } from '../../src/assistant/wake/head-file.js';
import { messageOf, VigilError } from '../../src/runtime/errors.js';
import { requireModel } from '../../src/runtime/models.js';
import type { VehicleStore } from '../../src/vehicle/store.js';
import type { Subscription } from '../../src/vehicle/topics.js';
import { audioStart, type RecordedAudio } from '../recording/message.js';
import { BenchEars } from '../synthetic/bench-ears.js';
import { SyntheticCabin } from '../synthetic/cabin.js';
import { usualCabin } from '../synthetic/usual-cabin.js';
import { SyntheticVoice } from '../synthetic/voice.js';
import type { SpokenOptions } from './options.js';

/**
 * The assistant's side of a replay: the recorded microphone, a voice of constant speed on the drive's clock, and a cabin
 * that does what it is asked. What it hears is told to the graph; what the graph puts out moves it.
 */
export class SpokenSide {
  readonly assistant: AssistantOptions;
  readonly #voice = new SyntheticVoice();
  readonly #presses: number[];
  #cabin: SyntheticCabin | null = null;
  #gaze: Subscription | null = null;
  #listening: {
    readonly recogniser: SpeechRecogniser;
    readonly ears: BenchEars;
  } | null = null;

  /** @param tell takes what was heard and what became of parts */
  constructor(
    private readonly store: VehicleStore,
    private readonly options: SpokenOptions,
    private readonly tell: (input: AssistantInput) => void,
  ) {
    this.assistant = { config: loadDialog(store.tree), grammars: new Grammars(loadCommands()) };
    this.#presses = [...options.pressMs].sort((a, b) => a - b);
  }

  /** Begins at `t`, once everyone else has their signals. @throws VigilError of the wake head's file */
  async open(t: number, hasAudio: boolean): Promise<void> {
    this.#cabin = new SyntheticCabin(this.store, watchedPaths(this.assistant.config));
    for (const [path, value] of usualCabin(this.store.tree))
      if (this.#cabin.has(path)) this.#cabin.set(path, value, t);
    if (!hasAudio) {
      this.tell({ kind: 'part', t, part: 'microphone', missing: 'the recording holds no sound' });
      return;
    }
    const { wakeHead, gazeMs } = this.options;
    const head = wakeHead === null ? null : readWakeHead(wakeHead);
    let recogniser: SpeechRecogniser;
    try {
      recogniser = new SpeechRecogniser({ model: this.options.model });
      await recogniser.load();
    } catch (error) {
      if (!(error instanceof VigilError)) throw error;
      this.tell({ kind: 'part', t, part: 'recogniser', missing: messageOf(error) });
      return;
    }
    const { grammars } = this.assistant;
    const ears = new BenchEars({ recogniser, grammars, zone: 'driver', wake: head, gazeMs }, this.tell);
    this.#gaze = watchScreenGaze(this.store, (t, isOnScreen) => ears.gaze(t, isOnScreen));
    this.#listening = { recogniser, ears };
  }

  /** What the drive's time brings before a tick. */
  tick(t: number): AssistantInput | null {
    this.#cabin?.tick(t);
    const spoken = this.#voice.due(t);
    if (spoken?.kind === 'spoken') this.#listening?.ears.spoken(spoken.id, spoken.t);
    return spoken;
  }

  take(output: AssistantOutput): void {
    this.#voice.take(output);
    this.#listening?.ears.take(output);
  }

  /** A block of sound, and the button where it was pressed by its end. */
  push(block: RecordedAudio): void {
    const { ears } = this.#listening ?? {};
    for (let at = this.#presses.at(0); at !== undefined && at <= block.t; at = this.#presses.at(0)) {
      this.#presses.shift();
      ears?.press(at);
    }
    const { channels, sampleRateHz: rate } = block;
    const samples = Float32Array.from({ length: block.samples.length / channels }, (_, i) => {
      let sum = 0;
      for (let c = 0; c < channels; c++) sum += block.samples[i * channels + c];
      return sum / channels / 32_768;
    });
    ears?.push({ t: audioStart(block), rate, samples });
  }

  /** Resolves when all sound was heard. */
  async settled(): Promise<void> {
    await this.#listening?.ears.settled();
  }

  /** Networks that listen, id to sha256; none where one is missing. */
  models(): Record<string, string> {
    const parts = ['encoder', 'decoder', 'vocabulary'].map(
      (part) => `moonshine_${this.options.model}_${part}`,
    );
    try {
      const ids = [...parts, 'speech_tokenizer', 'silero_vad'];
      return Object.fromEntries(ids.map((id) => [id, requireModel(id).sha256]));
    } catch (error) {
      if (error instanceof VigilError) return {};
      throw error;
    }
  }

  close(): void {
    this.#gaze?.unsubscribe();
    this.#listening?.ears.close();
    this.#listening?.recogniser.close();
  }
}
