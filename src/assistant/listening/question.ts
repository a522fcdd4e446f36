import type { Clock } from '../../runtime/clock.js';
import { speechRate } from '../../audio/resampler.js';
import { VigilError } from '../../runtime/errors.js';
import type { CompiledGrammar } from '../speech/compiled-grammar.js';
import type { CommandRecogniser } from '../speech/speech-recogniser.js';
import { zoneOf } from '../speech/zones.js';
import type { ListeningDiagnostic } from './listener-event.js';
import type { Answer } from './listening-state.js';
import { phraseIntent } from './wake-phrase.js';

/** An utterance at the recogniser. Owns the request: `cancel` stops it. */
export class Question {
  readonly #abort = new AbortController();
  readonly #answer: Promise<Answer>;
  #figures: { readonly cpuMs: number; readonly wallMs: number } | null = null;

  constructor(
    recogniser: CommandRecogniser,
    private readonly samples: Float32Array,
    grammar: CompiledGrammar,
    private readonly endpointT: number,
    private readonly clock: Clock,
  ) {
    const askedMs = clock.now();
    this.#answer = recogniser.recognise(samples, grammar, { signal: this.#abort.signal }).then(
      ({ timings, ...recognised }) => {
        const cpuMs = timings.encodeCpuMs + timings.decodeCpuMs;
        this.#figures = { cpuMs, wallMs: clock.now() - askedMs };
        const words = recognised.hypotheses.at(0)?.words ?? [];
        const certainty = zoneOf(recognised.llr, { words, soundS: samples.length / speechRate });
        // What is no sentence of the grammar may still become one.
        const ending = certainty === 'reject' ? 'incomplete' : recognised.ending;
        if (recognised.hypotheses.at(0)?.meaning.intent === phraseIntent)
          return { kind: 'phraseOnly', ending };
        return { kind: 'recognised', ending, heard: { ...recognised, ending, certainty } };
      },
      (error: unknown) => ({
        kind: 'failed',
        ending: 'final',
        code: error instanceof VigilError ? error.code : 'SPEECH_FAILED',
      }),
    );
  }

  async answer(): Promise<{ readonly answer: Answer; readonly diagnostic: ListeningDiagnostic | null }> {
    const fromMs = this.clock.now();
    const isReady = this.#figures !== null;
    const answer = await this.#answer;
    if (this.#figures === null) return { answer, diagnostic: null };
    const diagnostic = {
      endpointT: this.endpointT,
      audioMs: (1000 * this.samples.length) / speechRate,
      ...this.#figures,
      waitedMs: isReady ? 0 : this.clock.now() - fromMs,
    };
    return { answer, diagnostic };
  }

  cancel(): void {
    this.#abort.abort();
  }
}
