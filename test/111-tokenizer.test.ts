import fc from 'fast-check';
import reference from 'llama-tokenizer-js';
import { describe, expect, it } from 'vitest';
import { tokenizer } from './111-support.js';

describe('tokenizer', () => {
  it('writes as the package that its tables come from', () => {
    const texts = [
      'grabbed',
      ' grabbed',
      'Set the temperature to 21 degrees.',
      "I'd like a twenty-one ounce latte, please!",
      '100.3 FM',
      'ax\n####\nboo',
      '\u9547',
      '\ud83e\udd99\ua64a',
      'caf\u00e9 cr\u00e8me',
    ];
    for (const text of texts) {
      for (const spaced of [true, false])
        expect(tokenizer.encode(text, spaced), text).toEqual(reference.encode(text, false, spaced));
    }
  });

  it('does so for any text', () => {
    const text = fc.string({
      unit: fc.constantFrom(...Array.from("abcdeilnorstuTIS '.,-0123456789%\u00e9")),
      maxLength: 40,
    });
    fc.assert(
      fc.property(text, fc.boolean(), (value, spaced) => {
        fc.pre(value.length > 0);
        expect(tokenizer.encode(value, spaced)).toEqual(reference.encode(value, false, spaced));
      }),
      { numRuns: 300 },
    );
  });

  it('gives the text back, without begin, end and the space before it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }), (text) => {
        fc.pre(!text.includes('\u2581'));
        expect(tokenizer.decode([1, ...tokenizer.encode(text), 2])).toBe(text);
      }),
    );
    expect(tokenizer.decode([32_767])).toBe('');
  });

  it('splits words one by one as in company, which the grammar rests on', () => {
    const words = ['can', 'I', "I'd", 'latte', 'degrees', '21', 'cappuccino', 'stop', 'a'];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...words), { minLength: 1, maxLength: 8 }), (said) => {
        expect(tokenizer.encode(said.join(' '))).toEqual(said.flatMap((word) => tokenizer.encode(word)));
      }),
    );
  });
});
