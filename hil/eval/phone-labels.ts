import { existsSync, readFileSync } from 'node:fs';
import { VigilError } from '../../src/runtime/errors.js';

/** What a labelled picture shows of a phone and the driver. */
export type PhoneLabel = 'atEar' | 'inHand' | 'none';

export interface LabelledPicture {
  /** Name of the picture's file, beside the labels. */
  readonly file: string;
  readonly label: PhoneLabel;
  /** Who is in it: pictures of one person are no independent trials. */
  readonly subject: string;
}

const labels: readonly string[] = ['atEar', 'inHand', 'none'];

/**
 * Labels of pictures: lines of `file,label,subject` after a header; lines that begin with # are comments.
 * @returns nothing where there is no such file
 * @throws VigilError `EVALUATION_DATA_INVALID` naming the line
 */
export function readPhoneLabels(path: string): LabelledPicture[] {
  return existsSync(path) ? parsePhoneLabels(readFileSync(path, 'utf8'), path) : [];
}

export function parsePhoneLabels(text: string, path: string): LabelledPicture[] {
  const lines = text.split(/\r?\n/).map((line, i) => ({ line: line.trim(), number: i + 1 }));
  const rows = lines.filter(({ line }) => line !== '' && !line.startsWith('#'));
  return rows.slice(1).map(({ line, number }) => {
    const [file, label, subject, ...rest] = line.split(',');
    if (rest.length > 0 || !subject || !labels.includes(label) || !/^[^/\\]+\.(jpe?g|png|ppm)$/i.test(file)) {
      throw new VigilError(
        'EVALUATION_DATA_INVALID',
        `Expected FILE,${labels.join('|')},SUBJECT in line ${number} of ${path} but found ${JSON.stringify(line)}.`,
        '',
        { path },
      );
    }
    return { file, label: label as PhoneLabel, subject };
  });
}
