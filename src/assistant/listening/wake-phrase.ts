import type { Arc, Automaton } from '../grammar/automaton.js';

/** What the wake phrase by itself means: its speaker has not yet said what should be done. */
export const phraseIntent = 'listening.wakePhrase';

/**
 * A grammar whose sentences may also be said right behind the wake phrase, or the phrase alone (`phraseIntent`): the
 * sound that the recogniser gets after waking begins before the phrase does.
 * @param phrase its words, as the grammar writes words; none: the grammar as it is
 */
export function withPhrase(grammar: Automaton, phrase: readonly string[]): Automaton {
  if (phrase.length === 0) return grammar;
  const { states, start, accept, arcs } = grammar;
  const begin = states;
  const alone = begin + 1;
  const inner = phrase.length - 1;
  const said = (from: number, to: number, first: number): Arc[] =>
    phrase.map((word, i) => ({
      from: i === 0 ? from : first + i - 1,
      to: i === inner ? to : first + i,
      word,
      tag: null,
    }));
  const all: Arc[] = [
    ...arcs,
    { from: begin, to: start, word: null, tag: null },
    ...said(begin, start, alone + 1),
    { from: begin, to: alone, word: null, tag: { kind: 'intent', intent: phraseIntent, slots: {} } },
    ...said(alone, accept, alone + 1 + inner),
  ];
  return {
    states: alone + 1 + 2 * inner,
    start: begin,
    accept,
    arcs: all.sort((a, b) => a.from - b.from || a.to - b.to),
  };
}
