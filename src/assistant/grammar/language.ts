import { VigilError } from '../../runtime/errors.js';
import { germanNumber } from './number-words-de.js';
import { spokenNumber } from './number-words.js';

/** What the machinery has to know of a language beside its command files. */
export interface Language {
  /** ISO 639-1; the folder below `signals/commands`. */
  readonly code: string;
  /** Every way in which a number is said, or written by a recogniser; lower-case words. */
  readonly numbers: (value: number) => string[][];
  /** Signs as words. */
  readonly signs: { readonly percent: string; readonly degrees: string };
  /** "21,5" is twenty-one and a half. */
  readonly decimalComma: boolean;
  /** Words that a sentence can gain or lose and mean the same. */
  readonly light: ReadonlySet<string>;
  /** Words that turn a sentence into its opposite. */
  readonly polar: ReadonlySet<string>;
}

export const english: Language = {
  code: 'en',
  numbers: spokenNumber,
  signs: { percent: 'percent', degrees: 'degrees' },
  decimalComma: false,
  light: new Set(
    (
      'a an the my our please to of in on at for with me i we you it is are can could would do and so now just ' +
      'some this that'
    ).split(' '),
  ),
  polar: new Set(
    'on off open close shut up down activate deactivate enable disable start stop lock unlock'.split(' '),
  ),
};

export const german: Language = {
  code: 'de',
  numbers: germanNumber,
  signs: { percent: 'prozent', degrees: 'grad' },
  decimalComma: true,
  light: new Set(
    (
      'ein eine einen einem einer der die das den dem des mein meine meinen unser unsere bitte mal zu zum zur im in auf ' +
      'an am bei beim für mit mir mich ich wir du sie es ist sind kann kannst können könntest könnten würdest würden und ' +
      'so jetzt doch nur etwas dieser diese dieses gerne'
    ).split(' '),
  ),
  polar: new Set(
    'an aus ab ein auf zu öffnen schließen einschalten ausschalten anmachen ausmachen hoch runter'.split(' '),
  ),
};

const languages: readonly Language[] = [english, german];

/** @throws VigilError `LANGUAGE_UNKNOWN` */
export function languageOf(code: string): Language {
  const found = languages.find((language) => language.code === code);
  if (found !== undefined) return found;
  throw new VigilError(
    'LANGUAGE_UNKNOWN',
    `Expected one of the languages ${languages.map((language) => language.code).join(', ')} but found ${JSON.stringify(code)}.`,
    'Numbers of a further language are described in src/assistant/grammar/language.ts.',
    { code },
  );
}
