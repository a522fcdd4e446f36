import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { VigilError } from '../../src/runtime/errors.js';

/** One labelled utterance. */
export interface LabelledUtterance {
  /** As it was said, without labels. */
  readonly text: string;
  /** With labelled pieces replaced by their types: utterances of one template are no independent trials. */
  readonly template: string;
  /** Labelled pieces by type, in the order said. */
  readonly labels: Readonly<Record<string, readonly string[]>>;
}

const label = /\{([A-Z]+)=([^{}]*)\}/g;

/** Every utterances.tsv in a folder and below. */
export function utteranceFiles(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true })
    .map(String)
    .filter((path) => path.endsWith('utterances.tsv'))
    .sort()
    .map((path) => join(folder, path));
}

/** @throws VigilError `EVALUATION_DATA_INVALID` naming the file */
export function readUtterances(path: string): LabelledUtterance[] {
  return parseUtterances(readFileSync(path, 'utf8'), path);
}

/**
 * Lines of `intent TAB utterance` after a header that names the columns.
 * @throws VigilError `EVALUATION_DATA_INVALID` naming the line
 */
export function parseUtterances(text: string, path: string): LabelledUtterance[] {
  const lines = text.split(/\r?\n/);
  const column = lines[0].split('\t').indexOf('utterance');
  if (column < 0) throw invalid(path, 1, 'a column named utterance', lines[0]);
  return lines.slice(1).flatMap((line, i) => {
    if (line.trim() === '') return [];
    const cells = line.split('\t');
    if (cells.length <= column) throw invalid(path, i + 2, `${column + 1} columns`, line);
    return [utteranceOf(cells[column])];
  });
}

function utteranceOf(marked: string): LabelledUtterance {
  const labels: Record<string, string[]> = {};
  for (const [, type, words] of marked.matchAll(label)) {
    const said = Object.hasOwn(labels, type) ? labels[type] : [];
    labels[type] = [...said, words];
  }
  return { text: marked.replace(label, '$2'), template: marked.replace(label, '{$1}').toLowerCase(), labels };
}

function invalid(path: string, line: number, expected: string, came: string): VigilError {
  return new VigilError(
    'EVALUATION_DATA_INVALID',
    `Expected ${expected} in line ${line} of ${path} but found ${JSON.stringify(came)}.`,
    '',
    { path },
  );
}
