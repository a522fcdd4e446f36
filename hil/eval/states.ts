import { driverMatrix, type MatrixRow } from './driver-matrix.js';
import type { Evaluation, EvaluationResult } from './evaluation.js';

/** Frames a second at which the matrix is run: what the camera gives, and what is left of it in the dark. */
const rates = [30, 12] as const;

/** The scenario matrix of the policies; it needs no data. */
export const states: Evaluation = {
  name: 'states',
  about: 'detection delay of every state of every policy, on generated streams of observations',
  run: ({ progress }) => {
    const runs = rates.map((fps) => {
      progress(`${fps} frames/s`);
      return { fps, rows: driverMatrix({ fps }) };
    });
    return Promise.resolve(resultOf(runs));
  },
};

function resultOf(
  runs: readonly { readonly fps: number; readonly rows: readonly MatrixRow[] }[],
): EvaluationResult {
  const text = runs.flatMap(({ fps, rows }) => {
    const met = rows.filter(({ ok }) => ok).length;
    return [`At ${fps} frames/s ${met} of ${rows.length} scenarios are met.`, '', ...table(rows), ''];
  });
  return {
    text: text.join('\n').trimEnd(),
    json: {
      n: runs.reduce((sum, { rows }) => sum + rows.length, 0),
      met: runs.reduce((sum, { rows }) => sum + rows.filter(({ ok }) => ok).length, 0),
      runs: runs.map(({ fps, rows }) => ({ fps, rows })),
    },
  };
}

function table(rows: readonly MatrixRow[]): string[] {
  return [
    '| policy | scenario | awaited | due s | measured s | delay ms | mark | clause |',
    '|---|---|---|---:|---:|---:|---|---|',
    ...rows.map((row) => {
      const { expectedMs, measuredMs } = row;
      const delay = expectedMs === null || measuredMs === null ? '' : (measuredMs - expectedMs).toFixed(0);
      const cells = [
        row.policy,
        row.scenario,
        row.awaited,
        seconds(expectedMs),
        `${seconds(measuredMs)}${row.ok ? '' : ' (missed)'}`,
        delay,
        row.mark,
        row.clause,
      ];
      return `| ${cells.join(' | ')} |`;
    }),
  ];
}

function seconds(ms: number | null): string {
  return ms === null ? 'never' : (ms / 1000).toFixed(2);
}
