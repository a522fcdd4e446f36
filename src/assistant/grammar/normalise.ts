import { english, type Language } from './language.js';

/**
 * Text as words for matching: lower case, no punctuation but apostrophes inside words and decimal points, signs
 * spelled out. What a recogniser writes and what a command file says meet here.
 */
export function normalise(text: string, { signs, decimalComma }: Language = english): string[] {
  const plain = text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\u2018\u2019]/g, "'")
    .replace(/%/g, ` ${signs.percent} `)
    .replace(/°\s*([cf])?\b/g, ` ${signs.degrees} `);
  return withPoints(plain, decimalComma)
    .replace(/(\p{L})[-\u2010-\u2015](?=\p{L})/gu, '$1 ')
    .replace(/(^|[^\d])[-\u2212](?=\d)/g, '$1 minus ')
    .split(/\s+/)
    .map((word) => word.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, ''))
    .filter((word) => word !== '');
}

/** Digits without marks between thousands, and with a point before decimals. */
function withPoints(text: string, decimalComma: boolean): string {
  return decimalComma
    ? text.replace(/(\d)\.(?=\d{3}\b)/g, '$1').replace(/(\d),(?=\d)/g, '$1.')
    : text.replace(/(\d),(?=\d{3}\b)/g, '$1');
}
