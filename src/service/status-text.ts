import { budgets, type BudgetedStage } from '../runtime/budgets.js';
import type { SourceState } from '../runtime/sources/source-state.js';
import type { ServiceStatus } from './service.js';

/** A status for people: a line a part, and what is out of its budget marked. */
export function statusText({ state, uptimeMs, restarts, driver }: ServiceStatus): string {
  const lines = [
    `service    ${state.kind}${state.kind === 'restarting' ? `: ${state.reason.split('\n')[0]}` : ''}, for ${duration(uptimeMs)}, ${restarts} restarts`,
  ];
  if (driver === null) return [...lines, 'driver     does not answer', ''].join('\n');
  lines.push(`policies   ${driver.policies.join(', ')}`);
  const { camera, can, heartbeat } = driver;
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
  return `${lines.join('\n')}\n`;
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
