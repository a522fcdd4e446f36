import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { filter, firstValueFrom, take, timeout, toArray } from 'rxjs';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { CameraSocket } from '../src/camera/camera-socket.js';
import { encodePicture, PictureReader } from '../src/camera/picture-stream.js';
import { monotonicClock } from '../src/runtime/clock.js';
import { BackOff } from '../src/runtime/sources/back-off.js';
import { parseSocketEndpoint } from '../src/runtime/sources/endpoint.js';
import { SourceClock } from '../src/runtime/sources/source-clock.js';
import { thrownBy } from './50-support.js';

const directory = mkdtempSync(join(tmpdir(), 'vigil-sources-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const jpegOf = (...rest: number[]): Uint8Array => Uint8Array.of(0xff, 0xd8, 0xff, ...rest);

describe('the clock of a source', () => {
  it('never maps behind the arrival, and to within the least delay', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 80, noNaN: true }), { minLength: 1, maxLength: 200 }),
        fc.double({ min: -1e6, max: 1e6, noNaN: true }),
        (delays, offset) => {
          const clock = new SourceClock();
          let least = Number.POSITIVE_INFINITY;
          delays.forEach((delay, i) => {
            const true_ = i * 33;
            const mapped = clock.map(true_ - offset, true_ + delay);
            expect(mapped).toBeLessThanOrEqual(true_ + delay + 1e-6);
            least = Math.min(least, delay);
            expect(mapped - true_).toBeGreaterThanOrEqual(least - 1e-6);
          });
        },
      ),
    );
  });

  it.each([-80, 0, 50])('tells a drift of %d ppm', (ppm) => {
    const clock = new SourceClock();
    for (let i = 0; i < 30 * 120; i++) {
      const stamp = (i * 1000) / 30;
      clock.map(stamp, stamp * (1 + ppm * 1e-6) + 500 + ((i * 37) % 11));
    }
    const { driftPpm, offsetMs, jumps } = clock.estimate();
    expect(driftPpm).toBeCloseTo(ppm, 0);
    expect(offsetMs).toBeCloseTo(500 + 120_000 * ppm * 1e-6, 0);
    expect(jumps).toBe(0);
  });

  it('counts a clock that was set anew, and does not drift for it', () => {
    const clock = new SourceClock();
    for (let i = 0; i < 100; i++) clock.map(i * 100, i * 100 + 5);
    expect(clock.map(5, 10_000)).toBe(10_000);
    expect(clock.estimate()).toEqual({ offsetMs: 9995, driftPpm: undefined, jumps: 1 });
  });
});

describe('the pause before a source is tried again', () => {
  it('doubles up to 5 s, and starts again after a good while', () => {
    const backOff = new BackOff();
    expect([0, 0, 0, 0, 0, 0, 0].map((up) => backOff.failed(up))).toEqual([
      250, 500, 1000, 2000, 4000, 5000, 5000,
    ]);
    expect(backOff.failed(9_999)).toBe(5000);
    expect(backOff.failed(10_000)).toBe(250);
  });
});

describe('the address of a socket', () => {
  it('is a path or a host with a port', () => {
    expect(parseSocketEndpoint('unix:/run/a b')).toEqual({ kind: 'unix', path: '/run/a b' });
    expect(parseSocketEndpoint('tcp://[::1]:7001')).toEqual({ kind: 'tcp', host: '::1', port: 7001 });
  });
  it.each(['unix:', 'unix:run', 'tcp://host', 'host:1', ''])('is not %j', (text) => {
    expect(thrownBy(() => parseSocketEndpoint(text)).code).toBe('INVALID_ARGUMENT');
  });
});

describe('a stream of pictures', () => {
  const picture = fc.record({
    stampMs: fc.double({ noNaN: true, noDefaultInfinity: true }),
    jpeg: fc.uint8Array({ minLength: 1, maxLength: 300 }).map((rest) => jpegOf(...rest)),
  });

  it('is the same however it is cut', () => {
    fc.assert(
      fc.property(fc.array(picture, { maxLength: 8 }), fc.integer({ min: 1, max: 400 }), (pictures, cut) => {
        const bytes = Buffer.concat(pictures.map(encodePicture));
        const got: unknown[] = [];
        const reader = new PictureReader(({ stampMs, jpeg }) => got.push({ stampMs, jpeg: jpeg.slice() }));
        for (let at = 0; at < bytes.length; at += cut) {
          expect(reader.read(bytes.subarray(at, at + cut), 0)).toBeUndefined();
        }
        expect(got).toEqual(pictures);
      }),
    );
  });

  it.each([
    ['another length', Uint8Array.of(255, 255, 255, 255, 0, 0, 0, 0, 0, 0, 0, 0), /claims/],
    ['no JPEG', encodePicture({ stampMs: 1, jpeg: Uint8Array.of(1, 2, 3, 4) }), /JPEG/],
    ['no time', encodePicture({ stampMs: Number.NaN, jpeg: jpegOf(1) }), /time/],
  ])('with %s is refused', (_, bytes, message) => {
    const reader = new PictureReader(() => expect.unreachable());
    expect(reader.read(bytes, 0)).toMatch(message);
  });
});

describe('a camera server', () => {
  let server: Server | undefined;
  let camera: CameraSocket | undefined;
  afterEach(() => {
    camera?.close();
    server?.close();
  });

  async function serve(path: string, onConnect: (socket: Socket) => void): Promise<void> {
    server = createServer(onConnect);
    await new Promise<void>((resolve) => server?.listen(path, resolve));
  }

  it('is connected to, its stamps are put on our clock, and it is found again when it was gone', async () => {
    const path = join(directory, 'camera.sock');
    camera = new CameraSocket(`unix:${path}`, monotonicClock);
    await firstValueFrom(
      camera.state$.pipe(
        filter(({ kind }) => kind === 'down'),
        timeout(5000),
      ),
    );
    await serve(path, (socket) => {
      for (let i = 0; i < 3; i++) socket.write(encodePicture({ stampMs: 1e7 + i * 33, jpeg: jpegOf(i) }));
      socket.end();
    });
    const frames = await firstValueFrom(camera.frames$.pipe(take(4), toArray(), timeout(10_000)));
    const now = monotonicClock.now();
    expect(frames.map(({ number }) => number)).toEqual([0, 1, 2, 3]);
    for (const { t } of frames) expect(t).toBeLessThanOrEqual(now);
    const times = frames.map(({ t }) => t);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(camera.counters().losses, 'not found at first is no loss').toBeGreaterThanOrEqual(1);
    expect(camera.clock()).toMatchObject({ offsetMs: expect.any(Number) as number, jumps: 0 });
  });

  it('that sends nonsense is named as the reason', async () => {
    const path = join(directory, 'nonsense.sock');
    await serve(path, (socket) => socket.end('GET / HTTP/1.1\r\n\r\n'));
    camera = new CameraSocket(`unix:${path}`, monotonicClock);
    const state = await firstValueFrom(
      camera.state$.pipe(
        filter(({ kind }) => kind === 'down'),
        timeout(5000),
      ),
    );
    expect(state).toMatchObject({ kind: 'down', reason: expect.stringMatching(/claims/) as string });
    expect(camera.counters()).toMatchObject({ received: 0, malformed: 1 });
  });

  it('ends its streams when it is closed', async () => {
    camera = new CameraSocket(`unix:${join(directory, 'nobody.sock')}`, monotonicClock);
    const states = firstValueFrom(camera.state$.pipe(toArray()));
    camera.close();
    camera.close();
    expect((await states).at(-1)).toEqual({ kind: 'closed' });
  });
});
