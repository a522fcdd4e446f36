import type { Clock } from '../../runtime/clock.js';
import { speechRate } from '../../audio/resampler.js';
import { VigilError } from '../../runtime/errors.js';
import type { CompiledGrammar } from '../speech/compiled-grammar.js';
import type { CommandRecogniser, Recognised } from '../speech/speech-recogniser.js';
import { zoneOf } from '../speech/zones.js';
import type { HeardCommand, ListeningDiagnostic } from './listener-event.js';
import type { Answer } from './listening-state.js';
import { frameMs } from './frame.js';
import { phraseIntent } from './wake-phrase.js';

/** Zones were fitted to recordings with 0.3 s behind the speech; here there is one frame. */
const missingTailS = 0.3 - frameMs / 1000;

/** Without the wake phrase alone, which is no command; judged by the likeliest that remains. */
function commandOf(recognised: Omit<Recognised, 'timings'>, soundS: number): HeardCommand {
  const { freeText, freeLogProb } = recognised;
  const hypotheses = recognised.hypotheses.filter(({ meaning }) => meaning.intent !== phraseIntent);
  const best = hypotheses.at(0);
  const llr = best === undefined ? null : freeLogProb - best.logProb;
  const spoken = { words: best?.words ?? [], freeText, soundS: soundS + missingTailS };
  return { ...recognised, hypotheses, llr, certainty: zoneOf(llr, spoken) };
}

/** An utterance at the recogniser. Owns the request: `cancel` stops it. */
export class Question {
  readonly #abort = new AbortController();
  readonly #answer: Promise<Answer>;
  #figures: { readonly cpuMs: number; readonly wallMs: number } | null = null;

  constructor(
    recogniser: CommandRecogniser,
    private readonly samples: Float32Array,
    grammar: CompiledGrammar,
    known: readonly string[],
    private readonly endpointT: number,
    private readonly clock: Clock,
  ) {
    const askedMs = clock.now();
    this.#answer = recogniser.recognise(samples, grammar, { signal: this.#abort.signal, known }).then(
      ({ timings, ...recognised }) => {
        const cpuMs = timings.encodeCpuMs + timings.decodeCpuMs;
        this.#figures = { cpuMs, wallMs: clock.now() - askedMs };
        const heard = commandOf(recognised, samples.length / speechRate);
        const isPhrase = recognised.hypotheses.at(0)?.meaning.intent === phraseIntent;
        // What is no sentence of the grammar may still become one.
        const ending = heard.certainty === 'reject' && !isPhrase ? 'incomplete' : recognised.ending;
        return { kind: 'recognised', ending, heard: { ...heard, ending }, isPhrase };
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
