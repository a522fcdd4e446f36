import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Follower } from '../src/assistant/grammar/match.js';
import type { CompiledGrammar } from '../src/assistant/speech/compiled-grammar.js';
import type { CommandRecogniser, Recognised } from '../src/assistant/speech/speech-recogniser.js';
import { Tokenizer } from '../src/assistant/speech/tokenizer.js';
import { candidateStart, stepCandidate, type CandidateRule } from '../src/assistant/wake/candidate.js';
import { phraseAutomaton, PhraseVerifier } from '../src/assistant/wake/phrase-verifier.js';

const rule: CandidateRule = { candidate: 0.4, sure: 0.9 };

/** Times at which a row of scores is asked about, and the score of each question. */
function questions(scores: readonly number[], stepMs = 80): { readonly t: number; readonly top: number }[] {
  const asked: { t: number; top: number }[] = [];
  let state = candidateStart;
  scores.forEach((score, i) => {
    const t = (i + 1) * stepMs;
    const step = stepCandidate(state, score, t, rule);
    state = step.state;
    if (step.ask) asked.push({ t, top: step.top });
  });
  return asked;
}

describe('candidates', () => {
  it('are asked about when scores fall again, by the highest of them', () => {
    expect(questions([0.1, 0.5, 0.7, 0.6, 0.1])).toEqual([{ t: 320, top: 0.7 }]);
    expect(questions([0.1, 0.5, 0.1])).toEqual([{ t: 240, top: 0.5 }]);
  });

  it('are asked about at once where the head is sure, and after a while where scores go on rising', () => {
    expect(questions([0.1, 0.95])).toEqual([{ t: 160, top: 0.95 }]);
    expect(questions([0.41, 0.42, 0.43, 0.44, 0.45])).toEqual([{ t: 320, top: 0.44 }]);
  });

  it('are asked about again while scores stay high, but not all the time', () => {
    const times = questions(Array<number>(60).fill(0.95)).map(({ t }) => t);
    expect(times).toEqual([80, 400, 2080, 2400, 4080, 4400]);
  });

  it('are none in low scores, nor in what is no number', () => {
    expect(questions([0.1, 0.39, Number.NaN, 0.2])).toEqual([]);
  });

  it('do not reach across a gap', () => {
    expect(questions([0.5, 0.6, 0.7, 0.8], 500)).toEqual([]);
  });

  it('are asked about where the head is sure within two seconds, twice in two seconds at most', () => {
    const scores = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 60 });
    fc.assert(
      fc.property(scores, (row) => {
        const asked = questions(row);
        asked.forEach(({ t, top }, i) => {
          expect(top).toBeGreaterThanOrEqual(rule.candidate);
          if (i > 0) expect(t - asked[i - 1].t).toBeGreaterThanOrEqual(320);
          if (i > 1) expect(t - asked[i - 2].t).toBeGreaterThanOrEqual(2000);
        });
        row.forEach((score, i) => {
          const t = (i + 1) * 80;
          if (score >= rule.sure) expect(asked.some((one) => Math.abs(one.t - t) < 2000)).toBe(true);
        });
      }),
    );
  });
});

/** A recogniser that says of each cut what `llrs` says next. */
class Told implements CommandRecogniser {
  readonly cuts: number[] = [];
  readonly grammars = new Set<CompiledGrammar | null>();

  constructor(private readonly llrs: readonly (number | null)[]) {}

  recognise(samples: Float32Array, grammar: CompiledGrammar | null): Promise<Recognised> {
    const llr = this.llrs[this.cuts.length];
    this.cuts.push(samples.length / 16_000);
    this.grammars.add(grammar);
    const timings = { encodeCpuMs: 20, decodeCpuMs: 30, wallMs: 50, steps: 5, rows: 10 };
    return Promise.resolve({ hypotheses: [], freeText: '', freeLogProb: -1, llr, ending: 'final', timings });
  }
}

describe('second opinion', () => {
  const tokenizer = Tokenizer.load();
  const audio = new Float32Array(48_000);

  it('tries a short cut first, and the last two seconds if that does not fit', async () => {
    const fits = new Told([3]);
    expect(await new PhraseVerifier(fits, tokenizer).judge('hey vigil', audio)).toEqual({
      isPhrase: true,
      llr: 3,
      cpuMs: 50,
    });
    // 0.7 s and 0.07 s for each of the 8 letters.
    expect(fits.cuts[0]).toBeCloseTo(1.26, 2);
    const late = new Told([15, 8]);
    const verdict = await new PhraseVerifier(late, tokenizer).judge('hey vigil', audio);
    expect(verdict).toMatchObject({ isPhrase: true, llr: 8, cpuMs: 100 });
    expect(late.cuts[1]).toBe(2);
  });

  it('rejects what fits nowhere', async () => {
    const verify = (llrs: readonly (number | null)[]): Promise<boolean> =>
      new PhraseVerifier(new Told(llrs), tokenizer).verify('hey vigil', audio);
    expect(await verify([null, null])).toBe(false);
    expect(await verify([30, 25])).toBe(false);
    expect(await verify([null, 2])).toBe(true);
  });

  it('may be told to ask for more', async () => {
    const verifier = new PhraseVerifier(new Told([8, 8]), tokenizer, { limit: 5 });
    expect(await verifier.verify('hey vigil', audio)).toBe(false);
  });

  it('compiles a phrase once, and takes short sound as it is', async () => {
    const told = new Told([1, 1]);
    const verifier = new PhraseVerifier(told, tokenizer);
    for (let i = 0; i < 2; i++) await verifier.verify('hey vigil', new Float32Array(8000));
    expect(told.grammars.size).toBe(1);
    expect(told.cuts).toEqual([0.5, 0.5]);
  });

  it('takes a phrase also as one word', () => {
    const follower = new Follower(phraseAutomaton('view glass'));
    expect(follower.meanings(['view', 'glass'])).toHaveLength(1);
    expect(follower.meanings(['viewglass'])).toHaveLength(1);
    expect(follower.meanings(['view'])).toHaveLength(0);
  });
});
