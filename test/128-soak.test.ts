import { describe, expect, it } from 'vitest';
import type { Probe } from '../hil/soak/probe.js';
import { slope } from '../hil/soak/slope.js';
import { soakRows, warmUpMinutes } from '../hil/soak/verdict.js';
import type { ServiceStatus } from '../src/service/service.js';

const latency = { count: 10, p50Ms: 1, p90Ms: 1, p99Ms: 1, p999Ms: 1, maxMs: 1, meanMs: 1 };
const quiet = {
  uptimeMs: 0,
  assistant: null,
  driver: {
    state: { kind: 'running' },
    restarts: 0,
    status: {
      camera: { dropped: 0, latency },
      heartbeat: { stalls: 0 },
      stages: { 'vision.frame': latency, 'can.decode': { ...latency, count: 0 } },
    },
  },
} as unknown as ServiceStatus;

/** Two hours, a look a minute; memory fills caches for ten minutes and then grows by so much an hour. */
function probes(growth: number): Probe[] {
  return Array.from({ length: 121 }, (_, minutes) => ({
    minutes,
    residentMiB: 300 + 100 * Math.min(1, minutes / 10) + (growth * minutes) / 60,
    descriptors: 40,
    threads: 20,
    status: quiet,
  }));
}

describe('the verdict of a soak', () => {
  it('fits a line', () => {
    expect(slope([0, 1, 2], [5, 7, 9])).toBe(2);
    expect(slope([1], [1])).toBeNaN();
    expect(slope([1, 1], [1, 2])).toBeNaN();
  });

  it('leaves the warm-up out and sees a leak behind it', () => {
    expect(warmUpMinutes(120)).toBe(10);
    const failed = (list: readonly Probe[]): string[] =>
      soakRows(list)
        .filter(({ passed }) => !passed)
        .map(({ what }) => what);
    expect(failed(probes(0.5))).toEqual([]);
    expect(failed(probes(1.5))).toEqual(['memory grows by']);
    const leaking = probes(0).map((one) => ({ ...one, descriptors: 40 + Math.floor(one.minutes / 60) }));
    expect(failed(leaking)).toEqual(['descriptors differ by']);
  });

  it('judges only stages that ran', () => {
    const names = soakRows(probes(0)).map(({ what }) => what);
    expect(names).toContain('vision.frame p99');
    expect(names).not.toContain('can.decode p99');
  });
});
