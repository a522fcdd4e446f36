import { Subject, type Observable } from 'rxjs';
import type { PcmSource } from '../audio/pcm-source.js';
import type { Clock } from '../runtime/clock.js';
import { atDeadlines } from '../runtime/deadlines.js';
import { messageOf, VigilError } from '../runtime/errors.js';
import type { VehicleStore } from '../vehicle/store.js';
import type { Place } from './action/place.js';
import { Assistant, type AssistantOptions } from './assistant.js';
import type { DialogState } from './dialog/state.js';
import type { AssistantInput, AssistantOutput } from './exchange.js';
import { Listener } from './listening/listener.js';
import { wakeOptions } from './listening/wake-options.js';
import { Microphones } from './microphones.js';
import { Speaker } from './reply/speaker.js';
import type { Voice, VoiceEvents } from './reply/voice.js';
import { watchScreenGaze } from './screen-gaze.js';
import { SpeechRecogniser, type SpeechModel } from './speech/speech-recogniser.js';
import { SpokenGrammars } from './spoken-grammars.js';
import type { WakeHead } from './wake/head.js';

export interface LiveOptions {
  readonly store: VehicleStore;
  readonly assistant: AssistantOptions;
  readonly clock: Clock;
  readonly voice: (events: VoiceEvents) => Voice;
  /** Absent: nothing is listened to; sentences come in writing. */
  readonly hearing?: {
    readonly microphones: ReadonlyMap<Place, PcmSource>;
    readonly model: SpeechModel;
    /** Null: only the button wakes. */
    readonly wake: WakeHead | null;
    /** A look at the screen for so long before somebody speaks opens the driver's microphone, ms; null or absent: none does. */
    readonly gazeMs?: number | null;
  };
}

/** How often the dialog is told the time, ms. */
const tickMs = 50;

/**
 * The assistant in a running vehicle, at its store or a replica of it: microphones, recogniser, dialog and voice, put
 * together. What is missing is told once and published. Owns all of it but the store; the microphones, too.
 */
export class LiveAssistant {
  readonly outputs$: Observable<AssistantOutput>;
  readonly #outputs = new Subject<AssistantOutput>();
  readonly #assistant: Assistant;
  readonly #speaker: Speaker;
  readonly #waiting: AssistantInput[] = [];
  readonly #subscriptions: { unsubscribe(): void }[] = [];
  readonly #stop: () => void;
  #listeners: ReadonlyMap<Place, Listener> = new Map();
  #recogniser: SpeechRecogniser | null = null;
  #microphones: Microphones | null = null;
  #spoken: SpokenGrammars | null = null;
  #isBusy = false;
  #isClosed = false;

  /** @throws VigilError as `Assistant` */
  constructor(private readonly options: LiveOptions) {
    const { store, assistant, clock, voice, hearing } = options;
    this.outputs$ = this.#outputs.asObservable();
    this.#assistant = new Assistant(store, assistant);
    this.#speaker = new Speaker(
      voice,
      store,
      clock,
      (input) => this.take(input),
      (chunk) => this.#microphones?.reference(chunk),
    );
    this.#stop = atDeadlines(clock, tickMs, (t) => this.take({ kind: 'tick', t }));
    if (hearing !== undefined) void this.#hear(hearing);
  }

  get state(): DialogState {
    return this.#assistant.state;
  }

  /** What comes in while something is being taken is taken after it. */
  take(input: AssistantInput): void {
    if (this.#isClosed) return;
    this.#waiting.push(input);
    if (this.#isBusy) return;
    this.#isBusy = true;
    try {
      for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift())
        this.#step(next);
    } finally {
      this.#waiting.length = 0;
      this.#isBusy = false;
    }
  }

  /** The button at a place: wakes, and held while speaking its release is the end. */
  press(zone: Place): void {
    const t = this.options.clock.now();
    const listener = this.#listeners.get(zone);
    if (listener === undefined) this.take({ kind: 'wake', t, zone, how: 'button' });
    else listener.press(t);
  }

  release(zone: Place): void {
    this.#listeners.get(zone)?.release(this.options.clock.now());
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#stop();
    for (const subscription of this.#subscriptions) subscription.unsubscribe();
    for (const source of this.options.hearing?.microphones.values() ?? []) source.close();
    this.#microphones?.close();
    for (const listener of this.#listeners.values()) listener.close();
    this.#recogniser?.close();
    this.#speaker.close();
    this.#assistant.close();
    this.#outputs.complete();
  }

  #step(input: AssistantInput): void {
    const { grammars } = this.options.assistant;
    const { version } = grammars;
    this.#assistant.take(input);
    if (input.kind === 'spoken') this.#microphones?.spoken(input.id, input.t);
    if (grammars.version !== version) this.#microphones?.grammarsChanged(input.t);
    // What can be said, also with new places and contacts, is compiled while nobody speaks, one grammar at a time.
    if (input.kind === 'tick' && this.state.phase.kind === 'idle') this.#spoken?.prepareNext();
    for (const output of this.#assistant.outputs()) {
      // The voice first: it falls silent, or begins, without waiting for anyone.
      this.#speaker.take(output);
      this.#microphones?.take(output);
      this.#outputs.next(output);
    }
  }

  async #hear({
    microphones,
    model,
    wake,
    gazeMs = null,
  }: NonNullable<LiveOptions['hearing']>): Promise<void> {
    const { assistant, clock } = this.options;
    const missing = (part: 'microphone' | 'recogniser', why: string | null): void =>
      this.take({ kind: 'part', t: clock.now(), part, missing: why });
    if (microphones.size === 0) missing('microphone', 'none is configured');
    try {
      const recogniser = new SpeechRecogniser({ model });
      this.#recogniser = recogniser;
      await recogniser.load();
      if (this.#isClosed) return;
      const grammars = new SpokenGrammars(assistant.grammars, recogniser.tokenizer, {
        phrase: wake?.phrase ?? null,
        forget: (grammar) => recogniser.forget(grammar),
      });
      // Its grammars are compiled by the ticks, one at a time: the microphones are read meanwhile.
      this.#spoken = grammars;
      const listeners = [...microphones.keys()].map((zone): [Place, Listener] => [
        zone,
        new Listener({
          zone,
          recogniser,
          wake: wake === null ? null : wakeOptions(wake, recogniser),
          clock,
          rules: { gazeMs },
        }),
      ]);
      this.#listeners = new Map(listeners);
      this.#microphones = new Microphones(this.#listeners, grammars, (input) => this.take(input));
      const gaze = watchScreenGaze(this.options.store, (t, isOnScreen) =>
        this.#listeners.get('driver')?.gaze(t, isOnScreen),
      );
      this.#subscriptions.push(gaze);
      // Somebody may have asked to be heard before there were ears.
      const { microphone } = this.state;
      if (microphone !== null) this.#microphones.take({ kind: 'listen', t: clock.now(), ...microphone });
      for (const [zone, source] of microphones) this.#follow(source, this.#listeners.get(zone));
    } catch (error) {
      if (!(error instanceof VigilError)) throw error;
      missing('recogniser', messageOf(error));
    }
  }

  #follow(source: PcmSource, listener: Listener | undefined): void {
    if (listener === undefined) return;
    this.#subscriptions.push(
      source.chunks$.subscribe((chunk) => listener.push(chunk)),
      source.state$.subscribe((state) => {
        if (state.kind === 'down') listener.lost(this.options.clock.now(), state.reason);
      }),
    );
  }
}
