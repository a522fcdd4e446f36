import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { DriveFeeder } from '../hil/feed/drive-feeder.js';
import { DriveFolder, driveName } from '../hil/live/drive-folder.js';
import { openRecording } from '../hil/recording/reader.js';
import { monotonicClock } from '../src/runtime/clock.js';
import { packageRoot } from '../src/runtime/paths.js';
import { parseConfig } from '../src/service/config/load.js';
import type * as serviceModule from '../src/service/service.js';

// Threads are started from the compiled files.
const { VigilService } = (await import(
  new URL('../dist/src/service/service.js', import.meta.url).href
)) as typeof serviceModule;

const directory = mkdtempSync(join(tmpdir(), 'vigil-live-recording-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
const anyPort = { kind: 'tcp', host: '127.0.0.1', port: 0 } as const;

describe('a folder of drives', () => {
  const kib = 1024;
  const filled = (name: string, files: readonly string[]): DriveFolder => {
    const path = join(directory, name);
    mkdirSync(path);
    for (const file of files) writeFileSync(join(path, file), Buffer.alloc(kib));
    return new DriveFolder(path, { maxGiB: (2.5 * kib) / 2 ** 30, minFreeGiB: 0 });
  };

  it('names drives by when they begin, and never one twice', () => {
    const wallMs = Date.UTC(2026, 10, 23, 4, 5, 6);
    expect(driveName(wallMs)).toBe('drive-20261123T040506.mcap');
    const folder = filled('names', [driveName(wallMs)]);
    expect(folder.newFile(wallMs)).toMatch(/drive-20261123T040506-2\.mcap$/);
  });

  it('loses its oldest drives beyond the limit, and nothing else', () => {
    const days = ['20260101', '20260102', '20260103', '20260104'].map((day) => `drive-${day}T000000.mcap`);
    const folder = filled('trim', [...days, 'notes.txt', 'drive-mine.mcap']);
    expect(folder.trim()).toBe(2);
    expect(readdirSync(folder.path).sort()).toEqual(
      [...days.slice(2), 'drive-mine.mcap', 'notes.txt'].sort(),
    );
    expect(folder.trim()).toBe(0);
  });

  it('keeps the newest even when it alone is too large', () => {
    const folder = filled('newest', ['drive-20260101T000000.mcap']);
    writeFileSync(join(folder.path, 'drive-20260101T000000.mcap'), Buffer.alloc(10 * kib));
    expect(folder.trim()).toBe(0);
  });

  it('is full before the disk is', () => {
    const { path } = filled('full', []);
    expect(new DriveFolder(path, { maxGiB: 1, minFreeGiB: 1e6 }).full()).toMatch(/free in/);
    expect(new DriveFolder(path, { maxGiB: 1, minFreeGiB: 0 }).full()).toBe('');
  });
});

describe('a recorded live drive', () => {
  it('holds every picture and frame that came, and what is needed to replay it', async () => {
    const folder = join(directory, 'drives');
    const feeder = await DriveFeeder.listen({ camera: anyPort, can: anyPort }, monotonicClock);
    const can = feeder.can!.address.replace('tcp:', 'slcan:');
    const service = await VigilService.start(
      parseConfig(
        `vehicle: bench car\ncan: [{ address: "${can}", mapping: vigil-demo }]\n` +
          `camera: { source: "${feeder.camera!.address}" }\nrecorder: { folder: "${folder}", minFreeGiB: 0 }\n`,
      ),
    );
    try {
      const isReady = async (): Promise<boolean> =>
        feeder.camera!.connected > 0 &&
        feeder.can!.connected > 0 &&
        (await service.status()).driver.status?.recorder?.state === 'recording';
      while (!(await isReady())) await sleep(50);
      const recording = await openRecording(join(packageRoot, 'test', 'fixtures', 'face', 'drive.mcap'));
      const window = { speed: 1, fromMs: recording.startMs, toMs: recording.endMs };
      await feeder.play(recording, window, new AbortController().signal);
      await recording.close();
      await sleep(300);
      expect((await service.status()).driver.status?.recorder).toMatchObject({ dropped: 0, deleted: 0 });
    } finally {
      await service.close();
      await feeder.close();
    }
    const [file] = readdirSync(folder);
    const made = await openRecording(join(folder, file));
    const { frames, canFrames } = feeder.counters();
    let seen = 0;
    let heard = 0;
    for await (const message of made.messages()) {
      if (message.kind === 'camera') seen += 1;
      else if (message.kind === 'can') heard += message.frames.count;
    }
    expect({ seen, heard }).toEqual({ seen: frames, heard: canFrames });
    expect(made.damaged).toBeNull();
    expect(made.metadata).toMatchObject({ vehicle: 'bench car', mapping: 'vigil-demo', origin: 'live' });
    expect((await made.dbc())?.name).toBe('vigil-demo.dbc');
    await made.close();
  }, 60_000);
});
