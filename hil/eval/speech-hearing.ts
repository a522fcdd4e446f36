import { join } from 'node:path';
import type { Automaton } from '../../src/assistant/grammar/automaton.js';
import type { Meaning } from '../../src/assistant/grammar/match.js';
import { CompiledGrammar } from '../../src/assistant/speech/compiled-grammar.js';
import { SpeechRecogniser, type SpeechModel } from '../../src/assistant/speech/speech-recogniser.js';
import type { Spoken } from '../../src/assistant/speech/zones.js';
import { normalise } from '../../src/assistant/grammar/normalise.js';
import { speechRate } from '../../src/audio/resampler.js';
import { spokenStretch, VoiceActivity } from '../../src/audio/voice-activity.js';
import { readSpeech } from '../../src/audio/wav.js';
import { requireModel, sha256Of } from '../../src/runtime/models.js';
import { buildDir, packageRoot } from '../../src/runtime/paths.js';
import { TrialStore } from './trial-store.js';

/** What was made of a sound. */
export interface HeardSound {
  /** The best first, one for each meaning. */
  readonly sentences: readonly {
    readonly meaning: Meaning;
    readonly text: string;
    readonly logProb: number;
  }[];
  readonly freeText: string;
  /** log P(free) - log P(command); null when no command fitted. */
  readonly llr: number | null;
  readonly cpuMs: number;
}

/** And for how long somebody spoke. */
export interface HeardUtterance extends HeardSound {
  /** What its zone depends on besides the score. */
  readonly spoken: Spoken;
}

/** A grammar to hear through, and what was heard through it before. */
export interface HeardGrammar {
  readonly compiled: CompiledGrammar;
  readonly store: TrialStore<HeardSound>;
}

/**
 * Hears sounds as the assistant does: voice activity finds the speech, the recogniser the command. What was heard before
 * is kept in build/cache, by sound, networks, grammar and what the recogniser makes of a recording that it knows: other
 * code that hears the same need not hear again. Close it.
 */
export class SpeechHearing {
  readonly #recogniser: SpeechRecogniser;
  readonly #voice = new VoiceActivity();

  /** @param beam sentences followed at once */
  constructor(
    readonly model: SpeechModel,
    readonly beam = 6,
  ) {
    this.#recogniser = new SpeechRecogniser({ model, beam });
  }

  /** @param name of the file with what was heard */
  async grammar(automaton: Automaton, name: string): Promise<HeardGrammar> {
    const compiled = new CompiledGrammar(automaton, this.#recogniser.tokenizer);
    const known = readSpeech(join(packageRoot, 'test', 'fixtures', 'speech', 'seat-heating.wav'));
    const version = [
      ...['encoder', 'decoder', 'vocabulary'].map(
        (part) => requireModel(`moonshine_${this.model}_${part}`).sha256,
      ),
      requireModel('silero_vad').sha256,
      ...[compiled.from, compiled.to, compiled.token].map(({ buffer }) => sha256Of(Buffer.from(buffer))),
      { ...(await this.#heard(this.#speechIn(known), compiled)), cpuMs: 0 },
    ];
    const hash = sha256Of(Buffer.from(JSON.stringify([this.beam, version]))).slice(0, 12);
    const file = join(buildDir, 'cache', 'heard', `${name}-${this.model}-${hash}.jsonl`);
    return { compiled, store: new TrialStore<HeardSound>(file) };
  }

  /** Sound without speech for the voice activity is heard as a whole. */
  async hear(audio: Float32Array, { compiled, store }: HeardGrammar): Promise<HeardUtterance> {
    const key = sha256Of(Buffer.from(audio.buffer, audio.byteOffset, audio.byteLength)).slice(0, 24);
    const speech = this.#speechIn(audio);
    let known = store.get(key);
    if (known === undefined) {
      known = await this.#heard(speech, compiled);
      store.put(key, known);
    }
    const words = normalise(known.sentences.at(0)?.text ?? '');
    return { ...known, spoken: { words, freeText: known.freeText, soundS: speech.length / speechRate } };
  }

  close(): void {
    this.#recogniser.close();
  }

  #speechIn(audio: Float32Array): Float32Array {
    this.#voice.reset();
    const stretch = spokenStretch(this.#voice.push(audio), audio.length);
    return audio.subarray(stretch?.from ?? 0, stretch?.to ?? audio.length);
  }

  async #heard(speech: Float32Array, grammar: CompiledGrammar): Promise<HeardSound> {
    const { hypotheses, freeText, llr, timings } = await this.#recogniser.recognise(speech, grammar);
    return {
      sentences: hypotheses.map(({ meaning, text, logProb }) => ({ meaning, text, logProb })),
      freeText,
      llr,
      cpuMs: timings.encodeCpuMs + timings.decodeCpuMs,
    };
  }
}
