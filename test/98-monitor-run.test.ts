import { PassThrough } from 'node:stream';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { BehaviorSubject, Subject } from 'rxjs';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { parseDbc } from '../src/can/dbc-parser.js';
import type { CanFrames } from '../src/can/frames.js';
import type { BusState, CanBus } from '../src/can/live/can-bus.js';
import { joinDatabases } from '../src/cli/monitor/databases.js';
import { liveSource } from '../src/cli/monitor/live-source.js';
import { Player } from '../src/cli/monitor/player.js';
import { monitor } from '../src/cli/monitor/run.js';
import { Screen, redrawMs } from '../src/cli/monitor/screen.js';
import type { Snapshot } from '../src/cli/monitor/snapshot.js';
import { database, framesOf, text, type Row } from './98-support.js';

describe('the player', () => {
  const log = (times: readonly number[]): AsyncIterable<CanFrames> => ({
    async *[Symbol.asyncIterator]() {
      await Promise.resolve();
      yield framesOf(times.map((t): Row => [t, 1, [0]]));
    },
  });

  async function play(times: readonly number[], speed: number): Promise<number[]> {
    let now = 0;
    const wait = (ms: number): Promise<void> => {
      now += ms;
      return Promise.resolve();
    };
    const player = new Player(speed, { now: () => now }, wait);
    const at: number[] = [];
    const take = (_frames: CanFrames, from: number, to: number): void => {
      for (let i = from; i < to; i++) at.push(now);
    };
    await player.play(log(times), take, new AbortController().signal);
    return at;
  }

  it('hands frames on when they are due, at any speed, and never early', async () => {
    const times = [1000, 1010, 1500, 1500.1, 3000];
    for (const speed of [1, 2, 0.5]) {
      const at = await play(times, speed);
      times.forEach((t, i) => {
        const due = (t - times[0]) / speed;
        expect(at[i]).toBeGreaterThanOrEqual(due - 1e-9);
        expect(at[i]).toBeLessThanOrEqual(due + 21);
      });
    }
    expect(await play(times, Infinity)).toEqual([0, 0, 0, 0, 0]);
  });

  it('jumps over long holes, and follows a clock that went back', async () => {
    expect((await play([0, 100, 3_600_000, 3_600_100], 1)).at(-1)).toBeLessThan(300);
    expect((await play([5000, 100, 200], 1)).at(-1)).toBeLessThan(200);
  });

  it('holds a log while paused', async () => {
    const stop = new AbortController();
    let now = 0;
    let taken = 0;
    const player = new Player(1, { now: () => now }, (ms) => {
      now += ms;
      return new Promise((resolve) => setImmediate(resolve));
    });
    player.paused = true;
    const playing = player.play(log([0, 1, 2]), (_frames, from, to) => (taken += to - from), stop.signal);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(taken).toBe(0);
    player.paused = false;
    await playing;
    expect(taken).toBe(3);
  });
});

describe('the screen', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it('redraws at most 20 times a second, and only what changed', () => {
    vi.useFakeTimers();
    const written: string[] = [];
    const terminal = Object.assign(new PassThrough(), { columns: 80, rows: 3 });
    terminal.on('data', (chunk: Buffer) => written.push(chunk.toString()));
    let count = 0;
    const screen = new Screen(terminal, { now: () => Date.now() }, () => ['same', `count ${(count += 1)}`]);
    for (let ms = 0; ms < 990; ms += 1) {
      screen.invalidate();
      vi.advanceTimersByTime(1);
    }
    screen.close();
    expect(screen.redraws).toBeLessThanOrEqual(1000 / redrawMs);
    expect(screen.redraws).toBeGreaterThan(15);
    const all = written.join('');
    expect(all.match(/same/g)).toHaveLength(1);
    expect(all.endsWith('\u001b[?1049l')).toBe(true);
  });

  it('waits for a terminal that is slow', () => {
    const terminal = Object.assign(new PassThrough({ highWaterMark: 8 }), { columns: 80, rows: 3 });
    let now = 0;
    const screen = new Screen(terminal, { now: () => (now += 100) }, () => [`t ${now}`]);
    for (let i = 0; i < 50; i++) screen.invalidate();
    expect(screen.redraws).toBe(1);
    terminal.resume();
    screen.close();
  });
});

describe('vigil monitor', () => {
  const folder = mkdtempSync(join(tmpdir(), 'vigil-monitor-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const dbc = join(folder, 'test.dbc');
  writeFileSync(dbc, text);
  const log = join(folder, 'drive.log');
  const lines = Array.from({ length: 100 }, (_, i) => {
    const stamp = (1_600_000_000 + i * 0.01).toFixed(6);
    return `(${stamp}) can0 025#00${i.toString(16).padStart(2, '0')}100070000000\n`;
  });
  writeFileSync(log, lines.join(''));

  function streams(isTTY: boolean) {
    const input = Object.assign(new PassThrough(), { isTTY, setRawMode: vi.fn() });
    const output = Object.assign(new PassThrough(), { isTTY, columns: 80, rows: 12 });
    const notes = new PassThrough();
    let out = '';
    let err = '';
    output.on('data', (chunk: Buffer) => (out += chunk.toString()));
    notes.on('data', (chunk: Buffer) => (err += chunk.toString()));
    return { input, output, notes, out: () => out, err: () => err };
  }
  const options = { source: log, title: 'drive.log', dbc: [dbc], filter: '', json: false };

  it('prints the table at the end where nobody watches', async () => {
    const io = streams(false);
    expect(await monitor(options, io)).toBe(0);
    expect(io.out()).toMatch(/025 {11}100 {3}100\.0 {2}00 63 10 00 70 00 00 00 {2}STEER/);
    expect(io.out()).toContain('ANGLE 148.5 deg');
    expect(io.out()).toMatch(/100 frames, 1 rows, 1\.0 s\n$/);
    expect(io.out()).not.toContain('\u001b[?1049h');
  });

  it('prints one JSON object', async () => {
    const io = streams(false);
    expect(await monitor({ ...options, json: true }, io)).toBe(0);
    const snapshot = JSON.parse(io.out()) as Snapshot;
    expect(snapshot).toMatchObject({ start: '2020-09-13T12:26:40.000Z', frames: 100, duration: 0.99 });
    expect(snapshot.rows).toHaveLength(1);
    expect(snapshot.rows[0]).toMatchObject({
      id: 37,
      count: 100,
      t: 0.99,
      message: 'STEER',
      data: '0063100070000000',
    });
    expect(snapshot.rows[0].signals['ANGLE']).toEqual({ value: 148.5, unit: 'deg' });
    expect(snapshot.rows[0].rateHz).toBeCloseTo(100, 3);
  });

  it('ends with exit code 3 and says why when the log is cut off', async () => {
    const cut = join(folder, 'cut.log');
    writeFileSync(cut, lines.join('').slice(0, -5));
    const io = streams(false);
    expect(await monitor({ ...options, source: cut }, io)).toBe(3);
    expect(io.err()).toContain('ends in the middle');
    expect(io.out()).toContain('99 frames');
  });

  it('obeys the keyboard and restores the terminal', async () => {
    const io = streams(true);
    const watching = monitor({ ...options, speed: 10 }, io);
    await vi.waitFor(() => expect(stripVTControlCharacters(io.out())).toContain('ended'), {
      timeout: 10_000,
    });
    io.input.write('/rate\r');
    await vi.waitFor(() => expect(io.out()).toContain('/rate/'));
    io.input.write('q');
    expect(await watching).toBe(0);
    expect(io.input.setRawMode.mock.calls).toEqual([[true], [false]]);
    expect(io.out()).toContain('\u001b[?1049h');
    expect(io.out()).toMatch(/\u001b\[\?1049l100 frames, 1 rows, 1\.0 s\n$/);
  });

  it('takes the last database where two know an identifier, and says so', () => {
    const other = parseDbc(text.replace('STEER', 'WHEEL'), 'other.dbc').database;
    const joined = joinDatabases([database, other]);
    expect(joined.find(37, false)?.name).toBe('WHEEL');
    expect(joined.notes.find((note) => note.startsWith('WHEEL'))).toBe(
      'WHEEL (25): taken from other.dbc, not from test.dbc',
    );
  });
});

describe('a live bus', () => {
  const counters = {
    received: 0,
    filtered: 0,
    dropped: 0,
    kernelDropped: 3,
    malformed: 0,
    errorFrames: 0,
    busOffs: 0,
    linkDowns: 0,
    lastRxAgeMs: 0,
  };

  function fakeBus() {
    const frames$ = new Subject<CanFrames>();
    const state$ = new BehaviorSubject<BusState>({ kind: 'up', controller: 'active' });
    const close = vi.fn(() => Promise.resolve());
    const bus: CanBus = {
      address: 'socketcan:can0',
      frames$,
      state$,
      counters: () => counters,
      setFilter: () => undefined,
      send: () => Promise.reject(new Error('not in this test')),
      startCyclic: () => {
        throw new Error('not in this test');
      },
      close,
    };
    return { bus, frames$, state$, close };
  }

  it('hands its frames on until it is stopped, and tells what was lost', async () => {
    const { bus, frames$, state$, close } = fakeBus();
    const stop = new AbortController();
    const source = liveSource(bus, stop.signal);
    const taken: number[] = [];
    const taking = (async () => {
      for await (const frames of source.frames) taken.push(frames.count);
    })();
    await new Promise((resolve) => setImmediate(resolve));
    frames$.next(framesOf([[0, 1, [0]]]));
    frames$.next(
      framesOf([
        [1, 1, [0]],
        [2, 1, [0]],
      ]),
    );
    await new Promise((resolve) => setImmediate(resolve));
    expect(source.state?.()).toBe('live');
    state$.next({ kind: 'up', controller: 'passive' });
    expect(source.state?.()).toBe('live, error passive');
    state$.next({ kind: 'down', reason: 'interface-down' });
    expect(source.state?.()).toBe('interface-down');
    stop.abort();
    await taking;
    expect(taken).toEqual([1, 2]);
    expect(source.problems()).toEqual([
      'socketcan:can0: 3 frames were lost because they were not taken in time',
    ]);
    await source.close();
    expect(close).toHaveBeenCalledOnce();
  });
});
