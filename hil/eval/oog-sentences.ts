import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { Follower } from '../../src/assistant/grammar/match.js';
import { normalise } from '../../src/assistant/grammar/normalise.js';
import { packageRoot } from '../../src/runtime/paths.js';
import { readFirstTurns, readSnips } from './kvret-data.js';
import { hashOf } from './speech-noise.js';

/** A sentence and what it is about. */
interface Said {
  readonly text: string;
  readonly about: string;
}

/** A sentence that is no command of the grammar. */
export interface OtherSentence {
  readonly text: string;
  /** Where it is from and what it is about. */
  readonly kind: string;
  /** Half of the sentences choose limits, the other half report. */
  readonly fitting: boolean;
}

export const otherSpeechFile = join(packageRoot, 'test', 'data', 'out-of-grammar.yaml');

/** Of the thousands of the snips collection. */
const mostOfAKind = 150;
/** Longer ones are no single utterance. */
const mostWords = 24;

/** Our own sentences, by kind. */
export function ownOtherSpeech(): Said[] {
  const kinds = parse(readFileSync(otherSpeechFile, 'utf8')) as Record<string, string[]>;
  return Object.entries(kinds).flatMap(([about, texts]) => texts.map((text) => ({ text, about })));
}

/**
 * Distinct sentences that the grammar does not hold: our own, requests for weather and appointments of the KVRET
 * collection, and for weather and music of snips where the data folder has them.
 */
export function otherSentences(dataDir: string, grammar: Follower): OtherSentence[] {
  const kvret = join(dataDir, 'nlu', 'kvret');
  const turns = existsSync(kvret) ? readFirstTurns(kvret) : [];
  const all = [
    ...ownOtherSpeech(),
    ...turns
      .filter(({ about }) => about === 'weather' || about === 'schedule')
      .map(({ text, about }) => ({ text, about: `kvret ${about}` })),
    ...fewOfEach(readSnips(join(dataDir, 'nlu', 'snips-2017'))).map(({ text, about }) => ({
      text,
      about: `snips ${about}`,
    })),
  ];
  const distinct = new Map(all.map((one) => [normalise(one.text).join(' '), one]));
  return [...distinct].flatMap(([key, { text, about }]) => {
    const words = key.split(' ');
    if (words.length > mostWords || grammar.meanings(words).length > 0) return [];
    return [{ text, kind: about, fitting: hashOf(key) % 2 === 0 }];
  });
}

/** In an order that says nothing about the sentences. */
function fewOfEach(sentences: readonly Said[]): Said[] {
  const shuffled = [...sentences].sort((a, b) => hashOf(a.text) - hashOf(b.text));
  const taken = new Map<string, number>();
  return shuffled.filter(({ about }) => {
    const before = taken.get(about) ?? 0;
    taken.set(about, before + 1);
    return before < mostOfAKind;
  });
}
