import { readdirSync, readFileSync } from 'node:fs';
import type { ServiceStatus } from '../../src/service/service.js';

/** What one look at the running service found. */
export interface Probe {
  readonly minutes: number;
  readonly residentMiB: number;
  readonly descriptors: number;
  readonly threads: number;
  readonly status: ServiceStatus;
}

/** Of this process, in which the service runs. */
export function probe(minutes: number, status: ServiceStatus): Probe {
  const lines = readFileSync('/proc/self/status', 'utf8');
  const number = (key: string): number => Number(new RegExp(`^${key}:\\s+(\\d+)`, 'm').exec(lines)?.[1]);
  return {
    minutes,
    residentMiB: number('VmRSS') / 1024,
    descriptors: readdirSync('/proc/self/fd').length,
    threads: number('Threads'),
    status,
  };
}
