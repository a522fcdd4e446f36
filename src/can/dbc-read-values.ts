import type { TokenCursor } from './dbc-cursor.js';
import type { DatabaseDraft } from './dbc-draft.js';
import { isStatementStart, takeEnd, takeKey } from './dbc-keywords.js';

function takeNamedValues(cursor: TokenCursor, what: string): Map<bigint, string> {
  const values = new Map<bigint, string>();
  while (cursor.is('number')) {
    const raw = cursor.takeBigInteger(`a raw value of ${what}`);
    values.set(raw, cursor.takeText(`the name of value ${raw.toString()} of ${what}`));
  }
  takeEnd(cursor, `the values of ${what}`);
  return values;
}

/** `VAL_TABLE_ name raw "name" ...;` */
export function readValueTable(cursor: TokenCursor, draft: DatabaseDraft): void {
  const name = cursor.takeWord('a value table name');
  draft.valueTables.set(name, takeNamedValues(cursor, name));
}

/** `VAL_ id signal raw "name" ...;`, or a table's name in place of the values, or an environment variable. */
export function readValues(cursor: TokenCursor, draft: DatabaseDraft): void {
  const line = cursor.lastLine;
  if (cursor.is('word')) {
    const variable = cursor.advance().text;
    draft.environmentValues.set(variable, takeNamedValues(cursor, variable));
    return;
  }
  const key = takeKey(cursor);
  const signal = cursor.takeWord('a signal name');
  if (cursor.is('word') && !isStatementStart(cursor)) {
    const value = cursor.advance().text;
    takeEnd(cursor, `the value table of ${signal}`);
    draft.signalValues.push({ line, key, signal, value });
    return;
  }
  draft.signalValues.push({ line, key, signal, value: takeNamedValues(cursor, signal) });
}
