import type { Certainty } from './dialog/exchange.js';
import type { Phase } from './dialog/state.js';
import type { HeardSpeech } from './exchange.js';
import type { Grammars } from './grammars.js';
import type { Meaning } from './grammar/match.js';

/** What an utterance was taken for, and on what grounds. */
export interface Understanding {
  readonly text: string;
  readonly meaning: Meaning | null;
  readonly certainty: Certainty;
  /** A command of the grammar, the nearest one to the free transcript, or none. */
  readonly by: 'grammar' | 'nearest' | 'nothing';
  /** Rejection score of speech; null for writing and where no command fitted. */
  readonly llr: number | null;
}

/** How near a sentence has to be to ask about it. */
const nearEnough = 0.5;
/** After a reply people talk to each other as well; only what is almost a command is asked about. */
const nearEnoughUnasked = 0.75;

/** Speech: a command that fits, or the one nearest to the free transcript, which is never more than asked about. */
export function understandSpeech(
  { hypotheses, freeText, llr, certainty }: HeardSpeech,
  grammars: Grammars,
  names: readonly string[],
  phase: Phase['kind'],
): Understanding {
  const best = hypotheses.at(0);
  if (best !== undefined && certainty !== 'reject')
    return { text: best.text, meaning: best.meaning, certainty, by: 'grammar', llr };
  const least = phase === 'following' ? nearEnoughUnasked : nearEnough;
  return { ...guess(freeText, grammars, names, least), llr };
}

/** Writing: what is a sentence of the grammar is meant. */
export function understandText(text: string, grammars: Grammars, names: readonly string[]): Understanding {
  const meaning = names.length === 0 ? null : grammars.meaning(text, names);
  if (meaning !== null) return { text, meaning, certainty: 'act', by: 'grammar', llr: null };
  return { ...guess(text, grammars, names, nearEnough), llr: null };
}

function guess(
  text: string,
  grammars: Grammars,
  names: readonly string[],
  least: number,
): Omit<Understanding, 'llr'> {
  const near = names.length === 0 ? undefined : grammars.nearest(text, names);
  // "Did you mean yes?" helps nobody.
  return near === undefined || near.closeness < least || near.meaning.intent.startsWith('dialog.')
    ? { text, meaning: null, certainty: 'reject', by: 'nothing' }
    : { text, meaning: near.meaning, certainty: 'confirm', by: 'nearest' };
}
