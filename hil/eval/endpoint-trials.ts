import type { Automaton } from '../../src/assistant/grammar/automaton.js';
import { CompiledGrammar } from '../../src/assistant/speech/compiled-grammar.js';
import type { Ending } from '../../src/assistant/speech/ending.js';
import { SpeechRecogniser } from '../../src/assistant/speech/speech-recogniser.js';
import { VoiceActivity } from '../../src/audio/voice-activity.js';
import type { Noise } from './command-clips.js';
import type { Snr } from './command-score.js';
import { isSame, type Utterance } from './endpoint-speech.js';
import { hashOf, inNoise } from './speech-noise.js';
import { streamed, withTail } from './spoken-trial.js';

const speakingPauseS = 1.5;

/** What became of one utterance. */
export interface Outcome {
  readonly name: string;
  readonly said: string;
  readonly set: string;
  readonly snr: Snr;
  readonly right: boolean;
  readonly ending: Ending | null;
  readonly llr: number | null;
  readonly premature: boolean;
  /** End of speech to decision, and to the answer where that is later; null: nothing was heard, or too early. */
  readonly latencyMs: number | null;
  readonly heardEndMs: number | null;
  readonly asked: number;
  readonly cpuMs: number;
}

/** Streams utterances to a listener and compares what it decided with where speech ended. Close it. */
export class EndpointTrials {
  readonly #recogniser: SpeechRecogniser;
  readonly #voice = new VoiceActivity();
  readonly #grammars = new Map<Automaton, CompiledGrammar>();

  constructor(model: 'tiny' | 'base') {
    this.#recogniser = new SpeechRecogniser({ model });
  }

  async run(set: string, utterance: Utterance, snr: Snr, noises: readonly Noise[]): Promise<Outcome> {
    const { name, meaning, sound, grammar } = utterance;
    const { samples, endMs } = sound();
    const { audio } = inNoise(withTail(samples, speakingPauseS, hashOf(name)), noises, name, snr, 1);
    const compiled = this.#grammars.get(grammar) ?? new CompiledGrammar(grammar, this.#recogniser.tokenizer);
    this.#grammars.set(grammar, compiled);
    const trial = await streamed(this.#recogniser, this.#voice, compiled, audio);
    const first = trial.heard.at(0);
    const premature = first !== undefined && first.decidedT < endMs;
    return {
      name,
      said: trial.heard.map(({ heard }) => heard.hypotheses.at(0)?.text ?? '').join(' | '),
      set,
      snr,
      right: isSame(meaning, first?.heard.hypotheses.at(0)?.meaning),
      ending: first?.ending ?? null,
      llr: first?.heard.llr ?? null,
      premature,
      latencyMs:
        first === undefined || premature ? null : Math.max(first.decidedT, trial.answeredT ?? 0) - endMs,
      heardEndMs: first === undefined ? null : first.speechEndT - endMs,
      asked: trial.asked,
      cpuMs: trial.cpuMs,
    };
  }

  close(): void {
    this.#recogniser.close();
  }
}
