/** Letters that sound alike to an English ear, vowels last. */
const sounds: readonly (readonly [RegExp, string])[] = [
  [/^kn|^gn|^pn/, 'n'],
  [/^wr/, 'r'],
  [/gh(?=t)/g, ''],
  [/ph|gh$/g, 'f'],
  [/ck|q|x|c(?![eiyh])/g, 'k'],
  [/sch|sh|ch|tch|ti(?=o)/g, 'j'],
  [/c(?=[eiy])|z/g, 's'],
  [/th|dt?/g, 't'],
  [/v/g, 'f'],
  [/b/g, 'p'],
  [/g/g, 'k'],
  [/h|w|y/g, ''],
  [/(.)\1+/g, '$1'],
  [/(?!^)[aeiou]+/g, ''],
  [/^[aeiou]+/, 'a'],
];

/** A word by its consonants' sounds: what recognisers confuse gets the same or a near key. */
export function soundOf(word: string): string {
  return sounds.reduce((text, [pattern, to]) => text.replace(pattern, to), word);
}

/** Letters to insert, delete or replace, or neighbours to swap (optimal string alignment). */
export function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      let cost = Math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        cost = Math.min(cost, before[j - 2] + 1);
      row.push(cost);
    }
    before = last;
    last = row;
  }
  return last[b.length];
}

/** Words of so few letters sound like too many others. */
const shortest = 3;

/** 0 (nothing in common) to 1 (same word): the better of spelling and sound; sound alone says at most 0.9. */
export function similarity(a: string, b: string): number {
  if (a === b) return 1;
  const letters = 1 - editDistance(a, b) / Math.max(a.length, b.length);
  // A short word's sound is too little to know it by: half of the spelling has to agree as well.
  if (letters < 0.5 || Math.min(a.length, b.length) <= shortest) return letters;
  const [x, y] = [soundOf(a), soundOf(b)];
  const heard = 0.9 * (1 - editDistance(x, y) / Math.max(x.length, y.length, 1));
  return Math.max(letters, (letters + heard) / 2);
}
