import { colors as pc } from '../../src/cli/colors.js';
import { budgets, type BudgetedStage } from '../../src/runtime/budgets.js';
import type { LatencySnapshot } from '../../src/runtime/histogram.js';
import type { ReplayReport } from './report.js';
import { endState, type Tally } from './tally.js';
import { driveTime, firedBy, percent } from './wording.js';

/**
 * What a replay found, for people: the driver first, then whether the machine kept up.
 * @param diagnostics also where a camera frame's time went
 */
export function summary(tally: Tally, report: ReplayReport, diagnostics: boolean): string {
  const vision = diagnostics ? visionLines(report) : [];
  return [...driverLines(tally, report), '', ...stageLines(report), ...vision, ...lossLines(report)].join(
    '\n',
  );
}

function driverLines(tally: Tally, report: ReplayReport): string[] {
  const { frames, framesWithFace, blinks, longClosures, alerts, maxPerclos, maxClosedShare, spoken } = tally;
  const closures = longClosures.map(
    ({ startMs, durationMs }) => `${driveTime(startMs)} for ${(durationMs / 1000).toFixed(2)} s`,
  );
  const states = Object.entries(endState(tally, report.endedMs)).map(
    ([kind, ms]) => `${kind} ${(ms / 1000).toFixed(1)} s`,
  );
  return [
    pc.bold(`Drive up to ${driveTime(report.endedMs)}: ${frames} frames, ${framesWithFace} with a face`),
    `  blinks       ${blinks}`,
    `  closures     ${closures.length === 0 ? 'none of 0.5 s or more' : `${closures.length}: ${closures.join(', ')}`}`,
    `  PERCLOS      ${perclosText(maxPerclos, maxClosedShare)}`,
    `  states       ${states.join(', ')}`,
    `  alerts       ${alerts.length === 0 ? 'none' : alerts.length}`,
    ...alerts.map(
      (alert) => `    ${driveTime(alert.startedMs)}  ${alert.level} ${alert.rule}: ${firedBy(alert)}`,
    ),
    ...(spoken === null
      ? []
      : [
          `  assistant    ${spoken.utterances} utterances, ${spoken.understood} understood, ${spoken.actuations} actuations, ${spoken.replies} replies`,
        ]),
  ];
}

function perclosText(perclos: number | null, closedShare: number | null): string {
  if (perclos === null || closedShare === null) return 'not measured for long enough';
  return `highest ${percent(perclos)} (P80, 60 s); eyes closed for at most ${percent(closedShare)} of a minute, blinks included`;
}

function stageLines(report: ReplayReport): string[] {
  const header = `${'stage'.padEnd(15)} ${['count', 'p50 ms', 'p99 ms', 'max ms', 'p99 limit'].map((name) => name.padStart(10)).join('')}`;
  const rows = (Object.entries(report.stages) as [BudgetedStage, LatencySnapshot][])
    .filter(([, latency]) => latency.count > 0)
    .map(([stage, latency]) => stageRow(stage, latency));
  return [pc.dim(header), ...rows];
}

function stageRow(stage: BudgetedStage, latency: LatencySnapshot): string {
  const { p99Ms } = budgets[stage];
  const row = `${latencyRow(stage, latency)}${p99Ms.toFixed(0).padStart(10)}`;
  return latency.p99Ms <= p99Ms ? row : `${row}  ${pc.red('over budget')}`;
}

/** The parts of a frame's time; their limit is the frame's. */
function visionLines({ visionStages }: ReplayReport): string[] {
  return Object.entries(visionStages)
    .filter(([name, { count }]) => name !== 'frame' && count > 0)
    .map(([name, latency]) => pc.dim(latencyRow(`  ${name}`, latency)));
}

function latencyRow(name: string, latency: LatencySnapshot): string {
  const cells = [
    String(latency.count),
    latency.p50Ms.toFixed(2),
    latency.p99Ms.toFixed(2),
    latency.maxMs.toFixed(2),
  ];
  return `${name.padEnd(15)} ${cells.map((cell) => cell.padStart(10)).join('')}`;
}

function lossLines(report: ReplayReport): string[] {
  const { vision, pace, damaged, interrupted } = report;
  const lines = [
    `drops: ${vision.dropped} of ${vision.accepted + vision.dropped} frames; late: ${vision.late}`,
  ];
  if (pace !== null) {
    lines.push(
      `pace: messages left ${pace.lateness.p99Ms.toFixed(1)} ms late at p99, ${pace.behindMs.toFixed(1)} ms behind at the end`,
    );
  }
  if (damaged !== null) {
    lines.push(
      pc.yellow(
        `The recording is damaged after ${driveTime(damaged.lastCompleteMs)}: ${damaged.reason}. What is before that was replayed.`,
      ),
    );
  }
  if (interrupted) lines.push(pc.yellow('Interrupted: the figures above are for the part replayed.'));
  return lines;
}

/** True when something of the drive did not make it into the results. */
export function lostData(report: ReplayReport): boolean {
  return report.vision.dropped > 0 || report.damaged !== null;
}
