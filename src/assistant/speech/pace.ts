const vowels = /[aeiouyàâäáéèêëíîïóôöúûü]+/giu;

/**
 * How many syllables words have, roughly and rather too many: groups of vowels, two for each digit, and a syllable for each
 * letter of what has no vowel ("fm").
 */
export function syllablesOf(words: readonly string[]): number {
  return words.reduce((sum, word) => {
    const digits = word.match(/\d/g)?.length ?? 0;
    const groups = word.match(vowels)?.length ?? 0;
    const letters = digits > 0 || groups > 0 ? 0 : word.length;
    return sum + 2 * digits + groups + letters;
  }, 0);
}

/**
 * People say about six syllables a second (Pellegrino, Coupé and Marsico 2011, of English); three are very slow. The rest is
 * for the silence around the words and a pause.
 */
const slowestS = 0.35;
const restS = 1;

/** Whether nobody takes so long for so little: the words are only a piece of what was said. */
export function isTooSlow(words: readonly string[], soundS: number): boolean {
  return soundS > slowestS * syllablesOf(words) + restS;
}
