import { speechRate } from '../../audio/resampler.js';
import { AutomatonBuilder, type Automaton } from '../grammar/automaton.js';
import { CompiledGrammar } from '../speech/compiled-grammar.js';
import type { CommandRecogniser } from '../speech/speech-recogniser.js';
import type { Tokenizer } from '../speech/tokenizer.js';
import { zoneLimits } from '../speech/zones.js';
import type { WakeVerifier } from './wake-word.js';

/** What a second opinion found. */
export interface PhraseVerdict {
  readonly isPhrase: boolean;
  /** The least log P(free) - log P(phrase) of the cuts that were tried; null where the phrase fitted nowhere. */
  readonly llr: number | null;
  /** Of the recogniser, ms. */
  readonly cpuMs: number;
}

export interface PhraseVerifierOptions {
  /** What may be missing to the likeliest sentence; by default as much as with a command that is asked about. */
  readonly limit?: number;
}

/** Sound before the detection that the shorter cut holds: more for longer phrases, seconds. */
const shortCut = { baseS: 0.7, letterS: 0.07 };
const longCutS = 2;

/** A phrase as a grammar: also with its words written as one, as the network hears names. */
export function phraseAutomaton(phrase: string): Automaton {
  const builder = new AutomatonBuilder();
  const words = phrase.split(' ');
  builder.words(builder.start, builder.accept, words);
  if (words.length > 1) builder.words(builder.start, builder.accept, [words.join('')]);
  return builder.finish();
}

/**
 * A second opinion on a wake phrase by the network that recognises commands: how much less likely the phrase is than the
 * likeliest sentence. Speech just before would be missing in the phrase, so a short cut of the sound is tried first and
 * a longer one if that does not fit. About 0.1 s of CPU time for each cut, on the recogniser's thread.
 */
export class PhraseVerifier implements WakeVerifier {
  readonly #grammars = new Map<string, CompiledGrammar>();

  /** @param recogniser with whoever else uses it; stays its owner's */
  constructor(
    private readonly recogniser: CommandRecogniser,
    private readonly tokenizer: Tokenizer,
    private readonly options: PhraseVerifierOptions = {},
  ) {}

  async verify(phrase: string, audio: Float32Array): Promise<boolean> {
    return (await this.judge(phrase, audio)).isPhrase;
  }

  /**
   * @param audio 16 kHz, up to the detection; the last two seconds count
   * @throws VigilError those of the recogniser
   */
  async judge(phrase: string, audio: Float32Array): Promise<PhraseVerdict> {
    const { limit = zoneLimits.confirm } = this.options;
    const letters = phrase.replaceAll(/[^a-z]/g, '').length;
    const cuts = [shortCut.baseS + shortCut.letterS * letters, longCutS];
    let llr: number | null = null;
    let cpuMs = 0;
    for (const seconds of cuts) {
      const from = Math.max(0, audio.length - Math.round(seconds * speechRate));
      const recognised = await this.recogniser.recognise(audio.slice(from), this.#grammarOf(phrase));
      const { timings } = recognised;
      cpuMs += timings.encodeCpuMs + timings.decodeCpuMs;
      if (recognised.llr !== null) llr = Math.min(llr ?? Infinity, recognised.llr);
      if (llr !== null && llr <= limit) break;
    }
    return { isPhrase: llr !== null && llr <= limit, llr, cpuMs };
  }

  #grammarOf(phrase: string): CompiledGrammar {
    let grammar = this.#grammars.get(phrase);
    if (grammar === undefined) {
      grammar = new CompiledGrammar(phraseAutomaton(phrase), this.tokenizer);
      this.#grammars.set(phrase, grammar);
    }
    return grammar;
  }
}
