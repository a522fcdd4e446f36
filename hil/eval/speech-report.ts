import type { Accuracy, Snr } from './command-score.js';
import type { Curve } from './speech-chart.js';

/** A figure beside its goal. */
export interface ReportRow {
  readonly figure: string;
  readonly measured: string;
  readonly interval: string;
  readonly n: string;
  readonly goal: string;
}

/** One recogniser's accuracy in every condition. */
export interface ConditionRow {
  readonly name: string;
  readonly mean: Accuracy | null;
  readonly bySnr: ReadonlyMap<Snr, Accuracy>;
}

/** Published with the recordings for its own engine, Rhino: the ends of its table and the mean, without intervals. */
export const publishedRhino = {
  name: 'Rhino, published',
  mean: 0.976,
  ends: { 6: 0.935, 24: 0.99 },
} as const;

export const percent = (share: number): string =>
  Number.isFinite(share) ? (100 * share).toFixed(1) : 'none';

export function interval({ low, high }: { readonly low: number; readonly high: number }): string {
  return `[${percent(low)}, ${percent(high)}]`;
}

export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

export function headlineTable(rows: readonly ReportRow[]): string {
  return markdownTable(
    ['figure', 'measured', '95 %', 'n', 'goal'],
    rows.map(({ figure, measured, interval: range, n, goal }) => [figure, measured, range, n, goal]),
  );
}

/** Share right, %, for each recogniser and condition, with Rhino's published figures below. */
export function conditionTable(rows: readonly ConditionRow[], snrs: readonly Snr[]): string {
  const name = (snr: Snr): string => (snr === 'clean' ? snr : `${snr} dB`);
  const cells = rows.map((row) => [
    row.name,
    row.mean === null ? 'not installed' : `${percent(row.mean.accuracy)} ${interval(row.mean)}`,
    ...snrs.map((snr) => {
      const one = row.bySnr.get(snr);
      return one === undefined ? '' : percent(one.accuracy);
    }),
  ]);
  const { ends, mean } = publishedRhino;
  const ours = snrs.map((snr) => (snr === 6 || snr === 24 ? percent(ends[snr]) : ''));
  return markdownTable(
    ['% right', 'mean in noise', ...snrs.map(name)],
    [...cells, [publishedRhino.name, percent(mean), ...ours]],
  );
}

/** The conditions with noise as a curve. */
export function curveOf({ name, bySnr }: ConditionRow): Curve {
  const points = [...bySnr].flatMap(([snr, { accuracy, low, high }]) =>
    snr === 'clean' ? [] : [{ snr, value: accuracy, low, high }],
  );
  return { label: name, points };
}

export function rhinoCurve(): Curve {
  const { ends, name } = publishedRhino;
  const points = ([6, 24] as const).map((snr) => ({
    snr,
    value: ends[snr],
    low: ends[snr],
    high: ends[snr],
  }));
  return { label: name, points, published: true };
}
