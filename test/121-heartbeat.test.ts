import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { Heartbeat } from '../src/runtime/heartbeat.js';
import { notifySystemd, systemdService } from '../src/runtime/system-notify.js';
import { thrownBy } from './50-support.js';

/** Keeps the JavaScript loop busy, as a graph that hangs does. */
function stall(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

describe('heartbeat', () => {
  it('beats while there are signs of life and is silent while the loop stalls', async () => {
    const heartbeat = new Heartbeat({ periodMs: 5, limitMs: 100 });
    try {
      for (let i = 0; i < 20; i++) {
        heartbeat.alive();
        await sleep(5);
      }
      const before = heartbeat.counters();
      expect(before.beats).toBeGreaterThan(0);
      expect(before.unsent, 'nobody is told by default').toBe(0);
      stall(400);
      const after = heartbeat.counters();
      expect(after.stalls).toBe(before.stalls + 1);
      expect(after.missed - before.missed).toBeGreaterThan(10);
      expect(after.ageMs).toBeGreaterThanOrEqual(400);
    } finally {
      heartbeat.close();
    }
  });

  it('counts beats that nobody takes', async () => {
    const heartbeat = new Heartbeat({ periodMs: 5, limitMs: 1000, unitSocket: '/nonexistent/vigil' });
    heartbeat.alive();
    await sleep(50);
    const { beats, unsent } = heartbeat.counters();
    expect(unsent).toBeGreaterThan(0);
    expect(unsent).toBeLessThanOrEqual(beats);
    heartbeat.close();
  });

  it('refuses a socket name that no system call takes, and reading after close', () => {
    expect(thrownBy(() => new Heartbeat({ unitSocket: `/${'x'.repeat(200)}` })).code).toBe(
      'INVALID_ARGUMENT',
    );
    const heartbeat = new Heartbeat();
    heartbeat.close();
    heartbeat.close();
    heartbeat.alive();
    expect(thrownBy(() => heartbeat.counters()).code).toBe('HEARTBEAT_CLOSED');
  });

  it('ends with its worker thread, closed or not', async () => {
    const code = `
      import(${JSON.stringify(new URL('../dist/src/runtime/heartbeat.js', import.meta.url).href)})
        .then(({ Heartbeat }) => new Heartbeat({ periodMs: 1 }).alive());`;
    const worker = new Worker(code, { eval: true });
    const exit = await new Promise((resolve, reject) => {
      worker.once('exit', resolve);
      worker.once('error', reject);
    });
    expect(exit).toBe(0);
  });
});

describe('systemd', () => {
  it('is told nothing where it did not start us', () => {
    const service = systemdService({}, 7);
    expect(service).toEqual({ notifySocket: null, watchdogMs: null });
    notifySystemd(service, 'READY=1');
  });

  it('asks for signs of life of this process only', () => {
    const environment = { NOTIFY_SOCKET: '@nobody', WATCHDOG_USEC: '2000000' };
    expect(systemdService(environment, 7)).toEqual({ notifySocket: '@nobody', watchdogMs: 2000 });
    expect(systemdService({ ...environment, WATCHDOG_PID: '7' }, 7).watchdogMs).toBe(2000);
    expect(systemdService({ ...environment, WATCHDOG_PID: '8' }, 7).watchdogMs).toBeNull();
  });

  it('is known to be gone', () => {
    const service = systemdService({ NOTIFY_SOCKET: '@vigil-nobody-listens' }, 7);
    expect(thrownBy(() => notifySystemd(service, 'READY=1')).code).toBe('SOCKET_UNREACHABLE');
  });
});
