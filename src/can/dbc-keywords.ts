import type { TokenCursor } from './dbc-cursor.js';

/** Statements that are read (see dbc-statements.ts). */
export const readKeywords = [
  'VERSION',
  'NS_',
  'BS_',
  'BU_',
  'VAL_TABLE_',
  'BO_',
  'SG_',
  'BO_TX_BU_',
  'SIG_GROUP_',
  'EV_',
  'ENVVAR_DATA_',
  'CM_',
  'BA_DEF_',
  'BA_DEF_DEF_',
  'BA_',
  'BA_DEF_REL_',
  'BA_DEF_DEF_REL_',
  'BA_REL_',
  'VAL_',
  'SIG_VALTYPE_',
  'SG_MUL_VAL_',
] as const;
export type ReadKeyword = (typeof readKeywords)[number];

/**
 * Statements of the format that are passed over: signal types, categories and filters of one maker's editor. None of
 * them changes what a frame means.
 */
const passedKeywords = [
  'EV_DATA_',
  'SGTYPE_',
  'SGTYPE_VAL_',
  'SIGTYPE_VALTYPE_',
  'SIG_TYPE_REF_',
  'SIGNAL_TYPE_',
  'SIGNAL_GROUP_',
  'SIG_GROUP_REF_',
  'BA_DEF_SGTYPE_',
  'BA_SGTYPE_',
  'BU_SG_REL_',
  'BU_EV_REL_',
  'BU_BO_REL_',
  'CAT_DEF_',
  'CAT_',
  'FILTER',
  'NS_DESC_',
];

/** In the order in which `NS_` lists them. */
export const newSymbols: readonly string[] = [
  ...['NS_DESC_', 'CM_', 'BA_DEF_', 'BA_', 'VAL_', 'CAT_DEF_', 'CAT_', 'FILTER', 'BA_DEF_DEF_', 'EV_DATA_'],
  ...['ENVVAR_DATA_', 'SGTYPE_', 'SGTYPE_VAL_', 'BA_DEF_SGTYPE_', 'BA_SGTYPE_', 'SIG_TYPE_REF_'],
  ...['VAL_TABLE_', 'SIG_GROUP_', 'SIG_VALTYPE_', 'SIGTYPE_VALTYPE_', 'BO_TX_BU_', 'BA_DEF_REL_', 'BA_REL_'],
  ...['BA_DEF_DEF_REL_', 'BU_SG_REL_', 'BU_EV_REL_', 'BU_BO_REL_', 'SG_MUL_VAL_'],
];

const keywords: ReadonlySet<string> = new Set([...readKeywords, ...passedKeywords]);

/** A statement begins with its keyword at the start of a line. */
export function isStatementStart(cursor: TokenCursor): boolean {
  const { kind, text, startsLine } = cursor.current;
  if (kind === 'eof') return true;
  return kind === 'word' && startsLine && keywords.has(text);
}

/** Moves to the next statement; strings over several lines cannot mislead it, as the lexer took them whole. */
export function skipToNextStatement(cursor: TokenCursor): void {
  while (!isStatementStart(cursor)) cursor.advance();
}

/** `VAL_` and others may lack their closing semicolon in files in use; the next statement closes them then. */
export function takeEnd(cursor: TokenCursor, what: string): void {
  if (!cursor.skipMark(';') && !isStatementStart(cursor)) cursor.fail(`\`;\` after ${what}`);
}

const maximumKey = 0xffffffff;

/** A message identifier as in the file: bit 31 marks a 29-bit one. */
export function takeKey(cursor: TokenCursor): number {
  return cursor.takeInteger('a message identifier', 0, maximumKey);
}

/** Names of nodes up to the end of the statement or line, with or without commas; `Vector__XXX` stands for none. */
export function takeNodes(cursor: TokenCursor, more: () => boolean): string[] {
  const names: string[] = [];
  while (more() && (cursor.is('word') || cursor.isMark(','))) {
    const { kind, text } = cursor.advance();
    if (kind === 'word' && text !== 'Vector__XXX') names.push(text);
  }
  return names;
}
