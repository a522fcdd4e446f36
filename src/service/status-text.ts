import { budgets, type BudgetedStage } from '../runtime/budgets.js';
import type { SourceState } from '../runtime/sources/source-state.js';
import type { AssistantStatus } from './assistant/protocol.js';
import type { DriverStatus } from './driver/status.js';
import type { PartStatus, ServiceStatus } from './service.js';

/** A status for people: a line a part, and what is out of its budget marked. */
export function statusText({ uptimeMs, driver: part, assistant }: ServiceStatus): string {
  const lines = [
    `service    for ${duration(uptimeMs)}`,
    `driver     ${partText(part)}`,
    ...(part.status === null ? [] : driverLines(part.status)),
    ...(assistant === null ? ['assistant  none configured'] : assistantLines(assistant)),
  ];
  return `${lines.join('\n')}\n`;
}

function partText({ state, restarts, status }: PartStatus<unknown>): string {
  if (state.kind === 'restarting') return `restarting: ${state.reason.split('\n')[0]}`;
  const answers = status === null && state.kind === 'running' ? ', does not answer' : '';
  return `${state.kind}${answers}, ${restarts} restarts`;
}

function assistantLines(part: PartStatus<AssistantStatus>): string[] {
  const { status } = part;
  return [
    `assistant  ${partText(part)}${status === null ? '' : `, ${status.phase}`}`,
    ...(status?.microphones ?? []).map(
      ({ zone, address, state, counters }) =>
        `microphone ${zone} ${address}: ${stateText(state)}; ${counters.samples} samples, ${counters.losses} losses`,
    ),
  ];
}

function driverLines(driver: DriverStatus): string[] {
  const lines: string[] = [];
  lines.push(`policies   ${driver.policies.join(', ')}`);
  const { camera, can, recorder, heartbeat } = driver;
  if (camera === null) lines.push('camera     none configured');
  else {
    lines.push(
      `camera     ${camera.address}: ${stateText(camera.state)}; ${camera.received} frames, ${camera.dropped} dropped, ${camera.losses} losses`,
      `           frame to observation p50 ${ms(camera.latency.p50Ms)}, p99 ${ms(camera.latency.p99Ms)}; turned down: ${camera.loadStep === 'full' ? 'nothing' : camera.loadStep}`,
    );
  }
  if (can.length === 0) lines.push('can        none configured');
  for (const { address, state: bus, counters } of can)
    lines.push(`can        ${address}: ${stateText(bus)}; ${counters?.received ?? 0} frames`);
  if (recorder !== null) {
    const { state, reason, file, written, dropped } = recorder;
    lines.push(
      `recorder   ${state}${reason === '' ? ` ${file}` : `: ${reason}`}; ${written} written, ${dropped} dropped`,
    );
  }
  lines.push(
    `heartbeat  ${heartbeat.beats} beats, ${heartbeat.stalls} stalls, last sign of life ${ms(heartbeat.ageMs)} ago`,
  );
  for (const [name, latency] of Object.entries(driver.stages)) {
    if (latency.count === 0) continue;
    const { p99Ms, maxMs } = budgets[name as BudgetedStage];
    const isOver = latency.p99Ms > p99Ms || latency.maxMs > maxMs;
    lines.push(
      `${name.padEnd(14)} p50 ${ms(latency.p50Ms)}, p99 ${ms(latency.p99Ms)} of ${ms(p99Ms)}, longest ${ms(latency.maxMs)} of ${ms(maxMs)}${isOver ? '  over its budget' : ''}`,
    );
  }
  return lines;
}

function stateText(state: SourceState): string {
  return state.kind === 'down' ? `down (${state.reason})` : state.kind;
}

function ms(value: number): string {
  return `${value.toFixed(value < 10 ? 2 : 0)} ms`;
}

function duration(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000);
  return seconds < 120 ? `${seconds} s` : `${Math.floor(seconds / 60)} min`;
}
