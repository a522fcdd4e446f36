import { budgets, type BudgetedStage } from '../../src/runtime/budgets.js';
import { slope } from './slope.js';
import type { Probe } from './probe.js';

/** A line of the soak's table: what was measured against what may be. */
export interface SoakRow {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  readonly limit: number;
  readonly passed: boolean;
}

/** Growth while caches fill says nothing: the first tenth, at most ten minutes, is left out. */
export function warmUpMinutes(total: number): number {
  return Math.min(10, total / 10);
}

const memorySlopeLimit = 1;

/** What a soak of the demo drive has to keep: no growth, no drops, every stage in its budget. */
export function soakRows(probes: readonly Probe[]): SoakRow[] {
  const last = probes[probes.length - 1];
  const settled = probes.filter(({ minutes }) => minutes >= warmUpMinutes(last.minutes));
  const hours = settled.map(({ minutes }) => minutes / 60);
  const row = (what: string, value: number, unit: string, limit: number): SoakRow => ({
    what,
    value,
    unit,
    limit,
    passed: value <= limit,
  });
  const of = (values: (probe: Probe) => number): number[] => settled.map(values);
  const spread = (values: readonly number[]): number => Math.max(...values) - Math.min(...values);
  const { driver, assistant } = last.status;
  const status = driver.status;
  return [
    row(
      'memory grows by',
      slope(
        hours,
        of(({ residentMiB }) => residentMiB),
      ),
      'MiB/h',
      memorySlopeLimit,
    ),
    row('descriptors differ by', spread(of(({ descriptors }) => descriptors)), '', 0),
    row('threads differ by', spread(of(({ threads }) => threads)), '', 0),
    row('restarts', driver.restarts + (assistant?.restarts ?? 0), '', 0),
    row('pictures dropped', status?.camera?.dropped ?? Number.NaN, '', 0),
    row('heartbeat stalls', status?.heartbeat.stalls ?? Number.NaN, '', 0),
    ...Object.entries(status?.stages ?? {}).flatMap(([name, { count, p99Ms }]) =>
      count === 0 ? [] : [row(`${name} p99`, p99Ms, 'ms', budgets[name as BudgetedStage].p99Ms)],
    ),
    row('picture to observation p99', status?.camera?.latency.p99Ms ?? Number.NaN, 'ms', 50),
  ];
}
