import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compile } from '../src/assistant/grammar/compile.js';
import { loadCommands } from '../src/assistant/grammar/load.js';
import { Follower } from '../src/assistant/grammar/match.js';
import { headInputs, scoreHead } from '../src/assistant/wake/head.js';
import { carNoise, coloured, reverberated, scene } from '../src/assistant/wake/training/augment.js';
import { fitHead, type Windows } from '../src/assistant/wake/training/fit.js';
import { Random } from '../src/assistant/wake/training/random.js';
import type { Heard } from '../src/assistant/wake/training/pool.js';
import { chooseThreshold, normalisedPhrase } from '../src/assistant/wake/training/recipe.js';
import { commonWords, distance, nearTexts, randomSentence } from '../src/assistant/wake/training/texts.js';
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
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const { audio, end } = scene(tone, [tone], new Random(seed));
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
  const silent = {
    phrase: 'hey vigil',
    mean: new Float32Array(headInputs),
    deviation: new Float32Array(headInputs).fill(1),
  };
  const windows = [0, 1].map(() => new Float32Array(headInputs));
  /** A head that gives everything the same score. */
  const constant = (score: number): Parameters<typeof chooseThreshold>[0] => ({
    ...silent,
    weights: new Float32Array(48 * headInputs),
    biases: new Float32Array(48),
    outWeights: new Float32Array(48),
    outBias: Math.log(score / (1 - score)),
  });
  const heard = (heldOut: boolean, text: string): Heard => ({ text, heldOut, windows, endMs: 0 });

  it('lies just above what ordinary speech of held-out voices reaches, within its range', () => {
    const ordinary = [heard(true, 'turn on the radio')];
    expect(chooseThreshold(constant(0.2), ordinary)).toBe(0.97);
    expect(chooseThreshold(constant(0.98), ordinary)).toBeCloseTo(0.98, 4);
    expect(chooseThreshold(constant(0.98), ordinary)).toBeGreaterThan(0.98);
    expect(chooseThreshold(constant(0.999), ordinary)).toBe(0.99);
  });

  it('does not listen to voices that were learnt from, nor to speech that holds the phrase', () => {
    const others = [heard(false, 'turn on the radio'), heard(true, 'so hey vigil please')];
    expect(chooseThreshold(constant(0.98), others)).toBe(0.97);
  });
});

describe('fit', () => {
  /** Windows whose first number says what they are, among noise. */
  function windows(seed: number, count: number): Windows {
    const random = new Random(seed);
    const make = (sign: number): Float32Array[] =>
      Array.from({ length: count }, () => {
        const window = Float32Array.from({ length: headInputs }, () => random.normal());
        for (let i = 0; i < 20; i++) window[i * 50] += sign * 2;
        return window;
      });
    return { positive: make(1), negative: make(-1) };
  }

  it('learns to tell windows that it never saw, and is the same for the same seed', () => {
    const [training, heldOut, unseen] = [windows(1, 60), windows(2, 20), windows(3, 50)];
    const fits = [9, 9, 10].map((seed) => fitHead(training, heldOut, new Random(seed)));
    const head = { ...fits[0].head, phrase: 'x', threshold: 0.5 };
    const right =
      unseen.positive.filter((window) => scoreHead(head, window) > 0.5).length +
      unseen.negative.filter((window) => scoreHead(head, window) < 0.5).length;
    expect(right).toBeGreaterThanOrEqual(90);
    expect(fits[1]).toEqual(fits[0]);
    expect(fits[2].head.weights).not.toEqual(fits[0].head.weights);
    expect(fits[0].epochs).toBeGreaterThan(0);
  });
});
