import { readFileSync } from 'node:fs';
import { VigilError, messageOf } from '../runtime/errors.js';
import { describeProblem, type DbcDatabase, type DbcProblem } from './dbc.js';
import { assemble } from './dbc-assemble.js';
import { TokenCursor } from './dbc-cursor.js';
import { emptyDraft, report, type DatabaseDraft } from './dbc-draft.js';
import { isStatementStart, readStatement, skipToNextStatement } from './dbc-statements.js';

export interface ParsedDbc {
  readonly database: DbcDatabase;
  /** In line order; lines with an error were left out of the database. */
  readonly problems: readonly DbcProblem[];
}

/** Windows-1252's characters for the bytes 0x80 to 0x9f; all others are Latin-1. */
const windows1252 =
  '\u20ac\u0081\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u008d\u017d\u008f' +
  '\u0090\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u009d\u017e\u0178';

/** Spelt out, as Node 20's TextDecoder takes Windows-1252 for Latin-1. */
function decodeWindows1252(bytes: Uint8Array): string {
  const latin1 = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  return latin1.replace(/[\u0080-\u009f]/g, (character) => windows1252[character.charCodeAt(0) - 0x80]);
}

/** The file's text: UTF-8 when the bytes are valid UTF-8, else Windows-1252, which older tools write. */
export function decodeDbcBytes(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return decodeWindows1252(bytes);
  }
}

function readAll(cursor: TokenCursor, draft: DatabaseDraft): void {
  while (!cursor.atEnd) {
    if (isStatementStart(cursor)) {
      readStatement(cursor, draft);
      continue;
    }
    const { text, line, startsLine, kind } = cursor.advance();
    if (startsLine && kind === 'word') report(draft, 'warning', line, `left out the unknown section ${text}`);
    else if (text !== ';')
      report(draft, 'warning', line, `expected the end of the statement but found \`${text}\``);
    skipToNextStatement(cursor);
  }
}

/**
 * Reads a DBC file's text. A malformed statement is left out and reported with file, line and what was
 * expected; unknown sections are passed over.
 * @param file name for messages to people
 * @throws VigilError `DBC_UNREADABLE` when the text holds no sound message
 */
export function parseDbc(text: string, file = ''): ParsedDbc {
  const cursor = new TokenCursor(text);
  const draft = emptyDraft(file);
  for (const { line, message } of cursor.lexerProblems) report(draft, 'error', line, message);
  readAll(cursor, draft);
  const database = assemble(draft);
  const problems = draft.problems.sort((a, b) => a.line - b.line);
  if (database.messages.length === 0) {
    const first = problems.find((problem) => problem.severity === 'error');
    throw new VigilError(
      'DBC_UNREADABLE',
      `Expected a DBC file with at least one message (BO_) in ${file === '' ? 'the text' : file} but found none.` +
        (first === undefined ? '' : ` First problem: ${describeProblem(first)}.`),
      'Check that this is a CAN database in DBC format.',
      { file, problems },
    );
  }
  return { database, problems };
}

/**
 * Reads a DBC file.
 * @throws VigilError `FILE_UNREADABLE`, or `DBC_UNREADABLE` when the file holds no sound message
 */
export function loadDbc(file: string): ParsedDbc {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    throw new VigilError(
      'FILE_UNREADABLE',
      `Expected a readable DBC file at ${file} but reading failed: ${messageOf(error)}.`,
      'Check the path and its permissions.',
      { file },
      { cause: error },
    );
  }
  return parseDbc(decodeDbcBytes(bytes), file);
}
