import { readFileSync } from 'node:fs';
import { VigilError, messageOf } from '../../src/runtime/errors.js';

/**
 * A CSV file of numbers with names in its first line, as columns.
 * @throws VigilError `NO_EVALUATION_DATA` when it cannot be read, `EVALUATION_DATA_INVALID` when a cell is no number
 */
export function readCsvColumns(file: string): ReadonlyMap<string, Float64Array> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new VigilError(
      'NO_EVALUATION_DATA',
      `Expected a CSV file at ${file}: ${messageOf(error)}.`,
      'Set VIGIL_DATA to the folder with the evaluation data.',
      { file },
      { cause: error },
    );
  }
  const [head = '', ...lines] = text.split(/\r?\n/).filter((line) => line !== '');
  const names = head.split(',');
  const columns = names.map(() => new Float64Array(lines.length));
  lines.forEach((line, row) => {
    const cells = line.split(',');
    names.forEach((name, c) => {
      const value = Number(cells[c]);
      if (cells.length !== names.length || !Number.isFinite(value)) {
        throw new VigilError(
          'EVALUATION_DATA_INVALID',
          `Expected ${names.length} numbers in line ${row + 2} of ${file} but found ${JSON.stringify(line)} (${name}).`,
          '',
          { file },
        );
      }
      columns[c][row] = value;
    });
  });
  return new Map(names.map((name, c) => [name, columns[c]]));
}
