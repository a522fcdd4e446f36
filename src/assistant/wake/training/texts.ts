import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../../runtime/paths.js';
import type { Automaton } from '../../grammar/automaton.js';
import type { Random } from './random.js';

/** Common words of our own choice, one space or line end between them. */
export function commonWords(): string[] {
  return readFileSync(join(packageRoot, 'models', 'training', 'wake', 'words.txt'), 'utf8')
    .split(/\s+/)
    .filter((word) => word !== '');
}

/** A sentence of the commands: a random walk through the automaton; null where it ends in a list without values. */
export function randomSentence(automaton: Automaton, random: Random): string | null {
  const words: string[] = [];
  const leaving = new Map<number, Automaton['arcs'][number][]>();
  for (const arc of automaton.arcs) {
    const list = leaving.get(arc.from);
    if (list === undefined) leaving.set(arc.from, [arc]);
    else list.push(arc);
  }
  for (let state = automaton.start; state !== automaton.accept;) {
    const arcs = leaving.get(state);
    if (arcs === undefined) return null;
    const arc = random.pick(arcs);
    if (arc.word !== null) words.push(arc.word);
    state = arc.to;
  }
  return words.join(' ');
}

/** Fewest insertions, deletions and replacements that make `a` into `b` (Levenshtein 1966). */
export function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next.push(Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)));
    row = next;
  }
  return row[b.length];
}

/** How unlike two words sound, 0 to 1. */
function unlike(a: string, b: string): number {
  return distance(a, b) / Math.max(1, a.length, b.length);
}

/** Still the same to a listener: such words must not be learnt as another. */
const sameSound = 0.15;

/**
 * What is easily mistaken for the phrase: its words alone and with others, its beginning, and the words that sound most
 * like each of them or like the whole, alone and in its place.
 * @param phonemes of lines, in their order
 */
export function nearTexts(
  phrase: string,
  vocabulary: readonly string[],
  phonemes: (lines: readonly string[]) => string[],
  random: Random,
): string[] {
  const words = phrase.split(' ');
  // A word that goes on after one of the phrase's holds the phrase, however it ends.
  const others = vocabulary.filter(
    (word) => !words.some((own) => own.length > 2 && word.startsWith(own)) && !words.includes(word),
  );
  const sounds = phonemes([phrase, ...words, ...others]);
  const sound = new Map(others.map((word, i) => [word, sounds[1 + words.length + i]]));
  const closest = (target: string, count: number): string[] =>
    others
      .map((word) => ({ word, unlike: unlike(target, sound.get(word) ?? '') }))
      .filter((other) => other.unlike > sameSound)
      .sort((a, b) => a.unlike - b.unlike || (a.word < b.word ? -1 : 1))
      .slice(0, count)
      .map(({ word }) => word);
  const texts = new Set<string>();
  for (const word of closest(sounds[0], 20)) texts.add(word);
  words.forEach((word, place) => {
    const near = closest(sounds[1 + place], words.length > 1 ? 14 : 24);
    for (const other of near) {
      texts.add(other);
      if (words.length > 1) texts.add(words.map((own, i) => (i === place ? other : own)).join(' '));
    }
    const length = Math.ceil(word.length * 0.6);
    if (word.length > 4) texts.add([...words.slice(0, place), word.slice(0, length)].join(' '));
    if (words.length === 1) return;
    texts.add(word);
    for (let i = 0; i < 6; i++) {
      texts.add(`${word} ${random.pick(others)}`);
      texts.add(`${random.pick(others)} ${word}`);
    }
  });
  texts.delete(phrase);
  return [...texts];
}

/** A phrase as it may be called, asked or begun with: marks change how synthesized voices intone it. */
export function intoned(phrase: string, random: Random): string {
  const words = random.chance(0.15) ? phrase.replaceAll(' ', ', ') : phrase;
  return words + random.pick(['', '', '.', '!', '?', ',']);
}
