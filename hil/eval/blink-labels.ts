import { readFileSync } from 'node:fs';
import { VigilError } from '../../src/runtime/errors.js';

/** One labelled eye closure; frames count from 0. */
export interface BlinkLabel {
  /** First frame with the lid visibly down. */
  readonly start: number;
  readonly peak: number;
  /** First frame open again (exclusive). */
  readonly end: number;
  /** `uncertain` ones (squint, smile) count neither for nor against a detection. */
  readonly uncertain: boolean;
}

/**
 * Reads `start,peak,end,kind` rows; `#` comments and a header line are skipped. Any kind but one that begins
 * with "uncertain" is a closure that should be found.
 * @throws VigilError `LABELS_INVALID` naming the line
 */
export function parseBlinkLabels(text: string, source: string): BlinkLabel[] {
  const labels: BlinkLabel[] = [];
  text.split(/\r?\n/).forEach((line, index) => {
    const trimmed = line.trim();
    if (trimmed === '' || trimmed.startsWith('#') || /^start\b/i.test(trimmed)) return;
    const cells = trimmed.split(',').map((cell) => cell.trim());
    const [start, peak, end] = cells.map(Number);
    const kind = cells[3] ?? '';
    const frames = [start, peak, end].every((frame) => Number.isInteger(frame) && frame >= 0);
    if (!frames || end < start || kind === '') {
      throw new VigilError(
        'LABELS_INVALID',
        `Expected "start,peak,end,kind" with whole frame numbers in line ${index + 1} of ${source} but found ${JSON.stringify(trimmed)}.`,
        'Correct the line; end is exclusive and not before start.',
        { source, line: index + 1 },
      );
    }
    labels.push({ start, peak, end, uncertain: kind.startsWith('uncertain') });
  });
  return labels;
}

export function readBlinkLabels(file: string): BlinkLabel[] {
  return parseBlinkLabels(readFileSync(file, 'utf8'), file);
}
