import { messagesByKey, type DbcDatabase, type DbcMessage, type DbcSignal } from '../../can/dbc.js';
import { VigilError } from '../../runtime/errors.js';

/** A pattern with `*` (anything) and `?` (one character), case-insensitive, over a whole name. */
export function globExpression(glob: string): RegExp {
  const source = glob.replace(/[.*+?^${}()|[\]\\]/g, (character) =>
    character === '*' ? '.*' : character === '?' ? '.' : `\\${character}`,
  );
  return new RegExp(`^${source}$`, 'iu');
}

export interface SelectedSignal {
  readonly message: DbcMessage;
  readonly signal: DbcSignal;
}

/**
 * Signals of a database by patterns: `NAME`, or `MESSAGE.NAME`; in database order.
 * @throws VigilError `INVALID_ARGUMENT` when a pattern fits no signal
 */
export function selectSignals(database: DbcDatabase, globs: readonly string[]): SelectedSignal[] {
  const expressions = globs.map((glob) => ({ glob, expression: globExpression(glob), used: false }));
  const selected: SelectedSignal[] = [];
  // Of a doubled identifier only the message that is decoded.
  for (const message of messagesByKey(database).values()) {
    for (const signal of message.signals) {
      const fitting = expressions.filter(
        ({ expression }) => expression.test(signal.name) || expression.test(`${message.name}.${signal.name}`),
      );
      for (const entry of fitting) entry.used = true;
      if (fitting.length > 0) selected.push({ message, signal });
    }
  }
  const unused = expressions.find(({ used }) => !used);
  if (unused === undefined) return selected;
  const near = similarNames(database, unused.glob);
  throw new VigilError(
    'INVALID_ARGUMENT',
    `Expected --signal to fit a signal of the database but ${unused.glob} fits none.`,
    near.length === 0
      ? 'Write SIGNAL or MESSAGE.SIGNAL; * stands for anything.'
      : `Similar names: ${near.join(', ')}.`,
  );
}

/** Names that contain the pattern's longest word. */
function similarNames(database: DbcDatabase, glob: string): string[] {
  const words = glob.split(/[*?.]/).sort((a, b) => b.length - a.length);
  const word = words[0].toLowerCase();
  if (word === '') return [];
  return database.messages
    .flatMap(({ name, signals }) => signals.map((signal) => `${name}.${signal.name}`))
    .filter((name) => name.toLowerCase().includes(word))
    .slice(0, 5);
}
