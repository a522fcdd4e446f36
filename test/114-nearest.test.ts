import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AutomatonBuilder } from '../src/assistant/grammar/automaton.js';
import { compile } from '../src/assistant/grammar/compile.js';
import { loadCommands } from '../src/assistant/grammar/load.js';
import { Follower } from '../src/assistant/grammar/match.js';
import { NearestSentences } from '../src/assistant/understanding/nearest.js';
import { editDistance, similarity, soundOf } from '../src/assistant/understanding/similarity.js';

const automaton = compile(loadCommands('en'));
const near = new NearestSentences(automaton);
const follower = new Follower(automaton);

function words(text: string): string[] {
  return text.split(' ').filter((word) => word !== '');
}

/** Two sentences: "open the [left|right] window", "close it". */
function small(): NearestSentences {
  const builder = new AutomatonBuilder();
  const [open, close, side, window] = [builder.state(), builder.state(), builder.state(), builder.state()];
  builder.arc(builder.start, open, null, { kind: 'intent', intent: 'open', slots: {} });
  builder.arc(builder.start, close, null, { kind: 'intent', intent: 'close', slots: {} });
  builder.words(open, side, ['open', 'the']);
  builder.arc(side, window, null);
  builder.arc(side, window, 'left', { kind: 'slot', slot: 'side', value: 'left' });
  builder.arc(side, window, 'right', { kind: 'slot', slot: 'side', value: 'right' });
  builder.arc(window, builder.accept, 'window');
  builder.words(close, builder.accept, ['close', 'it']);
  return new NearestSentences(builder.finish());
}

describe('the nearest sentences of a small automaton', () => {
  it.each([
    ['open the left window', 'open the left window', 1],
    ['open left window', 'open the left window', 1 - 0.25 / 3],
    ['open the left window now', 'open the left window', 1 - 0.25 / 3.5],
    ['open the window today', 'open the window', 1 - 1 / 3.25],
    ['closed it', 'close it', null],
    ['opem the rite windows', 'open the window', null],
  ])('"%s" is near to "%s"', (said, sentence, closeness) => {
    const [first] = small().nearest(words(said));
    expect(first.sentence).toBe(sentence);
    if (closeness !== null) expect(first.closeness).toBeCloseTo(closeness, 9);
  });

  it('carries the meaning of the sentence that it offers', () => {
    expect(small().nearest(words('open right window'))[0].meaning).toEqual({
      intent: 'open',
      slots: { side: 'right' },
    });
  });

  it.each(['', 'the', 'play the piano'])('has nothing near to "%s"', (said) => {
    expect(small().nearest(words(said))).toEqual([]);
  });
});

describe('the nearest commands', () => {
  it.each([
    ['set the temperatur to twenty one', 'set the temperature to twenty one'],
    ['turn the seat heating of', 'turn the seat heating off'],
    ['navigate to the nearest coffee shop please quickly', 'navigate to the nearest coffee shop please'],
  ])('"%s" is near to "%s"', (said, sentence) => {
    expect(near.nearest(words(said))[0].sentence).toBe(sentence);
  });

  it('finds the telling words among others', () => {
    const [first] = near.nearest(words('i need the address of some hospital that is nearest from here'));
    expect(first.meaning).toEqual({ intent: 'navigation.nearest', slots: { category: 'hospital' } });
  });

  it.each(['what is the weather in boston tomorrow', 'lorem ipsum dolor sit amet'])(
    'has nothing near to "%s"',
    (said) => {
      expect(near.nearest(words(said))).toEqual([]);
    },
  );

  it('offers only sentences of the grammar, best first, one of an intent, whatever is said', () => {
    const vocabulary = [...new Set(automaton.arcs.flatMap(({ word }) => word ?? []))];
    const said = fc.array(fc.oneof(fc.constantFrom(...vocabulary), fc.stringMatching(/^[a-z]{1,8}$/)), {
      maxLength: 8,
    });
    fc.assert(
      fc.property(said, (heard) => {
        const found = near.nearest(heard);
        for (const { sentence, meaning } of found)
          expect(follower.meanings(words(sentence))).toContainEqual(meaning);
        const closeness = found.map((each) => each.closeness);
        expect(closeness).toEqual([...closeness].sort((a, b) => b - a));
        expect(new Set(found.map(({ meaning }) => meaning.intent)).size).toBe(found.length);
        expect(near.nearest(heard)).toEqual(found);
      }),
      { numRuns: 40 },
    );
  });

  it('never invents a number', () => {
    for (const { sentence } of near.nearest(words('set the temperature')))
      expect(sentence).not.toMatch(/twenty|\d/);
  });
});

describe('likeness of words', () => {
  it.each([
    ['', 'abc', 3],
    ['window', 'window', 0],
    ['widnow', 'window', 1],
    ['kitten', 'sitting', 3],
  ])('%j and %j are %d edits apart', (a, b, distance) => {
    expect(editDistance(a, b)).toBe(distance);
    expect(editDistance(b, a)).toBe(distance);
  });

  it.each([
    ['phone', 'fone'],
    ['night', 'nite'],
    ['write', 'right'],
  ])('%s sounds like %s', (a, b) => {
    expect(soundOf(a)).toBe(soundOf(b));
  });

  it('lies between 0 and 1, is symmetric, and 1 only for the same word', () => {
    const word = fc.stringMatching(/^[a-z]{1,10}$/);
    fc.assert(
      fc.property(word, word, (a, b) => {
        const like = similarity(a, b);
        expect(like).toBeGreaterThanOrEqual(0);
        expect(like).toBeLessThanOrEqual(1);
        expect(similarity(b, a)).toBe(like);
        expect(like === 1).toBe(a === b);
      }),
    );
  });
});
