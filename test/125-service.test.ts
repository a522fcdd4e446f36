import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { filter, firstValueFrom, map, timeout, toArray } from 'rxjs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { monotonicClock } from '../src/runtime/clock.js';
import { packageRoot } from '../src/runtime/paths.js';
import { parseConfig } from '../src/service/config/load.js';
import { askLocal } from '../src/service/local-server.js';
import type * as serviceModule from '../src/service/service.js';
import { openRecording } from '../hil/recording/reader.js';
import { DriveFeeder } from '../hil/feed/drive-feeder.js';

// Threads are started from the compiled files.
const { VigilService } = (await import(
  new URL('../dist/src/service/service.js', import.meta.url).href
)) as typeof serviceModule;

const fixture = join(packageRoot, 'test', 'fixtures', 'face', 'drive.mcap');
const directory = mkdtempSync(join(tmpdir(), 'vigil-service-'));
const anyPort = { kind: 'tcp', host: '127.0.0.1', port: 0 } as const;
const generous = 60_000;

let feeder: DriveFeeder;
beforeAll(async () => {
  feeder = await DriveFeeder.listen({ camera: anyPort, can: anyPort }, monotonicClock);
});
afterAll(async () => {
  await feeder.close();
  rmSync(directory, { recursive: true, force: true });
});

function configText(): string {
  const can = feeder.can!.address.replace('tcp:', 'slcan:');
  return `can: [{ address: "${can}", mapping: vigil-demo }]\ncamera: { source: "${feeder.camera!.address}" }\n`;
}

async function play(): Promise<void> {
  const recording = await openRecording(fixture);
  const window = { speed: 1, fromMs: recording.startMs, toMs: recording.endMs };
  await feeder.play(recording, window, new AbortController().signal);
  await recording.close();
}

async function connected(): Promise<void> {
  while (feeder.camera!.connected === 0 || feeder.can!.connected === 0) await sleep(20);
}

describe('the service', () => {
  let service: serviceModule.VigilService | undefined;
  afterEach(async () => {
    await service?.close();
    service = undefined;
  });

  it(
    'sees through sockets what a replay sees, and says that the camera went away',
    async () => {
      service = await VigilService.start(parseConfig(configText()));
      const states = firstValueFrom(
        service.outputs$.pipe(
          filter((output) => output.kind === 'stateChanged'),
          map(({ state }) => (state.kind === 'unavailable' ? state.reason : state.kind)),
          toArray(),
        ),
      );
      await connected();
      await play();
      await sleep(300);
      const { store } = service;
      expect(store.get('Vehicle.Speed').source).toBe('can:vigil-demo');
      const status = await service.status();
      expect(status.driver).toMatchObject({ state: { kind: 'running' }, restarts: 0 });
      expect(status.driver.status?.camera?.received).toBe(120);
      expect(status.driver.status?.can[0].counters?.received).toBeGreaterThan(100);
      expect(status.driver.status?.heartbeat.beats).toBeGreaterThan(20);
      const gone = firstValueFrom(
        service.outputs$.pipe(
          filter((output) => output.kind === 'stateChanged' && output.state.kind === 'unavailable'),
          timeout(10_000),
        ),
      );
      feeder.camera!.disconnect();
      await gone;
      await service.close();
      expect(await states).toContain('cameraDisconnected');
      expect(store.get('Vehicle.Speed').quality, 'nothing stays valid when nobody measures').toBe(
        'unavailable',
      );
    },
    generous,
  );

  it(
    'takes other policies while running and says what only a restart brings',
    async () => {
      service = await VigilService.start(parseConfig(configText()));
      const changed = parseConfig(
        `${configText()}driver: { policy: [eu-ddaw-2021-1341], cpu: 0 }\nlog: { level: debug }\n`,
      );
      expect(await service.reload(changed)).toEqual({
        live: ['driver.policy', 'log.level'],
        afterRestart: ['driver.cpu'],
      });
      expect((await service.status()).driver.status?.policies).toEqual(['eu-ddaw-2021-1341']);
      const wrong = parseConfig(`${configText()}driver: { policy: [none] }`);
      await expect(service.reload(wrong)).rejects.toMatchObject({ code: 'POLICY_UNREADABLE' });
      expect((await service.status()).driver.status?.policies).toEqual(['eu-ddaw-2021-1341']);
    },
    generous,
  );

  it(
    'does not start with what no waiting repairs',
    async () => {
      const config = parseConfig('driver: { cabin: spaceship }');
      await expect(VigilService.start(config)).rejects.toMatchObject({ code: 'CABIN_UNREADABLE' });
    },
    generous,
  );
});

describe('vigil run', () => {
  const socket = join(directory, 'control.sock');
  const file = join(directory, 'vigil.yaml');
  const command = join(packageRoot, 'dist', 'src', 'cli', 'main.js');
  let child: ChildProcess | undefined;
  afterEach(() => child?.kill('SIGKILL'));

  async function start(): Promise<{ output: () => string; ended: Promise<number | null> }> {
    writeFileSync(file, `${configText()}controlSocket: ${socket}\n`);
    let text = '';
    child = spawn(process.execPath, [command, 'run', '--config', file], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout?.on('data', (bytes: Buffer) => (text += bytes.toString()));
    child.stderr?.on('data', (bytes: Buffer) => (text += bytes.toString()));
    const ended = new Promise<number | null>((resolve) => child?.once('exit', resolve));
    const deadline = Date.now() + 30_000;
    while (!text.includes('watching') && Date.now() < deadline) await sleep(50);
    return { output: () => text, ended };
  }

  it(
    'answers vigil status, ends on SIGTERM, and starts again at once after SIGKILL',
    async () => {
      const first = await start();
      expect(first.output()).toContain('watching');
      const status = JSON.parse(await askLocal(socket, '/status')) as serviceModule.ServiceStatus;
      expect(status.driver.status?.camera?.address).toBe(feeder.camera!.address);
      expect(await askLocal(socket, '/metrics')).toMatch(/^vigil_up 1$/m);
      await expect(askLocal(socket, '/nothing')).rejects.toMatchObject({ code: 'SERVICE_REFUSED' });
      child?.kill('SIGKILL');
      await first.ended;

      const second = await start();
      expect(second.output(), 'the dead one left its socket behind').toContain('watching');
      child?.kill('SIGTERM');
      expect(await second.ended).toBe(0);
      await expect(askLocal(socket, '/status')).rejects.toMatchObject({ code: 'SERVICE_NOT_RUNNING' });
    },
    generous,
  );
});
