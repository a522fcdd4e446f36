import { join } from 'node:path';
import { documentOf, type Entry } from '../grammar/entry.js';
import { assistantDir, assistantFiles } from '../action/load-actions.js';

/** Why something is said, most urgent first. */
export const priorities = ['alert', 'safety', 'reply', 'information'] as const;
export type Priority = (typeof priorities)[number];

export interface Precedence {
  /** What it interrupts. */
  readonly over: readonly Priority[];
  /** What becomes of it when it is interrupted by something else. */
  readonly interrupted: 'repeat' | 'drop';
  /** Dropped when it could not begin for so long, ms. */
  readonly waitsMs: number;
  readonly duringAlert: 'speak' | 'wait';
  readonly distracted: 'speak' | 'shorten' | 'wait';
}

/** `signals/assistant/arbitration.yaml`. */
export interface Arbitration {
  readonly precedence: Readonly<Record<Priority, Precedence>>;
  readonly distracted: { readonly states: readonly string[]; readonly levelPercent: number };
  readonly restOffer: {
    readonly states: readonly string[];
    readonly kss: number;
    readonly againMs: number;
    readonly afterNoMs: number;
  };
  readonly listenMs: Readonly<Record<'wake' | 'reply' | 'question', number>>;
}

/** @throws VigilError `ASSISTANT_INVALID` */
export function loadArbitration(file = join(assistantDir, 'arbitration.yaml')): Arbitration {
  const root = documentOf(file, assistantFiles).only(['priorities', 'distracted', 'restOffer', 'listenS']);
  const rows = root.child('priorities').only(priorities);
  const distracted = root.child('distracted').only(['states', 'levelPercent']);
  const rest = root.child('restOffer').only(['states', 'kss', 'againMin', 'afterNoMin']);
  const listen = root.child('listenS').only(['wake', 'reply', 'question']);
  const seconds = (name: string): number => listen.child(name).number() * 1000;
  return {
    precedence: {
      alert: precedenceOf(rows.child('alert')),
      safety: precedenceOf(rows.child('safety')),
      reply: precedenceOf(rows.child('reply')),
      information: precedenceOf(rows.child('information')),
    },
    distracted: {
      states: textsOf(distracted.child('states')),
      levelPercent: distracted.child('levelPercent').number(),
    },
    restOffer: {
      states: textsOf(rest.child('states')),
      kss: rest.child('kss').number(),
      againMs: rest.child('againMin').number() * 60_000,
      afterNoMs: rest.child('afterNoMin').number() * 60_000,
    },
    listenMs: { wake: seconds('wake'), reply: seconds('reply'), question: seconds('question') },
  };
}

function precedenceOf(entry: Entry): Precedence {
  entry.only(['over', 'interrupted', 'waitsS', 'duringAlert', 'distracted']);
  return {
    over: entry
      .child('over')
      .items()
      .map((item) => item.word(priorities)),
    interrupted: entry.child('interrupted').word(['repeat', 'drop']),
    waitsMs: entry.child('waitsS').number() * 1000,
    duringAlert: entry.child('duringAlert').word(['speak', 'wait']),
    distracted: entry.child('distracted').word(['speak', 'shorten', 'wait']),
  };
}

function textsOf(entry: Entry): string[] {
  return entry.items().map((item) => item.text());
}
