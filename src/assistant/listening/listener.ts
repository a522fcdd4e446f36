import { Subject, type Observable } from 'rxjs';
import type { PcmChunk } from '../../audio/pcm.js';
import { VoiceActivity } from '../../audio/voice-activity.js';
import { monotonicClock, type Clock } from '../../runtime/clock.js';
import { invalidArgument, messageOf } from '../../runtime/errors.js';
import type { Place } from '../action/place.js';
import { normalise } from '../grammar/normalise.js';
import type { CompiledGrammar } from '../speech/compiled-grammar.js';
import type { CommandRecogniser } from '../speech/speech-recogniser.js';
import type { WakeVerifier } from '../wake/wake-word.js';
import type { EchoRules } from './echo-gate.js';
import type { ListenerEvent, ListenerState, ListeningDiagnostic } from './listener-event.js';
import { listeningStart, type ListeningInput, type ListeningState } from './listening-state.js';
import { OwnVoice } from './own-voice.js';
import { Question } from './question.js';
import { defaultListeningRules, type ListeningRules } from './rules.js';
import { SoundStream, type Frame } from './sound-stream.js';
import { awaitedAnswer, stepListening } from './step.js';
import { WakeStage, type PhraseDetector } from './wake-stage.js';

/** Says of each frame of 32 ms how likely it is that somebody speaks. */
export interface SpeechDetector {
  push(samples: Float32Array): Float32Array;
  reset(): void;
}

export interface WakeOptions {
  readonly phrase: string;
  readonly detector: PhraseDetector;
  /** A second opinion before the microphone wakes. */
  readonly verifier?: WakeVerifier;
}

export interface ListenerOptions {
  readonly zone: Place;
  readonly recogniser: CommandRecogniser;
  /** Null: only button and look wake. */
  readonly wake: WakeOptions | null;
  readonly voice?: SpeechDetector;
  readonly rules?: Partial<ListeningRules>;
  readonly echo?: Partial<EchoRules>;
  /** Sound that may wait, ms; a chunk for which there is no room is refused. Default 10 s. */
  readonly queueMs?: number;
  /** For diagnostics and counters only. */
  readonly clock?: Clock;
}

export interface ListenerCounters {
  /** Chunks taken, refused for want of room, and heard more than half a second after they were taken. */
  readonly accepted: number;
  readonly dropped: number;
  readonly late: number;
  /** Since the last chunk; -1 before the first. */
  readonly lastInputAgeMs: number;
  /** Questions put to the recogniser, and those given up because the speaker went on. */
  readonly asked: number;
  readonly cancelled: number;
}

const lateMs = 500;
/** What the verifier gets, ms. */
const verifiedMs = 2000;

/**
 * Listens at one microphone: sound in, what was heard out. Decisions follow from sound, grammar and the calls in between
 * alone; where one needs the recogniser's answer, later sound waits for it. The sound's own clock is the only one.
 *
 * Voice activity and wake word run on the caller's thread, recognition on the recogniser's. Events are told
 * synchronously; calls from within them take effect before the next frame. Whoever needs lock-step awaits `settled`
 * after each chunk.
 */
export class Listener {
  readonly events: Observable<ListenerEvent>;
  readonly diagnostics: Observable<ListeningDiagnostic>;
  readonly #events = new Subject<ListenerEvent>();
  readonly #diagnostics = new Subject<ListeningDiagnostic>();
  readonly #rules: ListeningRules;
  readonly #voice: SpeechDetector;
  readonly #wakeStage: WakeStage | null;
  readonly #ownVoice: OwnVoice;
  readonly #stream = new SoundStream();
  readonly #clock: Clock;
  readonly #phrase: readonly string[];
  readonly #queueMs: number;
  readonly #queue: { readonly chunk: PcmChunk; readonly takenMs: number }[] = [];
  #queuedMs = 0;
  /** What came from within an event and is taken after it. */
  readonly #inputs: ListeningInput<CompiledGrammar>[] = [];
  #isStepping = false;
  #state: ListeningState<CompiledGrammar> = listeningStart;
  #question: { readonly id: number; readonly question: Question } | null = null;
  #work: Promise<void> | null = null;
  #isClosed = false;
  #counts = { accepted: 0, dropped: 0, late: 0, asked: 0, cancelled: 0 };
  #lastInputMs: number | null = null;

  /** @throws VigilError those of `VoiceActivity`, where none is given */
  constructor(private readonly options: ListenerOptions) {
    this.events = this.#events.asObservable();
    this.diagnostics = this.#diagnostics.asObservable();
    this.#rules = { ...defaultListeningRules, ...options.rules };
    this.#voice = options.voice ?? new VoiceActivity();
    this.#clock = options.clock ?? monotonicClock;
    this.#phrase = normalise(options.wake?.phrase ?? '');
    this.#queueMs = options.queueMs ?? 10_000;
    this.#ownVoice = new OwnVoice(options.echo);
    this.#wakeStage =
      options.wake === null
        ? null
        : new WakeStage(options.wake.detector, (fromT, toT) => this.#stream.between(fromT, toT));
  }

  /** As the last `state` event told. */
  get state(): ListenerState {
    return this.#state.told ?? { kind: 'notReady' };
  }

  /**
   * Takes sound; the samples must not change afterwards.
   * @throws VigilError `INVALID_ARGUMENT` for its rate or time
   */
  push(chunk: PcmChunk): 'accepted' | 'full' | 'closed' {
    if (this.#isClosed) return 'closed';
    if (!(Number.isInteger(chunk.rate) && chunk.rate >= 8000 && chunk.rate <= 192_000))
      throw invalidArgument('chunk.rate', 'a whole number of Hz from 8000 to 192000', chunk.rate);
    if (!Number.isFinite(chunk.t)) throw invalidArgument('chunk.t', 'ms on the drive clock', chunk.t);
    const ms = (1000 * chunk.samples.length) / chunk.rate;
    this.#lastInputMs = this.#clock.now();
    if (this.#queuedMs > 0 && this.#queuedMs + ms > this.#queueMs) {
      this.#counts.dropped++;
      return 'full';
    }
    this.#counts.accepted++;
    this.#queuedMs += ms;
    this.#queue.push({ chunk, takenMs: this.#lastInputMs });
    this.#work ??= Promise.resolve().then(() => this.#hearQueue());
    return 'accepted';
  }

  /** Resolves when everything that was taken has been heard, decisions included. */
  async settled(): Promise<void> {
    while (this.#work !== null) await this.#work;
  }

  /**
   * Opens the microphone for sentences of this grammar, or changes what may be said. Right after waking, what was said
   * since the wake phrase counts.
   * @param untilT closes by itself when nobody speaks then; default: never
   */
  open(grammar: CompiledGrammar, t: number, untilT = Infinity): void {
    this.#take({ kind: 'open', t, grammar, untilT });
  }

  shut(t: number): void {
    this.#take({ kind: 'shut', t });
  }

  /** The button is pressed: wakes. Held while speaking, its release is the end; a short press is like the wake phrase. */
  press(t: number): void {
    this.#take({ kind: 'press', t });
  }

  release(t: number): void {
    this.#take({ kind: 'release', t });
  }

  /** Somebody looks at the screen, or away; wakes only where the rules let it. */
  gaze(t: number, isOnScreen: boolean): void {
    this.#take({ kind: 'gaze', t, isOnScreen });
  }

  /** The assistant begins or ends to speak: only what is louder than its echo counts meanwhile. */
  ownVoice(t: number, isSpeaking: boolean): void {
    this.#ownVoice.speaks(t, isSpeaking);
  }

  /** What goes to the loudspeaker, a fraction of a second at a time, not later than its sound reaches the microphone. */
  reference(chunk: PcmChunk): void {
    this.#ownVoice.reference(chunk);
  }

  /** The microphone delivers nothing; sound ends that. */
  lost(t: number, reason: string): void {
    this.#take({ kind: 'lost', t, reason });
    this.#stream.clear();
  }

  counters(): ListenerCounters {
    const lastInputAgeMs = this.#lastInputMs === null ? -1 : this.#clock.now() - this.#lastInputMs;
    return { ...this.#counts, lastInputAgeMs };
  }

  /** Ends the events; sound that waits is not heard. The recogniser is its owner's. */
  close(): void {
    this.#isClosed = true;
    this.#queue.length = 0;
    this.#question?.question.cancel();
    this.#events.complete();
    this.#diagnostics.complete();
  }

  async #hearQueue(): Promise<void> {
    try {
      await this.#hearAll();
    } catch (error) {
      // A network that fails once fails with every frame: said, and tried again with the next sound.
      this.lost(this.#state.t, messageOf(error));
    } finally {
      this.#work = null;
    }
  }

  async #hearAll(): Promise<void> {
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      const { chunk, takenMs } = next;
      this.#queuedMs -= (1000 * chunk.samples.length) / chunk.rate;
      if (this.#state.speech.kind === 'quiet') this.#stream.align();
      if (this.#stream.push(chunk).isGap) {
        this.#voice.reset();
        this.#wakeStage?.reset();
        this.#take({ kind: 'gap', t: chunk.t });
      }
      for (let frame = this.#stream.next(); frame !== undefined; frame = this.#stream.next()) {
        await this.#hearFrame(frame);
        if (this.#isClosed) return;
      }
      if (this.#clock.now() - takenMs > lateMs) this.#counts.late++;
    }
  }

  async #hearFrame(frame: Frame): Promise<void> {
    const isEcho = this.#ownVoice.isEcho(frame);
    const probability = this.#voice.push(frame.samples)[0];
    const speech = isEcho ? 0 : probability;
    this.#take({ kind: 'frame', t: frame.t, speech });
    await this.#answerWhatIsAwaited();
    if (this.#state.open === null) await this.#lookForPhrase(frame, speech);
    else this.#wakeStage?.reset();
  }

  async #answerWhatIsAwaited(): Promise<void> {
    for (;;) {
      const id = awaitedAnswer(this.#state, this.#rules);
      if (id === null || this.#question?.id !== id) return;
      const { answer, diagnostic } = await this.#question.question.answer();
      if (this.#isClosed) return;
      if (diagnostic !== null) this.#diagnostics.next(diagnostic);
      this.#take({ kind: 'answer', id, answer });
    }
  }

  async #lookForPhrase(frame: Frame, speech: number): Promise<void> {
    const { wake } = this.options;
    const found = this.#wakeStage?.push(frame, speech) ?? null;
    if (wake === null || found === null || this.#ownVoice.isMostlyEcho) return;
    if (wake.verifier !== undefined) {
      const sound = this.#stream.between(frame.t - verifiedMs, frame.t);
      const isPhrase = await wake.verifier.verify(wake.phrase, sound, found.score).catch(() => false);
      if (this.#isClosed || !isPhrase || this.#state.open !== null) return;
    }
    this.#take({ kind: 'phrase', t: found.t });
    await this.#answerWhatIsAwaited();
  }

  #take(input: ListeningInput<CompiledGrammar>): void {
    if (this.#isClosed) return;
    this.#inputs.push(input);
    if (this.#isStepping) return;
    this.#isStepping = true;
    try {
      for (let next = this.#inputs.shift(); next !== undefined; next = this.#inputs.shift()) this.#step(next);
    } finally {
      this.#inputs.length = 0;
      this.#isStepping = false;
    }
  }

  #step(input: ListeningInput<CompiledGrammar>): void {
    const { state, outputs } = stepListening(this.#state, input, this.#rules);
    this.#state = state;
    for (const output of outputs) {
      switch (output.kind) {
        case 'ask': {
          const sound = this.#stream.between(output.fromT, output.toT);
          const { recogniser } = this.options;
          const question = new Question(
            recogniser,
            sound,
            output.grammar,
            output.isPhrase ? this.#phrase : [],
            output.toT,
            this.#clock,
          );
          this.#counts.asked++;
          this.#question = { id: output.id, question };
          break;
        }
        case 'cancel':
          this.#counts.cancelled++;
          if (this.#question?.id === output.id) this.#question.question.cancel();
          break;
        case 'event':
          this.#events.next({ ...output.event, zone: this.options.zone });
          break;
      }
    }
  }
}
