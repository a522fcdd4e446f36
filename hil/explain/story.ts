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
    `  told by   ${alert.modalities.join(', ')}`,
    `  policy    ${alert.policy.id} v${alert.policy.version}`,
    `  clause    ${alert.clause}`,
    `            known as: ${markWords[alert.mark]}`,
    '',
    pc.bold('  measured when it began'),
    ...valueLines(alert.measured),
    '',
    pc.bold(
      `  over the ${((alert.window.toMs - alert.window.fromMs) / 1000).toFixed(0)} s before (least, mean, greatest)`,
    ),
    ...windowLines(alert),
    '',
    ...changeLines(window),
    pc.bold('  states around it'),
    ...states.map(({ t, state }) => `    ${driveTime(t)}  ${stateWord(state)}`),
    '',
    pc.bold('  rests on'),
    ...inputLines(alert),
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

/** Three digits, without powers of ten. */
function shortNumber(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

function windowLines({ window }: AlertWindow['alert']): string[] {
  return Object.entries(window.measures).map(([name, { min, mean, max, frames }]) => {
    const values = [min, mean, max].map((value) => shortNumber(value).padStart(11)).join('');
    return `    ${name.padEnd(20)}${values}   ${frames} frames`;
  });
}

function changeLines({ changes }: AlertWindow): string[] {
  if (changes.length === 0) return [];
  const lines = changes.map(({ t, change, alert }) => {
    const told = change === 'acknowledged' ? '' : ` to ${alert.level} (${alert.modalities.join(', ')})`;
    return `    ${driveTime(t)}  ${change}${told}`;
  });
  return [pc.bold('  while it was on'), ...lines, ''];
}

function inputLines({ inputs, alsoBy }: AlertWindow['alert']): string[] {
  const rate = inputs.frameRateHz === null ? 'unknown' : `${inputs.frameRateHz.toFixed(1)} frames/s`;
  const seen = inputs.driver === null ? 'seen' : `not known: ${inputs.driver}`;
  const conditions = inputs.nonNominal ? ', conditions not nominal' : '';
  return [
    `    driver ${seen} at ${rate}${conditions}; speed ${inputs.speed}; calibrated ${Math.round(inputs.calibration * 100)} %`,
    ...alsoBy.map(
      ({ policy, rule, clause }) => `    also by ${policy.id} v${policy.version}, ${rule}: ${clause}`,
    ),
  ];
}
