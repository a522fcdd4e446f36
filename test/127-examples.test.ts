import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DriveFeeder } from '../hil/feed/drive-feeder.js';
import { openRecording } from '../hil/recording/reader.js';
import { monotonicClock } from '../src/runtime/clock.js';
import { packageRoot } from '../src/runtime/paths.js';
import { runProgram } from './10-support.js';

// The examples as an embedder runs them: in a project of their own that has this package.
const project = mkdtempSync(join(tmpdir(), 'vigil-examples-'));
beforeAll(() => {
  mkdirSync(join(project, 'node_modules'));
  symlinkSync(packageRoot, join(project, 'node_modules', 'vigil'));
  cpSync(join(packageRoot, 'examples'), project, { recursive: true });
});
afterAll(() => rmSync(project, { recursive: true, force: true }));

async function example(file: string, ...args: string[]): Promise<string> {
  const result = await runProgram(process.execPath, [file, ...args], { cwd: project, timeoutMs: 50_000 });
  expect(result.code, result.stdout + result.stderr).toBe(0);
  return result.stdout;
}

describe('examples', () => {
  it('minimal: states and values of a drive that comes through sockets', async () => {
    const anyPort = { kind: 'tcp', host: '127.0.0.1', port: 0 } as const;
    const feeder = await DriveFeeder.listen({ camera: anyPort, can: anyPort }, monotonicClock);
    const stop = new AbortController();
    const running = example(
      'minimal.mjs',
      feeder.camera!.address,
      feeder.can!.address.replace('tcp:', 'slcan:'),
      '8',
    ).finally(() => stop.abort());
    const recording = await openRecording(join(packageRoot, 'test', 'fixtures', 'face', 'drive.mcap'));
    const window = { speed: 1, fromMs: recording.startMs, toMs: recording.endMs };
    while (!stop.signal.aborted) await feeder.play(recording, window, stop.signal);
    await recording.close();
    await feeder.close();
    const printed = await running;
    expect(printed).toMatch(/^state \w+$/m);
    expect(printed).toMatch(/^speed valid$/m);
  }, 60_000);

  it('kiosk: CommonJS, an actuator of the host, and a refusal with its reason', async () => {
    expect(await example('kiosk.cjs')).toMatch(/^seat heating 100 %$/m);
    const refused = await example('kiosk.cjs', 'open my window');
    expect(refused).toMatch(/says I cannot open .* because I do not know how fast we are/);
  }, 60_000);

  it('bench: a log against a database', async () => {
    writeFileSync(
      join(project, 'a.dbc'),
      'BO_ 291 Motion: 2 X\n SG_ Speed : 0|16@1+ (0.5,0) [0|0] "km/h" X\n',
    );
    writeFileSync(join(project, 'a.log'), '(1.0) can0 123#0A00\n(1.1) can0 124#00\n(1.2) can0 123#0C00\n');
    expect(JSON.parse(await example('bench.mjs', 'a.log', 'a.dbc'))).toEqual({ frames: 3, decoded: 2 });
  }, 60_000);
});
