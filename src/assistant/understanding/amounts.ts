import { spokenNumber } from '../grammar/number-words.js';

/** An amount that somebody said. */
export interface Amount {
  readonly value: number | 'min' | 'max';
  readonly unit: '' | '°' | '°C' | '°F' | '%';
  /** Said as a change: "by three". */
  readonly relative: boolean;
  /** Where it was: positions of its words. */
  readonly at: readonly number[];
}

/** Number words up to here are read; no setting of a car needs more. */
const mostNumber = 300;

const numbers: ReadonlyMap<string, number> = new Map(
  Array.from({ length: mostNumber + 1 }, (_, value) =>
    [...spokenNumber(value), ...(value === 100 ? [['hundred']] : [])].map(
      (words) => [words.join(' '), value] as const,
    ),
  ).flat(),
);

const signs: Readonly<Record<string, number>> = { minus: -1, negative: -1, plus: 1, positive: 1 };
const extremes: Readonly<Record<string, 'min' | 'max'>> = {
  maximum: 'max',
  highest: 'max',
  fullest: 'max',
  minimum: 'min',
  lowest: 'min',
};

/**
 * Amounts in lemmas, left to right; "two", "too" and "2" that stand for "to" before another amount or value are the
 * caller's to drop, for only the rest of the sentence tells.
 */
export function amountsIn(lemmas: readonly string[]): Amount[] {
  const found: Amount[] = [];
  for (let i = 0; i < lemmas.length;) {
    const amount = amountAt(lemmas, i);
    if (amount === null) i += 1;
    else {
      found.push(amount);
      i = (amount.at.at(-1) ?? i) + 1;
    }
  }
  return found;
}

function amountAt(lemmas: readonly string[], from: number): Amount | null {
  const relative = lemmas.slice(Math.max(0, from - 2), from).includes('by');
  if (Object.hasOwn(extremes, lemmas[from]))
    return { value: extremes[lemmas[from]], unit: '', relative: false, at: [from] };
  if (lemmas.slice(from, from + 3).join(' ') === 'all the way')
    return { value: 'max', unit: '', relative: false, at: [from, from + 1, from + 2] };
  const sign = Object.hasOwn(signs, lemmas[from]) ? signs[lemmas[from]] : null;
  const start = sign === null ? from : from + 1;
  for (let length = Math.min(5, lemmas.length - start); length > 0; length--) {
    const said = lemmas.slice(start, start + length).join(' ');
    const value = numbers.get(said) ?? digits(said);
    if (value === null) continue;
    const end = start + length;
    const unit = unitAt(lemmas, end);
    const last = end + unit.words;
    return {
      value: (sign ?? 1) * value,
      unit: unit.unit,
      relative,
      at: Array.from({ length: last - from }, (_, i) => from + i),
    };
  }
  return null;
}

function digits(said: string): number | null {
  return /^[+]?\d+(\.\d+)?$/.test(said) ? Number(said) : null;
}

/** The unit after a number and how many words it takes; scale and "degrees" in either order. */
function unitAt(lemmas: readonly string[], from: number): { unit: Amount['unit']; words: number } {
  const [first, second] = [lemmas[from] ?? '', lemmas[from + 1] ?? ''];
  if (first === 'percent') return { unit: '%', words: 1 };
  if (first === 'degree') {
    const scale = scaleOf(second);
    return scale === null ? { unit: '°', words: 1 } : { unit: scale, words: 2 };
  }
  const scale = scaleOf(first);
  if (scale === null) return { unit: '', words: 0 };
  return { unit: scale, words: second === 'degree' ? 2 : 1 };
}

function scaleOf(word: string): '°C' | '°F' | null {
  if (word === 'celsiu' || word === 'celsius' || word === 'centigrade' || word === 'c') return '°C';
  return word === 'fahrenheit' || word === 'f' ? '°F' : null;
}
