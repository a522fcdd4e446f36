import type { GraphOutput } from '../../src/fusion.js';
import type { ReplayReport, ReplayStart } from './report.js';
import { endState, type Tally } from './tally.js';

/** The deterministic part of a replay as JSON, one object a line, each with its `kind`. */
export function startLine(start: ReplayStart): string {
  return JSON.stringify({ kind: 'start', ...start });
}

export function outputLine(output: GraphOutput): string {
  if (output.kind !== 'vehicle') return JSON.stringify(output);
  const signals = Object.fromEntries(
    output.samples.map(({ path, value, t, quality, reason }) => [
      path,
      {
        value: value ?? null,
        t: Number.isFinite(t) ? t : null,
        quality,
        ...(reason === '' ? {} : { reason }),
      },
    ]),
  );
  return JSON.stringify({ kind: 'vehicle', t: output.t, signals });
}

export function summaryLine(tally: Tally, report: ReplayReport): string {
  const { frames, framesWithFace, blinks, longClosures, alerts, maxPerclos, maxClosedShare, spoken } = tally;
  return JSON.stringify({
    kind: 'summary',
    endedMs: report.endedMs,
    interrupted: report.interrupted,
    damaged: report.damaged,
    frames,
    framesWithFace,
    blinks,
    longClosures,
    maxPerclos,
    maxClosedShare,
    stateMs: endState(tally, report.endedMs),
    alerts,
    ...(spoken === null ? {} : { spoken }),
  });
}

/** Everything that depends on how fast the machine was. */
export function diagnosticsLine(report: ReplayReport): string {
  const { vision, visionStages, stages, pace, store } = report;
  return JSON.stringify({ kind: 'diagnostics', vision, visionStages, stages, pace, store });
}
