import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { filter, firstValueFrom, take, timeout, toArray } from 'rxjs';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { chunksOf } from '../src/audio/chunks.js';
import { openMicrophone } from '../src/audio/open-microphone.js';
import { arecord, PcmProgram, pwRecord } from '../src/audio/pcm-program.js';
import { PcmReader } from '../src/audio/pcm-reader.js';
import { PcmSocket } from '../src/audio/pcm-socket.js';
import type { PcmSource } from '../src/audio/pcm-source.js';
import type { PcmChunk } from '../src/audio/pcm.js';
import { levelDb } from '../src/audio/pcm.js';
import { monotonicClock } from '../src/runtime/clock.js';
import { thrownBy } from './50-support.js';

const directory = mkdtempSync(join(tmpdir(), 'vigil-microphones-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
const opened: PcmSource[] = [];
afterEach(() => {
  for (const source of opened.splice(0)) source.close();
});
function keep<T extends PcmSource>(source: T): T {
  opened.push(source);
  return source;
}

const state = (source: PcmSource, kind: string): Promise<unknown> =>
  firstValueFrom(
    source.state$.pipe(
      filter((now) => now.kind === kind),
      timeout(8000),
    ),
  );
const chunks = (source: PcmSource, count: number): Promise<PcmChunk[]> =>
  firstValueFrom(source.chunks$.pipe(take(count), toArray(), timeout(8000)));

/** A program of our own in place of a recorder. */
const script = (code: string) => ({ command: process.execPath, arguments: ['-e', code] });
const speaks = 'setInterval(() => process.stdout.write(Buffer.alloc(640, 1)), 20);';

describe('raw samples', () => {
  it('come out the same however the bytes are cut', () => {
    const values = fc.array(fc.integer({ min: -32_768, max: 32_767 }), { minLength: 2, maxLength: 200 });
    fc.assert(
      fc.property(values, fc.array(fc.integer({ min: 1, max: 37 }), { minLength: 1 }), (samples, cuts) => {
        const bytes = Buffer.alloc(2 * samples.length);
        samples.forEach((sample, i) => bytes.writeInt16LE(sample, 2 * i));
        const out: number[] = [];
        let lastEnd = -Infinity;
        const reader = new PcmReader({ rate: 16_000, channels: 1 }, ({ t, samples: some }) => {
          expect(t).toBeGreaterThanOrEqual(lastEnd - 1);
          lastEnd = t + some.length / 16;
          out.push(...some);
        });
        for (let at = 0, i = 0; at < bytes.length; i++) {
          const cut = cuts[i % cuts.length];
          reader.read(bytes.subarray(at, at + cut), at / 32);
          at += cut;
        }
        expect(out).toEqual(samples.map((sample) => Math.fround(sample / 32_768)));
      }),
    );
  });

  it('have their channels averaged and end when they arrived', () => {
    const got: PcmChunk[] = [];
    const reader = new PcmReader({ rate: 8000, channels: 2 }, (chunk) => got.push(chunk));
    const bytes = Buffer.alloc(16);
    [16_384, 0, -16_384, 0, 8192, 8192, 0, 0].forEach((value, i) => bytes.writeInt16LE(value, 2 * i));
    reader.read(bytes, 1000);
    expect([...got[0].samples]).toEqual([0.25, -0.25, 0.25, 0]);
    expect(got[0].t).toBe(999.5);
    expect(thrownBy(() => new PcmReader({ rate: 100, channels: 1 }, () => undefined))).toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
  });

  it('have a level', () => {
    expect(levelDb(Float32Array.of(0.5, -0.5))).toBeCloseTo(-6.02, 2);
    expect(levelDb(new Float32Array(10))).toBe(-100);
    expect(levelDb(new Float32Array(0))).toBe(-100);
  });

  it('of a recording are cut as a microphone does', () => {
    const recording = { rate: 8000, samples: Float32Array.from({ length: 401 }, (_, i) => i) };
    const cut = [...chunksOf(recording, 50)];
    expect(cut.map(({ t, samples }) => [t, samples.length])).toEqual([
      [50, 160],
      [70, 160],
      [90, 81],
    ]);
  });
});

describe('a microphone behind a program', () => {
  it('delivers what the program writes', async () => {
    const source = keep(new PcmProgram('test', script(speaks), monotonicClock));
    const got = await chunks(source, 3);
    expect(got.every(({ samples }) => samples[0] === 257 / 32_768)).toBe(true);
    expect(got[1].t).toBeGreaterThan(got[0].t);
    expect(source.counters()).toMatchObject({ losses: 0 });
    await state(source, 'up');
  });

  it('is started again when it ends, and says why', async () => {
    const code = 'process.stdout.write(Buffer.alloc(640)); console.error("no card 7"); process.exitCode = 3;';
    const source = keep(new PcmProgram('test', script(code), monotonicClock));
    const ends = source.state$.pipe(
      filter(({ kind }) => kind === 'down'),
      take(2),
      toArray(),
      timeout(8000),
    );
    expect(await firstValueFrom(ends)).toEqual([
      { kind: 'down', reason: `${process.execPath} ended with exit code 3: no card 7` },
      { kind: 'down', reason: `${process.execPath} ended with exit code 3: no card 7` },
    ]);
    expect(source.counters().losses).toBe(2);
  });

  it('that is not installed is said to be', async () => {
    const source = keep(
      new PcmProgram('test', { command: 'no-such-recorder', arguments: [] }, monotonicClock),
    );
    expect(await state(source, 'down')).toEqual({
      kind: 'down',
      reason: 'no-such-recorder is not installed',
    });
  });

  it('that falls silent is ended', async () => {
    const source = keep(new PcmProgram('test', script('setInterval(() => 0, 1000);'), monotonicClock));
    expect(await state(source, 'down')).toMatchObject({
      reason: expect.stringMatching(/sent nothing for 2 s/) as string,
    });
  });

  it('is over when it is closed', async () => {
    const source = keep(new PcmProgram('test', script(speaks), monotonicClock));
    await chunks(source, 1);
    const states = firstValueFrom(source.state$.pipe(toArray(), timeout(8000)));
    source.close();
    source.close();
    expect((await states).at(-1)).toEqual({ kind: 'closed' });
  });

  it('is called as its manual says', () => {
    expect(arecord('hw:1').arguments.join(' ')).toContain('-t raw -f S16_LE -r 16000 -c 1');
    expect(pwRecord('').arguments).not.toContain('--target');
    expect(pwRecord('mic').arguments.slice(0, 2)).toEqual(['--target', 'mic']);
  });
});

describe('a microphone behind a socket', () => {
  let server: Server | undefined;
  afterEach(() => server?.close());

  const listen = (path: string, onConnection: (socket: Socket) => void): Promise<void> =>
    new Promise((resolve) => {
      server = createServer(onConnection).listen(path, resolve);
    });

  it('delivers, and comes back with a clock of its own', async () => {
    const path = join(directory, 'microphone');
    let connections = 0;
    await listen(path, (socket) => {
      connections += 1;
      socket.write(Buffer.alloc(3200, connections));
      if (connections === 1) setTimeout(() => socket.destroy(), 50);
    });
    const source = keep(new PcmSocket(`unix:${path}`, monotonicClock));
    const got = await chunks(source, 2);
    expect(got.map(({ samples }) => samples[0])).toEqual([257 / 32_768, 514 / 32_768]);
    expect(got[1].t).toBeGreaterThan(got[0].t + 100);
    expect(source.counters()).toEqual({ chunks: 2, samples: 3200, losses: 1 });
  });
});

describe('openMicrophone', () => {
  it.each(['alsa:no-such-card', 'pipewire', 'unix:/nowhere', 'tcp://127.0.0.1:9'])('knows %s', (address) => {
    expect(keep(openMicrophone(address, monotonicClock)).address).toBe(address);
  });

  it('names an address that it does not know', () => {
    expect(thrownBy(() => openMicrophone('mic', monotonicClock))).toMatchObject({ code: 'INVALID_ARGUMENT' });
  });
});
