/** A text as tokens to compare. */
export type Fold = (text: string) => string[];

/** Lower case, no possessive, singular, "a/c" and "temp" in full, in words. */
export function plainFold(text: string): string[] {
  return text
    .toLowerCase()
    .replace(/\u2019/g, "'")
    .replace(/a\/c/g, 'ac')
    .replace(/'s?\b/g, '')
    .split(/[^a-z0-9+]+/)
    .filter((token) => token !== '')
    .map((token) => (token === 'temp' ? 'temperature' : token.replace(/([^suiy])s$/, '$1')));
}

/** Words with several spellings or twins in a car, each group as its first. */
const twins: readonly (readonly string[])[] = [
  ['max', 'maximum', 'maximal'],
  ['min', 'minimum', 'minimal'],
  ['front', 'forward', 'frontal'],
  ['rear', 'back', 'backward'],
  ['auto', 'automatic', 'automated', 'automatically'],
  ['windshield', 'windscreen'],
  ['defog', 'demist'],
  ['synch', 'sync', 'synchroniz', 'synchronis'],
  ['unsynch', 'unsync', 'unsynchroniz', 'unsynchronis'],
  ['ac', 'hvac'],
  ['safe', 'safety'],
];
const twinOf = new Map(twins.flatMap(([first, ...others]) => others.map((other) => [other, first] as const)));

const endings = /(ations?|ions?|ings?|ers?|ors?|ed|ances?|ants?|ments?|ness|iness|y|e|s)$/;
const shortest = 3;

/** Besides: without endings and articles, "co-driver" as passenger, compounds in one, and one spelling of twins. */
export function variantFold(text: string): string[] {
  const plain = text
    .toLowerCase()
    .replace(/co-?\s?driver/g, 'passenger')
    .replace(/air condition\w*/g, 'ac')
    .replace(/air[ -](flow|con)/g, 'air$1');
  return plainFold(plain)
    .filter((token) => !/^(the|my|our|of|for|in|at|to)$/.test(token))
    .map((token) => twinOf.get(token) ?? stemOf(token));
}

function stemOf(token: string): string {
  let stem = token;
  for (let shorter = stem.replace(endings, ''); shorter !== stem; shorter = stem.replace(endings, '')) {
    if (shorter.length < shortest) break;
    stem = shorter;
  }
  return twinOf.get(stem) ?? stem;
}

/** Words for any device or place, which say little about which. */
const generic = new Set(
  variantFold(
    'system control mode setting feature mechanism function side seat alert notification warning warner detection ' +
      'monitor monitoring checker checking assist assistance help helper type level',
  ),
);

/** The words that tell which device is meant. */
export function essential(tokens: readonly string[]): string[] {
  return tokens.filter((token) => !generic.has(token));
}

/** Pieces of a name may be said in any order. */
export function keyOf(tokens: readonly string[]): string {
  return [...tokens].sort().join(' ');
}
