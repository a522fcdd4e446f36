import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CompiledGrammar } from '../src/assistant/speech/compiled-grammar.js';
import { coffeeGrammar, grammarOf, tokenizer } from './111-support.js';

const lists = `
lists:
  target:
    range: { from: 16, to: 30, step: 1 }
  zone:
    values: [driver, passenger]
  contact:
    values:
      - { value: 7, say: john smith }`;

function meaningOf(grammar: CompiledGrammar, text: string): unknown {
  return grammar.understand(tokenizer.encode(text))?.meaning;
}

describe('token grammar', () => {
  const climate = grammarOf(['set [the] [{zone}] temperature to {target} [degrees|percent]'], lists);
  const twentyOne = { intent: 'test.do', slots: { target: 21 } };

  it.each([
    'set temperature to 21',
    'Set the temperature to 21 degrees.',
    'Set the temperature to twenty one degrees',
    'set the temperature to twenty-one degrees!',
    'Set the temperature, to 21, degrees?',
    'set temperature to 21%.',
  ])('understands %s', (text) => {
    expect(meaningOf(climate, text)).toEqual(twentyOne);
  });

  it.each([
    '',
    '.',
    'set',
    'set temperature to 31',
    'set THE temperature to 21',
    'set temperature to 21..',
    'set temperature to21',
    'set temperature to 21,, degrees',
    ', set temperature to 21',
  ])('does not understand %j', (text) => {
    expect(meaningOf(climate, text)).toBeUndefined();
  });

  it('gives the words back, and the last of two values', () => {
    const understood = climate.understand(tokenizer.encode('Set the driver temperature to twenty-two.'));
    expect(understood?.words).toEqual(['set', 'the', 'driver', 'temperature', 'to', 'twenty', 'two']);
    expect(understood?.meaning.slots).toEqual({ zone: 'driver', target: 22 });
    const twice = grammarOf(['{zone} {zone}'], lists);
    expect(meaningOf(twice, 'driver passenger')).toMatchObject({ slots: { zone: 'passenger' } });
  });

  it('takes capitals where the network may put them', () => {
    const call = grammarOf(['[please] call {contact}'], lists);
    for (const text of ['Call John Smith.', 'please call john smith', 'Please call John smith'])
      expect(meaningOf(call, text)).toEqual({ intent: 'test.do', slots: { contact: 7 } });
    expect(meaningOf(grammarOf(["i'm cold"]), "I'm cold.")).toBeDefined();
    expect(meaningOf(grammarOf(["i'm cold"]), "i'm cold.")).toBeUndefined();
  });

  it('reads its own arcs: a walk from start to accept is understood', () => {
    const grammar = coffeeGrammar();
    const byState = new Map<number, number[]>();
    grammar.from.forEach((state, arc) => byState.set(state, [...(byState.get(state) ?? []), arc]));
    fc.assert(
      fc.property(fc.infiniteStream(fc.nat()), (choices) => {
        const tokens: number[] = [];
        let state = grammar.start;
        for (let step = 0; step < 400 && state !== grammar.accept; step++) {
          const arcs = byState.get(state) ?? [];
          const arc = arcs[Number(choices.next().value) % arcs.length];
          if (grammar.token[arc] >= 0) tokens.push(grammar.token[arc]);
          state = grammar.to[arc];
        }
        fc.pre(state === grammar.accept);
        const understood = grammar.understand(tokens);
        expect(understood?.meaning.intent).toBe('orderDrink');
        expect(understood?.meaning.slots['coffeeDrink']).toBeDefined();
      }),
      { numRuns: 100 },
    );
  });

  it('knows orders with every value', () => {
    const grammar = coffeeGrammar();
    expect(
      meaningOf(
        grammar,
        "I'd like a sixteen-ounce dark roast latte with a little bit of soy milk and lots of sugar.",
      ),
    ).toEqual({
      intent: 'orderDrink',
      slots: {
        size: 'sixteen ounce',
        roast: 'dark roast',
        coffeeDrink: 'latte',
        milkAmount: 'a little bit of soy milk',
        sugarAmount: 'lots of sugar',
      },
    });
  });
});
