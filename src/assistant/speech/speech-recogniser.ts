import { nativeCall, VigilError } from '../../runtime/errors.js';
import { requireModel } from '../../runtime/models.js';
import { onnxRuntimeLibrary } from '../../runtime/native.js';
import {
  speechAddon,
  type NativeRecogniser,
  type NativeSentence,
  type OnAnswer,
  type WorkerCounters,
} from '../../audio/speech-addon.js';
import type { Meaning } from '../grammar/match.js';
import type { CompiledGrammar } from './compiled-grammar.js';
import type { Ending } from './ending.js';
import { normalise } from '../grammar/normalise.js';
import { Tokenizer } from './tokenizer.js';

const nothing = new Int32Array(0);

export type SpeechModel = 'tiny' | 'base';

export interface RecogniserOptions {
  readonly model?: SpeechModel;
  /** Sentences followed at once; 6 finds what 12 finds in clean speech. */
  readonly beam?: number;
  /** Added for each token when commands are compared with each other; 0 to 10. docs/speech.md says how it was chosen. */
  readonly tokenBonus?: number;
}

/** Milliseconds; `steps` of the decoder with `rows` sentences in all. */
export interface RecognitionTimings {
  readonly encodeCpuMs: number;
  readonly decodeCpuMs: number;
  readonly wallMs: number;
  readonly steps: number;
  readonly rows: number;
}

/** A sentence of the grammar that fits the sound. */
export interface Hypothesis {
  readonly meaning: Meaning;
  readonly words: readonly string[];
  /** As the network writes it. */
  readonly text: string;
  /** Natural logarithm of its probability among everything that could be said. */
  readonly logProb: number;
}

export interface Recognised {
  /** One for each meaning, the best first (by probability and bonus); none when nothing in the grammar fits at all. */
  readonly hypotheses: readonly Hypothesis[];
  /** The likeliest token each time, whatever the grammar says. */
  readonly freeText: string;
  readonly freeLogProb: number;
  /**
   * log P(free) - log P(likeliest of the grammar): near 0 for a command, large for anything else; null without a
   * hypothesis.
   */
  readonly llr: number | null;
  /** Whether the likeliest sentence is whole, and may go on; `incomplete` also where the speaker rather stopped in one. */
  readonly ending: Ending;
  readonly timings: RecognitionTimings;
}

export interface RecogniseOptions {
  /** Nobody wants the answer any more: the network stops at its next step, and the promise rejects. */
  readonly signal?: AbortSignal;
  /**
   * Words known to begin the sound, as the grammar writes them: a wake phrase that was verified. Where the likeliest
   * sentence begins with them, `llr` and the free text are of a free sentence that does so, too: what the network thinks
   * of those words does not count. Costs a second decoding.
   */
  readonly known?: readonly string[];
}

/** Whoever recognises commands: the network, or a table in a test. */
export interface CommandRecogniser {
  recognise(
    samples: Float32Array,
    grammar: CompiledGrammar | null,
    options?: RecogniseOptions,
  ): Promise<Recognised>;
}

interface Answered {
  readonly recognised: Recognised;
  /** Of the likeliest sentence. */
  readonly tokens: Int32Array;
}

interface Waiting {
  readonly grammar: CompiledGrammar | null;
  readonly resolve: (value: Answered | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Hears sentences of a grammar. Works on a thread of its own, one utterance after the other; up to 8 wait. Close it: its
 * thread and network live until then.
 */
export class SpeechRecogniser implements CommandRecogniser {
  readonly tokenizer: Tokenizer;
  readonly #native: NativeRecogniser;
  readonly #beam: number;
  readonly #tokenBonus: number;
  /** What the network may end a sentence with that the grammar does not hold. */
  readonly #marks: Int32Array;
  readonly #waiting = new Map<number, Waiting>();
  readonly #grammars = new WeakMap<CompiledGrammar, number>();
  #lastId = 0;

  /** @throws VigilError `MODEL_NOT_BUILT`, `MODEL_HASH_MISMATCH`, `NATIVE_NOT_BUILT` */
  constructor({ model = 'tiny', beam = 6, tokenBonus = 0.6 }: RecogniserOptions = {}) {
    const file = (part: string): string => requireModel(`moonshine_${model}_${part}`).path;
    const config = {
      onnxLibrary: onnxRuntimeLibrary(),
      encoder: file('encoder'),
      decoder: file('decoder'),
      vocabulary: file('vocabulary'),
      size: model,
    };
    this.tokenizer = Tokenizer.load();
    this.#beam = beam;
    this.#tokenBonus = tokenBonus;
    this.#marks = Int32Array.from(
      ['.', '?', '!', '...'].map((mark) => this.tokenizer.encode(mark, false)[0]),
    );
    const onAnswer: OnAnswer = (...answer) => {
      this.#answer(...answer);
    };
    this.#native = nativeCall(() => new (speechAddon().Recogniser)(config, onAnswer));
  }

  /** Loads the network, which otherwise the first utterance does: one to two seconds. */
  async load(): Promise<void> {
    await this.#ask(null, (id) => this.#native.load(id));
  }

  /**
   * @param samples one utterance at 16 kHz, 0.1 to 30 s, with a quarter of a second before and after the speech
   * @param grammar null: only the free text
   * @throws VigilError `SPEECH_BUSY` (8 utterances wait), `SPEECH_CANCELLED`, `INVALID_ARGUMENT`, `SPEECH_CLOSED`,
   * those of the models
   */
  async recognise(
    samples: Float32Array,
    grammar: CompiledGrammar | null,
    { signal, known = [] }: RecogniseOptions = {},
  ): Promise<Recognised> {
    const first = await this.#decode(samples, grammar, nothing, signal);
    const { recognised } = first;
    const words = recognised.hypotheses.at(0)?.words ?? [];
    if (known.length === 0 || words.length <= known.length || !known.every((word, i) => word === words[i]))
      return recognised;
    const again = await this.#decode(samples, grammar, this.#saying(known, first.tokens), signal);
    const [a, b] = [recognised.timings, again.recognised.timings];
    const timings = {
      encodeCpuMs: a.encodeCpuMs + b.encodeCpuMs,
      decodeCpuMs: a.decodeCpuMs + b.decodeCpuMs,
      wallMs: a.wallMs + b.wallMs,
      steps: a.steps + b.steps,
      rows: a.rows + b.rows,
    };
    return { ...again.recognised, timings };
  }

  /** Lets go of a grammar that will not be used again. */
  forget(grammar: CompiledGrammar): void {
    const number = this.#grammars.get(grammar);
    if (number === undefined) return;
    this.#grammars.delete(grammar);
    this.#native.removeGrammar(number);
  }

  counters(): WorkerCounters {
    return this.#native.counters();
  }

  /** Stops the thread; who waits is told. */
  close(): void {
    this.#native.close();
    for (const { reject } of this.#waiting.values()) reject(closedError());
    this.#waiting.clear();
  }

  /** The tokens of a sentence with which it says these words. */
  #saying(words: readonly string[], tokens: Int32Array): Int32Array {
    const wanted = words.join(' ');
    let length = 0;
    for (let i = 1; i <= tokens.length; i++)
      if (normalise(this.tokenizer.decode(tokens.subarray(0, i))).join(' ') === wanted) length = i;
    return tokens.slice(0, length);
  }

  async #decode(
    samples: Float32Array,
    grammar: CompiledGrammar | null,
    known: Int32Array,
    signal: AbortSignal | undefined,
  ): Promise<Answered> {
    const number = grammar === null ? 0 : this.#numberOf(grammar);
    const [beam, bonus, marks] = [this.#beam, this.#tokenBonus, this.#marks];
    const answered = await this.#ask(
      grammar,
      (id) => this.#native.recognise(id, samples, number, beam, true, bonus, marks, known),
      signal,
    );
    if (answered === undefined)
      throw new VigilError('SPEECH_CLOSED', 'Expected an answer but there was none.');
    return answered;
  }

  #numberOf(grammar: CompiledGrammar): number {
    let number = this.#grammars.get(grammar);
    if (number === undefined) {
      const { states, start, accept, from, to, token } = grammar;
      number = nativeCall(() => this.#native.addGrammar(states, start, accept, from, to, token));
      this.#grammars.set(grammar, number);
    }
    return number;
  }

  async #ask(
    grammar: CompiledGrammar | null,
    push: (id: number) => number,
    signal?: AbortSignal,
  ): Promise<Answered | undefined> {
    const id = ++this.#lastId;
    const pushed = nativeCall(() => push(id));
    if (pushed === 1)
      throw new VigilError('SPEECH_BUSY', 'Expected room for an utterance but 8 wait already.');
    if (pushed !== 0) throw closedError();
    const cancel = (): void => this.#native.cancel(id);
    if (signal?.aborted === true) cancel();
    else signal?.addEventListener('abort', cancel, { once: true });
    try {
      return await new Promise((resolve, reject) => {
        this.#waiting.set(id, { grammar, resolve, reject });
      });
    } finally {
      signal?.removeEventListener('abort', cancel);
    }
  }

  #answer(...[id, error, best, free, beginning, figures]: Parameters<OnAnswer>): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (waiting === undefined) return;
    if (error !== null) {
      waiting.reject(new VigilError(error.code, error.message, error.advice));
      return;
    }
    const { grammar } = waiting;
    const byMeaning = new Map<string, Hypothesis>();
    for (const { tokens, logProb } of best) {
      const understood = grammar?.understand(tokens);
      if (understood === undefined) continue;
      const key = JSON.stringify(understood.meaning);
      // The likeliest come first: other ways to write the same change nothing.
      if (!byMeaning.has(key))
        byMeaning.set(key, { ...understood, text: this.tokenizer.decode(tokens), logProb });
    }
    const hypotheses = [...byMeaning.values()];
    const [encodeCpuMs, decodeCpuMs, wallMs, steps, rows] = figures;
    const likeliest = hypotheses.at(0);
    const score = ({ tokens, logProb }: NativeSentence): number => logProb + this.#tokenBonus * tokens.length;
    const isBeginning = beginning !== null && best.length > 0 && score(beginning) > score(best[0]);
    const recognised = {
      hypotheses,
      freeText: this.tokenizer.decode(free.tokens),
      freeLogProb: free.logProb,
      llr: likeliest === undefined ? null : free.logProb - likeliest.logProb,
      ending:
        grammar === null || likeliest === undefined || isBeginning
          ? 'incomplete'
          : grammar.endingOf(likeliest),
      timings: { encodeCpuMs, decodeCpuMs, wallMs, steps, rows },
    };
    waiting.resolve({ recognised, tokens: best.at(0)?.tokens ?? nothing });
  }
}

function closedError(): VigilError {
  return new VigilError('SPEECH_CLOSED', 'Expected the recogniser to be open but it was closed.');
}
