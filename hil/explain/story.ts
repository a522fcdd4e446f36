import { colors as pc } from '../../src/cli/colors.js';
import type { ConfidenceMark } from '../../src/driver/policy/policy.js';
import type { ReplayStart } from '../replay/report.js';
import { driveTime, firedBy, stateWord } from '../replay/wording.js';
import type { AlertEntry, AlertWindow } from './alert-window.js';

const markWords: Record<ConfidenceMark, string> = {
  P: 'read in the primary document',
  Q: 'read in a text that quotes the primary',
  S: 'read in a secondary summary: no compliance claim',
  M: 'from memory, unverified: no compliance claim',
  E: 'our own engineering choice: no compliance claim',
};

/** A list of a drive's alerts, a line each. */
export function listLines(entries: readonly AlertEntry[]): string[] {
  return entries.map(({ number, alert, end }) => {
    const over = alert.endedMs === null ? 'still on at the end' : `${driveTime(alert.endedMs)} ${end ?? ''}`;
    const head = `${String(number).padStart(3)}  ${driveTime(alert.startedMs)} to ${over}`;
    return `${head.padEnd(42)} ${alert.rule.padEnd(16)} ${alert.level.padEnd(8)} ${firedBy(alert)}`;
  });
}

/** Why an alert was raised, in words: rule, clause, values beside their limits, what went before, what it rests on. */
export function storyLines(window: AlertWindow, start: ReplayStart): string[] {
  const { number, alert, end, states } = window;
  const lasted =
    alert.endedMs === null
      ? 'still on at the end of the drive'
      : `for ${((alert.endedMs - alert.startedMs) / 1000).toFixed(2)} s, then ${end ?? 'over'}`;
  return [
    pc.bold(`Alert ${number} (${alert.id}): ${alert.rule}, ${alert.level}`),
    `  when      ${driveTime(alert.startedMs)} on the drive, ${lasted}`,
    `  because   ${firedBy(alert)}`,
    `  policy    ${alert.policy.id} v${alert.policy.version}`,
    `  clause    ${alert.clause}`,
    `            known as: ${markWords[alert.mark]}`,
    '',
    pc.bold('  measured when it began'),
    ...valueLines(alert.measured),
    '',
    pc.bold('  states around it'),
    ...states.map(({ t, state }) => `    ${driveTime(t)}  ${stateWord(state)}`),
    '',
    pc.bold('  rests on'),
    `    recording ${start.vehicle === '' ? 'of an unnamed vehicle' : `of ${start.vehicle}`}, made with Vigil ${start.recordedWith}`,
    ...Object.entries(start.models).map(([id, sha256]) => `    model ${id} ${sha256.slice(0, 12)}`),
  ];
}

function valueLines(measured: AlertWindow['alert']['measured']): string[] {
  const names = Object.keys(measured).filter((name) => !name.startsWith('limit.'));
  const limits = Object.entries(measured).filter(([name]) => name.startsWith('limit.'));
  const values = names.map((name) => `    ${name.padEnd(28)} ${valueText(measured[name])}`);
  return [
    ...values,
    ...limits.map(([name, value]) => `    ${`limit ${name.slice(6)}`.padEnd(28)} ${valueText(value)}`),
  ];
}

function valueText(value: number | null | undefined): string {
  return value == null ? 'not known' : String(Number(value.toPrecision(6)));
}
