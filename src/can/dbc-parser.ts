import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { VigilError, messageOf } from '../runtime/errors.js';
import { describeProblem, type DbcDatabase, type DbcProblem } from './dbc.js';
import { assemble } from './dbc-assemble.js';
import { emptyDraft, placeOf } from './dbc-draft.js';
import { readInto, type ImportedText, type ImportResolver } from './dbc-import.js';

export interface ParsedDbc {
  readonly database: DbcDatabase;
  /** In line order, file after file; lines with an error were left out of the database. */
  readonly problems: readonly DbcProblem[];
  /** Files whose text was read through `CM_ "IMPORT ..."` lines, in the order in which they count. */
  readonly imports: readonly string[];
}

export interface DbcOptions {
  /** Refuses a file of which anything would be left out or is doubtful. */
  readonly strict?: boolean;
  /** Gives the text of an imported file; `loadDbc` looks beside the importing file. */
  readonly resolveImport?: ImportResolver;
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

/** What strictness says of a file with these problems. */
export function unsound(file: string, problems: readonly DbcProblem[]): VigilError {
  return new VigilError(
    'DBC_UNSOUND',
    `Expected a DBC file without a problem in ${file} but found ${problems.length}, first ` +
      `${describeProblem(problems[0])}.`,
    'Correct the file, or read it without strictness: what is sound is kept then and the rest listed.',
    { file, problems },
  );
}

/**
 * Reads a DBC file's text. A malformed statement is left out and reported with file, line and what was expected;
 * unknown sections are passed over. Imported files count as written before the importing one (see dbc-import.ts).
 * @param file name for messages to people
 * @throws VigilError `DBC_UNREADABLE` when the text holds no sound message; with `strict`, `DBC_UNSOUND` at any problem
 */
export function parseDbc(text: string, file = '', options: DbcOptions = {}): ParsedDbc {
  const draft = emptyDraft(file);
  const imports = readInto(draft, { file, text }, options.resolveImport);
  const database = assemble(draft);
  const problems = draft.problems
    .sort((a, b) => a.line - b.line)
    .map(({ severity, line, message }) => ({ severity, ...placeOf(draft, line), message }));
  const shown = file === '' ? 'the text' : file;
  if (database.messages.length === 0) {
    const first = problems.find((problem) => problem.severity === 'error');
    throw new VigilError(
      'DBC_UNREADABLE',
      `Expected a DBC file with at least one message (BO_) in ${shown} but found none.` +
        (first === undefined ? '' : ` First problem: ${describeProblem(first)}.`),
      'Check that this is a CAN database in DBC format.',
      { file, problems },
    );
  }
  if (options.strict === true && problems.length > 0) {
    throw unsound(shown, problems);
  }
  return { database, problems, imports };
}

function readText(file: string): string {
  try {
    return decodeDbcBytes(readFileSync(file));
  } catch (error) {
    throw new VigilError(
      'FILE_UNREADABLE',
      `Expected a readable DBC file at ${file} but reading failed: ${messageOf(error)}.`,
      'Check the path and its permissions.',
      { file },
      { cause: error },
    );
  }
}

function importBeside(name: string, importer: string): ImportedText {
  const file = resolve(dirname(importer), name);
  return { file, text: readText(file) };
}

/**
 * Reads a DBC file and those it imports.
 * @throws VigilError `FILE_UNREADABLE`, or as `parseDbc`
 */
export function loadDbc(file: string, options: DbcOptions = {}): ParsedDbc {
  return parseDbc(readText(file), file, { resolveImport: importBeside, ...options });
}
