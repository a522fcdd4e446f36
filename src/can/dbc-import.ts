import { messageOf } from '../runtime/errors.js';
import { TokenCursor } from './dbc-cursor.js';
import { report, type DatabaseDraft } from './dbc-draft.js';
import { readStatements } from './dbc-statements.js';

/*
 * opendbc's databases share parts through `CM_ "IMPORT other.dbc";`. The rule by which they become one database:
 *
 *  1. The lines count in their order; an imported file's own imports come before it.
 *  2. The imported texts count as written one after the other before the importing file, each once, and the line
 *     itself is no comment of the network.
 *  3. The whole is read as one file. So a section may speak of a message of another file, and of two messages with
 *     the same identifier (or two values for the same thing) the later counts: the importing file's.
 */

export interface ImportedText {
  readonly file: string;
  readonly text: string;
}

/** Gives the file that `importer` calls `name`; throws when there is none. */
export type ImportResolver = (name: string, importer: string) => ImportedText;

interface ImportLine {
  readonly name: string;
  /** Line within its file. */
  readonly line: number;
}

const importComment = /^IMPORT[ \t]+(.*\S)\s*$/;

function lineCount(text: string): number {
  return text.split('\n').length;
}

/** Import lines of a text and the line that follows its last one. */
function importLines(text: string): ImportLine[] {
  const found: ImportLine[] = [];
  const pattern = /^[ \t]*CM_[ \t]+"IMPORT[ \t]+([^"\n]*[^"\s])\s*"[ \t]*;/gm;
  for (const match of text.matchAll(pattern)) {
    found.push({ name: match[1], line: lineCount(text.slice(0, match.index)) });
  }
  return found;
}

/**
 * Reads a text and those it imports into the draft.
 * @returns the files imported, in the order in which they count
 */
export function readInto(
  draft: DatabaseDraft,
  root: ImportedText,
  resolveImport: ImportResolver | undefined,
): string[] {
  const order: ImportedText[] = [];
  const failures: { readonly importer: string; readonly line: number; readonly message: string }[] = [];
  const open = new Set<string>();
  const visit = (source: ImportedText) => {
    open.add(source.file);
    for (const { name, line } of importLines(source.text)) {
      const fail = (message: string) => failures.push({ importer: source.file, line, message });
      if (resolveImport === undefined) {
        fail(`expected no import where only a text is read but found ${name}; left out`);
        continue;
      }
      let imported: ImportedText;
      try {
        imported = resolveImport(name, source.file);
      } catch (error) {
        fail(`expected the imported file ${name} but reading it failed: ${messageOf(error)}`);
        continue;
      }
      if (open.has(imported.file)) fail(`expected imports that end but ${name} leads back here; left out`);
      else if (!order.some(({ file }) => file === imported.file)) visit(imported);
    }
    open.delete(source.file);
    order.push(source);
  };
  visit(root);
  let firstLine = 1;
  for (const { file, text } of order) {
    draft.sources.push({ file, firstLine });
    for (const { importer, line, message } of failures) {
      if (importer === file) report(draft, 'error', firstLine + line - 1, message);
    }
    readOne(draft, text, firstLine);
    firstLine += lineCount(text);
  }
  return order.slice(0, -1).map(({ file }) => file);
}

function readOne(draft: DatabaseDraft, text: string, firstLine: number): void {
  const cursor = new TokenCursor(text, firstLine);
  for (const { line, message } of cursor.lexerProblems) report(draft, 'error', line, message);
  const before = draft.comments.length;
  readStatements(cursor, draft);
  const own = draft.comments.splice(before);
  draft.comments.push(
    ...own.filter(({ target, text: words }) => target.kind !== 'network' || !importComment.test(words)),
  );
}
