import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compile } from '../src/assistant/grammar/compile.js';
import { loadCommands } from '../src/assistant/grammar/load.js';
import { Follower } from '../src/assistant/grammar/match.js';
import { embeddingSize } from '../src/assistant/wake/features.js';
import { headFrames, logOdds, type HeadMember } from '../src/assistant/wake/head.js';
import { coloured, companded, reverberated, scene } from '../src/assistant/wake/training/augment.js';
import { fitMember, type Stretch, type Training } from '../src/assistant/wake/training/fit.js';
import { babble, carNoise } from '../src/assistant/wake/training/noise.js';
import { Random, seedOf } from '../src/assistant/wake/training/random.js';
import { scoreForRate, standsOut } from '../src/assistant/wake/training/threshold.js';
import { normalisedPhrase } from '../src/assistant/wake/training/recipe.js';
import {
  commonWords,
  distance,
  intoned,
  nearTexts,
  randomSentence,
} from '../src/assistant/wake/training/texts.js';
import { pickVoice, speak, trimmed, voices } from '../src/assistant/wake/training/voices.js';
import { vigilErrorOf } from './10-support.js';

function level(samples: Float32Array): number {
  return Math.sqrt(samples.reduce((sum, value) => sum + value * value, 0) / samples.length);
}

const tone = Float32Array.from({ length: 8000 }, (_, i) => 0.3 * Math.sin(i / 5));

describe('random choices', () => {
  it('are those of the seed', () => {
    const draw = (seed: number): number[] => {
      const random = new Random(seed);
      return [random.uniform(), random.normal(), random.below(100), ...random.shuffled([1, 2, 3, 4, 5])];
    };
    expect(draw(4)).toEqual(draw(4));
    expect(draw(4)).not.toEqual(draw(5));
  });

  it('have the moments they claim', () => {
    const random = new Random(1);
    const values = Array.from({ length: 20_000 }, () => random.normal());
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    expect(Math.abs(mean)).toBeLessThan(0.03);
    expect(Math.abs(variance - 1)).toBeLessThan(0.04);
  });
});

describe('augmentation', () => {
  it('makes car noise of level 1 with most of it below 500 Hz, more often than not', () => {
    let low = 0;
    for (let seed = 0; seed < 20; seed++) {
      const noise = carNoise(16_000, new Random(seed));
      expect(level(noise)).toBeCloseTo(1, 4);
      // A difference of neighbours weakens low frequencies: white noise keeps 1.41 of its level, 500 Hz 0.2.
      const steps = noise.slice(1).map((value, i) => value - noise[i]);
      if (level(steps) < 0.4) low++;
    }
    expect(low).toBeGreaterThan(10);
  });

  it('keeps a scene within full scale, with the utterance where it says', () => {
    const noise = carNoise(5 * 16_000, new Random(1));
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const noises = [noise];
        const { audio, end, snrDb } = scene(tone, { others: [tone], noises }, new Random(seed));
        expect(snrDb).toBeGreaterThanOrEqual(-3);
        expect(audio.every((value) => Math.abs(value) <= 1)).toBe(true);
        expect(end).toBeGreaterThan(tone.length);
        // The tail after the end lasts 0.45 to 0.6 s.
        expect(audio.length - end).toBeGreaterThanOrEqual(7200);
        expect(audio.length - end).toBeLessThanOrEqual(9600);
      }),
      { numRuns: 30 },
    );
  });

  it('adds echoes after a sound and none before', () => {
    const click = new Float32Array(16_000);
    click[1000] = 1;
    const echoed = reverberated(click, new Random(2));
    expect(echoed.slice(0, 1000).every((value) => value === 0)).toBe(true);
    expect(echoed[1000]).toBe(1);
    expect(level(echoed.slice(1001))).toBeGreaterThan(0);
    expect(
      coloured(click, new Random(3))
        .slice(0, 1000)
        .every((value) => value === 0),
    ).toBe(true);
  });

  it('lets several speak at once, at level 1', () => {
    const people = babble(32_000, [tone], new Random(4));
    expect(level(people)).toBeCloseTo(1, 4);
  });

  it('compands within the steps of 8 bits', () => {
    const out = companded(tone);
    // Near full scale a step of mu-law is a 23rd of the value: half of it either way.
    out.forEach((value, i) => {
      expect(Math.abs(value - tone[i])).toBeLessThanOrEqual(0.024 * Math.abs(tone[i]) + 1e-4);
    });
    const codes = Float32Array.from({ length: 4000 }, (_, i) => i / 4000);
    expect(new Set(companded(codes)).size).toBeLessThanOrEqual(128);
    expect(new Set(companded(codes)).size).toBeGreaterThan(120);
  });

  it('cuts silence around speech', () => {
    const padded = new Float32Array(tone.length + 6400);
    padded.set(tone, 3200);
    expect(trimmed(padded).length).toBeGreaterThanOrEqual(tone.length);
    expect(trimmed(padded).length).toBeLessThanOrEqual(tone.length + 320);
    expect(trimmed(new Float32Array(4000))).toHaveLength(0);
  });
});

describe('texts', () => {
  // Letters for phonemes: what the neighbours are does not matter here, only what is made of them.
  const near = (phrase: string): string[] =>
    nearTexts(phrase, commonWords(), (lines) => [...lines], new Random(1));

  it('are never the phrase, and hold its words alone and its beginning', () => {
    const texts = near('smart mirror');
    expect(texts).not.toContain('smart mirror');
    expect(texts).toEqual(expect.arrayContaining(['smart', 'mirror', 'sma', 'smart mirr']));
    expect(texts.some((text) => text.startsWith('smart ') && text !== 'smart mirr')).toBe(true);
    expect(new Set(texts).size).toBe(texts.length);
    expect(near('computer')).toEqual(expect.arrayContaining(['compu']));
  });

  it('hold no word that goes on after one of the phrase', () => {
    expect(near('hey vigil').filter((text) => text.includes('vigilant'))).toEqual([]);
  });

  it('are the sentences that the commands understand', () => {
    const automaton = compile(loadCommands());
    const random = new Random(5);
    const sentences = Array.from({ length: 40 }, () => randomSentence(automaton, random)).filter(
      (text) => text !== null,
    );
    expect(sentences.length).toBeGreaterThan(30);
    const follower = new Follower(automaton);
    for (const text of sentences) expect(follower.meanings(text.split(' ')).length, text).toBeGreaterThan(0);
  });

  it('have the distance of Levenshtein', () => {
    expect(distance('kitten', 'sitting')).toBe(3);
    fc.assert(
      fc.property(fc.string({ maxLength: 8 }), fc.string({ maxLength: 8 }), (a, b) => {
        expect(distance(a, b)).toBe(distance(b, a));
        expect(distance(a, b) === 0).toBe(a === b);
        expect(distance(a, b)).toBeGreaterThanOrEqual(Math.abs(a.length - b.length));
        expect(distance(a, b)).toBeLessThanOrEqual(Math.max(a.length, b.length));
      }),
    );
  });

  it('come from plain words, each once', () => {
    const words = commonWords();
    expect(words.length).toBeGreaterThan(700);
    expect(new Set(words).size).toBe(words.length);
    expect(words.filter((word) => !/^[a-z]+$/.test(word))).toEqual([]);
  });

  it('are called and asked, the words themselves unchanged', () => {
    const random = new Random(6);
    const said = new Set(Array.from({ length: 60 }, () => intoned('hey vigil', random)));
    expect(said.size).toBeGreaterThan(5);
    for (const text of said) expect(text.replaceAll(/[^a-z ]/g, '')).toBe('hey vigil');
  });

  it('are phrases without punctuation', () => {
    expect(normalisedPhrase('  Hey, Vigil! ')).toBe('hey vigil');
    for (const bad of ['', 'ok', '12 34', 'one two three four five'])
      expect(vigilErrorOf(() => normalisedPhrase(bad)).code).toBe('INVALID_ARGUMENT');
  });
});

describe('voices', () => {
  it('that choose the threshold are never learnt from', () => {
    const random = new Random(1);
    for (const heldOut of [true, false])
      for (let i = 0; i < 200; i++) expect(pickVoice(random, heldOut).heldOut).toBe(heldOut);
    expect(voices.filter(({ heldOut }) => heldOut).map(({ program }) => program)).toContain('flite');
  });
});

describe('a machine without voices', () => {
  it.each(['espeak-ng', 'flite'] as const)('is told that %s is missing', (program) => {
    const voice = voices.find((one) => one.program === program);
    const path = process.env['PATH'];
    process.env['PATH'] = '/nonexistent';
    try {
      const error = vigilErrorOf(() => speak('hello', voice ?? voices[0], new Random(1)));
      expect(error.code).toBe('VOICE_MISSING');
      expect(error.message).toContain(program);
      expect(error.advice).toContain('apt-get install');
    } finally {
      process.env['PATH'] = path;
    }
  });
});

describe('threshold', () => {
  /** Peaks that fall off exponentially, one in e for each log-odd above 0. */
  const exponential = Array.from({ length: 1000 }, (_, i) => -Math.log((i + 0.5) / 1000));
  const oddsOf = (score: number): number => Math.log(score / (1 - score));

  it('is where so much speech has so many peaks, and goes on where there are none left', () => {
    const peaks = { odds: exponential, hours: 2 };
    // 40 in 2 hours: 40 of 1000 peaks lie above log(1000 / 40).
    expect(oddsOf(scoreForRate(peaks, 20))).toBeCloseTo(Math.log(1000 / 40), 1);
    // One in 10 hours: a fifth of a peak in these two.
    expect(oddsOf(scoreForRate(peaks, 0.1))).toBeCloseTo(Math.log(1000 / 0.2), 0);
    expect(scoreForRate(peaks, 300)).toBeLessThan(scoreForRate(peaks, 20));
  });

  it('is higher for fewer false accepts, whatever the peaks', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -20, max: 20, noNaN: true }), { minLength: 30, maxLength: 200 }),
        fc.double({ min: 0.05, max: 50, noNaN: true }),
        (odds, perHour) => {
          const peaks = { odds, hours: 1 };
          expect(scoreForRate(peaks, perHour)).toBeGreaterThanOrEqual(scoreForRate(peaks, 2 * perHour));
        },
      ),
    );
  });

  it('compares heads by the phrases above the highest peaks of other speech', () => {
    expect(standsOut([5, 5], [1, 2, 3])).toBe(1);
    expect(standsOut([0, 0], [1, 2, 3])).toBe(0);
    // Above the 1st: 1 of 2; above the 2nd and 3rd: both.
    expect(standsOut([2.5, 4], [3, 2, 1])).toBeCloseTo(2.5 / 3);
  });
});

describe('fit', () => {
  const windows = 5;
  /** Utterances of noise, in which the phrase is a sign on some numbers of some embeddings. */
  function stretches(seed: number, count: number, sign: number): Stretch[] {
    const random = new Random(seed);
    return Array.from({ length: count }, () => {
      const embeddings = Float32Array.from({ length: (headFrames + windows - 1) * embeddingSize }, () =>
        random.normal(),
      );
      for (let frame = 4; frame < headFrames; frame++)
        for (let i = 0; i < 4; i++) embeddings[frame * embeddingSize + i * 20] += sign;
      return { embeddings, hops: [0, 1, 2, 3, 4] };
    });
  }
  const training: Training = {
    positive: stretches(1, 60, 3),
    ordinary: stretches(2, 60, 0),
    near: stretches(3, 20, -3),
  };
  const most = (member: HeadMember, { embeddings }: Stretch): number =>
    Math.max(
      ...logOdds(
        {
          mean: new Float32Array(embeddingSize),
          deviation: new Float32Array(embeddingSize).fill(1),
          members: [member],
        },
        embeddings,
      ),
    );

  it('learns to tell what it never heard, and is the same for the same seed', () => {
    const [phrases, others] = [stretches(4, 40, 3), stretches(5, 40, 0)];
    const merit = (member: HeadMember): number =>
      standsOut(
        phrases.map((stretch) => most(member, stretch)),
        others.map((stretch) => most(member, stretch)),
      );
    const fits = [9, 9, 10].map((seed) => fitMember(training, 6, merit, new Random(seed)));
    const peaks = (list: readonly Stretch[]): number[] => list.map((one) => most(fits[0].member, one));
    expect(standsOut(peaks(stretches(6, 40, 3)), peaks(stretches(7, 40, 0)))).toBeGreaterThan(0.9);
    expect(fits[1]).toEqual(fits[0]);
    expect(fits[2].member.weights).not.toEqual(fits[0].member.weights);
  });

  it('keeps the member with the most merit, and the later of equals', () => {
    const passes: number[] = [];
    const few = { ...training, positive: training.positive.slice(0, 8) };
    const best = fitMember(few, 6, () => passes.push(passes.length) * 0, new Random(1));
    expect(best.passes).toBe(6);
    const first = fitMember(few, 6, () => -passes.push(0), new Random(1));
    expect(first.passes).toBe(4);
  });
});

describe('seeds', () => {
  it('differ by purpose and number', () => {
    const seeds = [seedOf(1, 'a'), seedOf(2, 'a'), seedOf(1, 'b'), seedOf(1, 'a', 1)];
    expect(new Set(seeds).size).toBe(4);
    expect(seedOf(1, 'a', 0)).toBe(seeds[0]);
  });
});
