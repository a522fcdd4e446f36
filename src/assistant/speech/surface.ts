/** How a recogniser may write a word. */
export interface Surface {
  readonly text: string;
  /** Whether a space stands before it. */
  readonly spaced: boolean;
}

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

/** Words that English always writes with a capital. */
const alwaysCapital = /^i('.*)?$/;

const others: Readonly<Record<string, readonly Surface[]>> = {
  percent: [{ text: '%', spaced: false }],
  degrees: [{ text: '\u00b0', spaced: false }],
  ok: [
    { text: 'okay', spaced: true },
    { text: 'OK', spaced: true },
  ],
  okay: [{ text: 'OK', spaced: true }],
  ac: [{ text: 'AC', spaced: true }],
  tv: [{ text: 'TV', spaced: true }],
  usb: [{ text: 'USB', spaced: true }],
};

/**
 * The ways to write a lower-case word: as it is, with a capital, which the network gives to sentences' beginnings and to
 * whatever it takes for a name, and as a sign or abbreviation.
 * @param spaced false after a hyphen
 */
export function surfaces(word: string, spaced: boolean): Surface[] {
  const texts = alwaysCapital.test(word) ? [capital(word)] : [...new Set([word, capital(word)])];
  const written = texts.map((text) => ({ text, spaced }));
  return spaced ? [...written, ...(others[word] ?? [])] : written;
}
