import { colors as pc } from '../../src/cli/colors.js';
import type { Alert } from '../../src/driver/policy/alert.js';
import type { Measured } from '../../src/driver/measured.js';
import type { DriverOutput } from '../../src/driver/outputs.js';
import type { DriverState, DriverStateKind } from '../../src/driver/policy/state.js';

/** `mm:ss.s` on the drive's clock. */
export function driveTime(ms: number): string {
  const tenths = Math.round(ms / 100);
  const minutes = Math.floor(tenths / 600);
  return `${String(minutes).padStart(2, '0')}:${((tenths % 600) / 10).toFixed(1).padStart(4, '0')}`;
}

const stateWords: Record<DriverStateKind, string> = {
  attentive: 'attentive',
  longDistraction: 'LONG DISTRACTION',
  shortDistraction: 'SHORT DISTRACTION',
  phoneUse: 'PHONE USE',
  microsleep: 'MICROSLEEP',
  sleep: 'SLEEP',
  unresponsive: 'UNRESPONSIVE',
  drowsy: 'DROWSY',
  impairedUnknown: 'IMPAIRED',
  absent: 'absent',
  noFace: 'no face',
  calibrating: 'calibrating',
  unavailable: 'unavailable',
};

export function stateWord(state: DriverState): string {
  const detail = stateDetail(state);
  const word = stateWords[state.kind];
  return detail === null ? word : `${word} (${detail})`;
}

function stateDetail(state: DriverState): string | null {
  if (state.kind === 'unavailable') return state.reason;
  if (state.kind === 'calibrating') return `${state.percent} %`;
  if ('because' in state) return state.because;
  return 'movement' in state ? state.movement : null;
}

export function colouredState(state: DriverState): string {
  const word = stateWord(state);
  switch (state.kind) {
    case 'attentive':
      return pc.green(word);
    case 'microsleep':
    case 'sleep':
    case 'unresponsive':
      return pc.bold(pc.red(word));
    case 'longDistraction':
    case 'shortDistraction':
    case 'phoneUse':
    case 'drowsy':
    case 'impairedUnknown':
      return pc.yellow(word);
    case 'absent':
    case 'noFace':
    case 'calibrating':
    case 'unavailable':
      return pc.dim(word);
  }
}

/** A measured value as text, or a dash. */
export function shown<T>(measured: Measured<T> | undefined, text: (value: T) => string): string {
  return measured?.quality === 'valid' ? text(measured.value) : '-';
}

export function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}

/** One line for an event worth a person's attention; undefined for the others. */
export function eventLine(output: DriverOutput): string | undefined {
  const at = pc.dim(driveTime(output.t));
  switch (output.kind) {
    case 'blink':
      return `${at}  blink            ${Math.round(output.blink.durationMs)} ms`;
    case 'closure':
      return `${at}  ${pc.bold('eyes reopened')}    after ${seconds(output.closure.durationMs)} (closed at ${driveTime(output.closure.startMs)})`;
    case 'stateChanged':
      return `${at}  state            ${colouredState(output.state)}`;
    case 'alertStarted': {
      const { alert } = output;
      const why = pc.dim(`${alert.policy.id}: ${alert.clause}`);
      return `${at}  ${pc.red(pc.bold(`ALERT ${alert.level}`.padEnd(16)))} ${alert.rule}: ${firedBy(alert)}\n${' '.repeat(26)}${why}`;
    }
    case 'alertChanged':
      return `${at}  alert ${output.change.padEnd(10)} ${output.alert.rule} (${output.alert.level}: ${output.alert.modalities.join(', ')})`;
    case 'suggestion':
      return `${at}  suggestion       take a break (${output.because.rule})`;
    case 'enabledChanged':
      return `${at}  prompts ${output.enabled ? 'on ' : 'off'}      by the ${output.because}`;
    case 'policyChanged':
      return `${at}  policy           ${output.policies.map(({ id }) => id).join(' and ')}`;
    case 'policyRefused':
      return `${at}  ${pc.yellow('policy refused')}   ${output.detail}`;
    case 'alertEnded':
      return `${at}  alert over       ${output.alert.rule} (${output.reason})`;
    case 'clockRestarted':
      return `${at}  ${pc.yellow('clock restarted')}  time went back from ${driveTime(output.lastT)}; everything learnt was forgotten`;
    case 'inputRejected':
      return `${at}  ${pc.yellow('input rejected')}   ${output.input}: ${output.reason}`;
    case 'measures':
      return undefined;
  }
}

/** The measured values that belong to the alert's rule, in words. */
export function firedBy(alert: Alert): string {
  const { closureMs, awayMs, cumulativeAwayMs, phoneMs, perclos, kssEstimate, speedKmh, unmeasuredMs } =
    alert.measured;
  const speed = speedKmh == null ? 'speed unknown' : `${speedKmh.toFixed(0)} km/h`;
  switch (alert.rule) {
    case 'microsleep':
    case 'sleep':
      return `eyes closed for ${seconds(closureMs ?? 0)} at ${speed}`;
    case 'longDistraction':
      return `looking away for ${seconds(awayMs ?? 0)} at ${speed}`;
    case 'shortDistraction':
      return `looking away for ${seconds(cumulativeAwayMs ?? 0)} in 30 s at ${speed}`;
    case 'phoneUse':
      return `phone for ${seconds(phoneMs ?? 0)}, looking away for ${seconds(awayMs ?? 0)} at ${speed}`;
    case 'unresponsive':
    case 'awareness':
      return `eyes closed for ${seconds(closureMs ?? 0)}, looking away for ${seconds(awayMs ?? 0)} at ${speed}`;
    case 'drowsy':
    case 'impairedUnknown': {
      const kss = kssEstimate == null ? '' : `, KSS estimate ${kssEstimate.toFixed(1)}`;
      return `PERCLOS ${percent(perclos ?? 0)}${kss} at ${speed}`;
    }
    case 'notFunctional':
      return `driver not measurable for ${seconds(unmeasuredMs ?? 0)} at ${speed}`;
  }
}
