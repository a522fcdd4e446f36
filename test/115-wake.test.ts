import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bestRun, detections, stepWake, wakeStart, type WakeRule } from '../src/assistant/wake/detector.js';
import { embeddingSize, WakeFeatures, wakeHop } from '../src/assistant/wake/features.js';
import {
  afterSilence,
  headInputs,
  logOdds,
  lastFrames,
  layers,
  layerSize,
  scoresOf,
  smoothed,
  type HeadMember,
  type WakeHead,
} from '../src/assistant/wake/head.js';
import { encodeHead, parseHead, type WakeCard } from '../src/assistant/wake/head-file.js';
import { WholeFeatures } from '../src/assistant/wake/whole-features.js';
import { WakeWord } from '../src/assistant/wake/wake-word.js';
import { seededRandom, vigilErrorOf } from './10-support.js';

function noise(samples: number, seed: number, level = 0.1): Float32Array {
  const random = seededRandom(seed);
  return Float32Array.from({ length: samples }, () => level * (2 * random() - 1));
}

function randomHead(seed: number, members = 2): WakeHead {
  const random = seededRandom(seed);
  const numbers = (length: number, scale: number): Float32Array =>
    Float32Array.from({ length }, () => scale * (2 * random() - 1));
  return {
    phrase: 'hey vigil',
    threshold: 0.5,
    candidate: 0.25,
    mean: numbers(embeddingSize, 5),
    deviation: numbers(embeddingSize, 1).map((value) => 2 + value),
    members: Array.from({ length: members }, () => ({
      weights: layers.map(({ inputs, taps }) => numbers(layerSize * taps * inputs, 0.1)),
      biases: layers.map(() => numbers(layerSize, 0.1)),
      outWeights: numbers(lastFrames * layerSize, 0.5),
      outBias: 0.25,
    })),
  };
}

const card: WakeCard = {
  seed: 1,
  recipe: 1,
  positives: 2,
  negatives: 3,
  voices: ['a'],
  heldOutVoices: ['b'],
  passes: [4],
  heldOut: {
    noisyPhrases: 5,
    heard: 4,
    perhapsHeard: 5,
    hours: 0.1,
    falseAccepts: 0,
    candidates: 1,
    similar: 3,
    similarAccepted: 1,
  },
};

describe('features', () => {
  const features = new WakeFeatures();

  it('gives the same numbers for the whole and for pieces of any size', () => {
    const audio = noise(6 * wakeHop + 500, 1);
    const whole = features.push(audio);
    expect(whole).toHaveLength(6);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 3000 }), { maxLength: 8 }), (cuts) => {
        features.reset();
        const parts: Float32Array[] = [];
        let at = 0;
        for (const cut of [...cuts, audio.length]) {
          parts.push(...features.push(audio.subarray(at, Math.min(audio.length, at + cut))));
          at = Math.min(audio.length, at + cut);
        }
        expect(parts).toEqual(whole);
      }),
      { numRuns: 12 },
    );
  });

  it('starts as after long silence', () => {
    features.reset();
    for (const embedding of features.push(new Float32Array(3 * wakeHop)))
      expect(embedding).toEqual(features.silence);
  });

  it('depends on what was heard, and forgets it within 0.76 s of audio', () => {
    features.reset();
    const [heard] = features.push(noise(wakeHop, 2));
    expect(heard).toHaveLength(embeddingSize);
    expect(heard).not.toEqual(features.silence);
    // 76 frames of 10 ms are 9.5 hops, and the first frame of a hop looks back into the one before.
    const after = features.push(new Float32Array(11 * wakeHop)).at(-1);
    expect(after).toEqual(features.silence);
  });
});

describe('features of a whole recording', () => {
  it('are those of its stream, bit for bit', () => {
    const [stream, whole] = [new WakeFeatures(), new WholeFeatures()];
    expect(whole.silence).toEqual(stream.silence);
    // Less than one run of the network, one exactly, and more; with a rest that fills no hop.
    for (const hops of [0, 3, 25, 31]) {
      const audio = noise(hops * wakeHop + 700, hops + 1);
      stream.reset();
      const expected = stream.push(audio);
      const embeddings = whole.embed(audio);
      expect(embeddings).toHaveLength(hops * embeddingSize);
      expected.forEach((embedding, i) => {
        expect(embeddings.subarray(i * embeddingSize, (i + 1) * embeddingSize)).toEqual(embedding);
      });
    }
  });
});

describe('head', () => {
  it('is the mean of its members: three layers over time, then one output', () => {
    const head = randomHead(3);
    const frames = 14;
    const embeddings = noise(frames * embeddingSize, 4, 3);
    /** Straight from the definition, by sums named (place, unit). */
    const oddsOf = ({ weights, biases, outWeights, outBias }: HeadMember, window: number): number => {
      const input = (place: number, i: number): number =>
        (embeddings[place * embeddingSize + i] - head.mean[i]) / head.deviation[i];
      const sum = (layer: number, place: number, unit: number): number => {
        if (layer < 0) return input(place, unit);
        const { inputs, taps, dilation } = layers[layer];
        let total = biases[layer][unit];
        for (let tap = 0; tap < taps; tap++)
          for (let i = 0; i < inputs; i++)
            total +=
              weights[layer][(unit * taps + tap) * inputs + i] * known(layer - 1, place + tap * dilation, i);
        return Math.max(0, total);
      };
      const memo = new Map<string, number>();
      const known = (layer: number, place: number, unit: number): number => {
        const key = `${layer} ${place} ${unit}`;
        const value = memo.get(key) ?? sum(layer, place, unit);
        memo.set(key, value);
        return value;
      };
      let odds = outBias;
      for (let place = 0; place < lastFrames; place++)
        for (let unit = 0; unit < layerSize; unit++)
          odds += outWeights[place * layerSize + unit] * known(2, window + place, unit);
      return odds;
    };
    const odds = logOdds(head, embeddings);
    expect(odds).toHaveLength(3);
    odds.forEach((value, window) => {
      const expected = (oddsOf(head.members[0], window) + oddsOf(head.members[1], window)) / 2;
      expect(value).toBeCloseTo(expected, 3);
    });
    expect(logOdds(head, new Float32Array(11 * embeddingSize))).toHaveLength(0);
  });

  it('sees silence before the first embedding', () => {
    const silence = new Float32Array(embeddingSize).fill(7);
    const embeddings = afterSilence(new Float32Array(embeddingSize).fill(1), silence);
    expect(embeddings).toHaveLength(headInputs);
    expect([...new Set(embeddings.subarray(0, headInputs - embeddingSize))]).toEqual([7]);
    expect([...new Set(embeddings.subarray(headInputs - embeddingSize))]).toEqual([1]);
  });

  it('averages three windows, at the start as many as there are', () => {
    expect([...smoothed(Float32Array.of(3, 5, 1, 0, 2))]).toEqual([3, 4, 3, 2, 1]);
  });

  it('comes back from its file as it was', () => {
    const head = randomHead(5);
    expect(parseHead(encodeHead({ head, card }), 'x')).toEqual({ head, card });
  });

  it.each([
    ['JSON', 'nothing'],
    ['an object', '[]'],
    ['format 2', '{"format":1}'],
    ['a phrase', '{"format":2}'],
    ['a threshold', '{"format":2,"phrase":"x","threshold":1}'],
    ['a candidate', '{"format":2,"phrase":"x","threshold":0.5,"candidate":0.6}'],
    ['a card', '{"format":2,"phrase":"x","threshold":0.5,"candidate":0.4}'],
    ['1 to 8 members', '{"format":2,"phrase":"x","threshold":0.5,"candidate":0.4,"card":{},"members":[]}'],
    [
      '96 numbers mean',
      '{"format":2,"phrase":"x","threshold":0.5,"candidate":0.4,"card":{},"members":[{"outBias":0}]}',
    ],
  ])('reports a file without %s', (what, text) => {
    const error = vigilErrorOf(() => parseHead(text, 'my.json'));
    expect(error.code).toBe('WAKE_HEAD_INVALID');
    expect(error.message).toContain(`Expected ${what}`);
    expect(error.message).toContain('my.json');
  });

  it('hears a stream as it hears the whole', () => {
    const head = randomHead(6);
    const features = new WholeFeatures();
    const audio = noise(30 * wakeHop, 7);
    const scores = scoresOf(head, afterSilence(features.embed(audio), features.silence));
    const middle = [...scores].sort((a, b) => a - b)[15];
    const rule: WakeRule = { threshold: middle, windows: 2, refractoryMs: 400 };
    const expected = detections(scores, rule);
    expect(expected.length).toBeGreaterThan(0);
    const word = new WakeWord(head, { rule });
    for (let round = 0; round < 2; round++) {
      const found = [0, 1, 2].flatMap((part) =>
        word.push(audio.subarray(part * 13_000, (part + 1) * 13_000)),
      );
      expect(found.map(({ t }) => t)).toEqual(expected);
      word.reset();
    }
  });
});

describe('detector', () => {
  const rule: WakeRule = { threshold: 0.5, windows: 2, refractoryMs: 1000 };

  it('wants two high scores in a row', () => {
    expect(detections([0.9, 0.1, 0.9, 0.1], rule)).toEqual([]);
    expect(detections([0.1, 0.5, 0.5, 0.1], rule)).toEqual([240]);
  });

  it('hears one long phrase once, and the next one after its refractory time', () => {
    expect(detections(Array<number>(60).fill(0.9), rule)).toEqual([160]);
    const twice = [0.9, 0.9, 0, ...Array<number>(10).fill(0), 0.9, 0.9];
    expect(detections(twice, rule)).toEqual([160, 1200]);
    expect(detections([0.9, 0.9, 0, 0.9, 0.9, 0.9], rule)).toEqual([160]);
  });

  it('takes what is not a number as no', () => {
    expect(detections([0.9, Number.NaN, 0.9], rule)).toEqual([]);
  });

  it('does not join scores across a gap or a step back', () => {
    for (const t of [500, 50]) {
      const first = stepWake(wakeStart, 0.9, 100, rule).state;
      expect(stepWake(first, 0.9, t, rule).detected).toBe(false);
    }
  });

  const scores = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 80 });

  it('never detects twice within the refractory time, nor without two high scores just before', () => {
    fc.assert(
      fc.property(scores, (row) => {
        const found = detections(row, rule);
        found.forEach((t, i) => {
          const at = t / 80 - 1;
          expect(Math.min(row[at], row[at - 1])).toBeGreaterThanOrEqual(rule.threshold);
          if (i > 0) expect(t - found[i - 1]).toBeGreaterThanOrEqual(rule.refractoryMs);
        });
      }),
    );
  });

  it('detects something exactly from the best run on', () => {
    fc.assert(
      fc.property(scores, fc.double({ min: 0.01, max: 1, noNaN: true }), (row, threshold) => {
        expect(detections(row, { ...rule, threshold }).length > 0).toBe(bestRun(row, 2) >= threshold);
      }),
    );
  });
});
