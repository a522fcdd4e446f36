/**
 * Text as words for matching: lower case, no punctuation but apostrophes inside words and decimal points, signs
 * spelled out. What a recogniser writes and what a command file says meet here.
 */
export function normalise(text: string): string[] {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\u2018\u2019]/g, "'")
    .replace(/%/g, ' percent ')
    .replace(/°\s*([cf])?\b/g, ' degrees ')
    .replace(/(\d),(?=\d{3}\b)/g, '$1')
    .replace(/([a-z])[-\u2010-\u2015](?=[a-z])/g, '$1 ')
    .replace(/(^|[^\d])[-\u2212](?=\d)/g, '$1 minus ')
    .split(/\s+/)
    .map((word) => word.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, ''))
    .filter((word) => word !== '');
}
