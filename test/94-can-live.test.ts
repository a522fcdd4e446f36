import { closeSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { FrameFlag } from '../src/can/frames.js';
import type { CanFrame } from '../src/can/live/can-bus.js';
import { fdLengths } from '../src/can/live/frame-check.js';
import { openBus } from '../src/can/live/open-bus.js';
import { SocketCanBus, createFrameChannel, type SocketCanOptions } from '../src/can/live/socketcan-bus.js';
import { VigilError } from '../src/runtime/errors.js';
import { monotonicClock } from '../src/runtime/clock.js';
import { buildDir } from '../src/runtime/paths.js';
import { runScript } from './10-support.js';
import { framesOfBatch, nextFrames, nextValue, pause, wireBytes, writeFrame } from './94-support/wire.js';

// A channel of datagrams stands in for the raw CAN socket; test/qemu checks the same code on a kernel with CAN.

const opened: { bus: SocketCanBus; ends: number[] }[] = [];

function channelBus(options: SocketCanOptions = {}): { bus: SocketCanBus; wire: number } {
  const [near, wire] = createFrameChannel();
  const bus = new SocketCanBus('test', { descriptor: near }, monotonicClock, options);
  closeSync(near); // the bus has a descriptor of its own
  opened.push({ bus, ends: [wire] });
  return { bus, wire };
}

afterEach(async () => {
  for (const { bus, ends } of opened.splice(0)) {
    await bus.close();
    for (const end of ends) closeSync(end);
  }
});

const frame = (id: number, data: number[] = [], flags = 0): CanFrame => ({
  ...{ id, flags, data: Uint8Array.from(data) },
});

const arbitraryFrame: fc.Arbitrary<CanFrame> = fc
  .record({ extended: fc.boolean(), form: fc.constantFrom('data', 'remote', 'fd') })
  .chain(({ extended, form }) => {
    const flags = extended ? FrameFlag.extended : 0;
    const id = fc.nat(extended ? 0x1fffffff : 0x7ff);
    if (form === 'fd') {
      return fc.record({
        id,
        flags: fc
          .subarray([FrameFlag.bitRateSwitch, FrameFlag.errorStateIndicator])
          .map((extra) => extra.reduce((sum: number, flag) => sum | flag, flags | FrameFlag.fd)),
        data: fc
          .constantFrom(...fdLengths)
          .chain((length) => fc.uint8Array({ minLength: length, maxLength: length })),
      });
    }
    if (form === 'remote') {
      return fc.record({
        id,
        flags: fc.constant(flags | FrameFlag.remote),
        data: fc.nat(8).map((length) => new Uint8Array(length)),
      });
    }
    return fc.record({ id, flags: fc.constant(flags), data: fc.uint8Array({ maxLength: 8 }) });
  });

describe('frames from a socket', () => {
  it('arrive as they were sent, in order, stamped on the clock', async () => {
    const { bus, wire } = channelBus({ channel: 3 });
    await fc.assert(
      fc.asyncProperty(fc.array(arbitraryFrame, { minLength: 1, maxLength: 200 }), async (frames) => {
        const received = nextFrames(bus.frames$, frames.length);
        const times: number[] = [];
        const subscription = bus.frames$.subscribe((batch) => {
          times.push(...batch.t);
          expect(batch.channel.every((channel) => channel === 3)).toBe(true);
        });
        const before = monotonicClock.now();
        for (const each of frames) writeFrame(wire, each);
        expect(await received).toEqual(frames);
        const after = monotonicClock.now();
        subscription.unsubscribe();
        expect(times).toEqual(times.toSorted((a, b) => a - b));
        expect(times[0]).toBeGreaterThanOrEqual(before - 0.1);
        expect(times.at(-1)).toBeLessThanOrEqual(after + 0.1);
      }),
      { numRuns: 40 },
    );
    expect(bus.counters()).toMatchObject({ dropped: 0, malformed: 0, filtered: 0 });
  });

  it('are sent in the kernel’s form', async () => {
    const { bus, wire } = channelBus();
    await fc.assert(
      fc.asyncProperty(arbitraryFrame, async (each) => {
        await bus.send(each);
        const bytes = new Uint8Array(128);
        const length = readSync(wire, bytes);
        expect(bytes.slice(0, length)).toEqual(wireBytes(each));
      }),
    );
  });

  it('pass a filter by identifier and kind; error frames always', async () => {
    const { bus, wire } = channelBus();
    bus.setFilter([0x123, 0x98daf110]);
    const received = nextFrames(bus.frames$, 4);
    writeFrame(wire, frame(0x123, [1]));
    writeFrame(wire, frame(0x124, [2]));
    writeFrame(wire, frame(0x123, [3], FrameFlag.extended));
    writeFrame(wire, frame(0x18daf110, [4], FrameFlag.extended));
    writeFrame(wire, frame(0x123, [], FrameFlag.remote));
    writeFrame(wire, frame(0x4, [0, 0x10, 0, 0, 0, 0, 0, 0], FrameFlag.error));
    expect((await received).map(({ id, flags }) => [id, flags])).toEqual([
      [0x123, 0],
      [0x18daf110, FrameFlag.extended],
      [0x123, FrameFlag.remote],
      [0x4, FrameFlag.error],
    ]);
    expect(bus.counters()).toMatchObject({ received: 4, filtered: 2, errorFrames: 1 });
    bus.setFilter();
    const all = nextFrames(bus.frames$, 1);
    writeFrame(wire, frame(0x124));
    expect(await all).toEqual([frame(0x124)]);
    expect(() => {
      bus.setFilter([0x800]);
    }).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  });

  it("pass a filter by J1939's parameter group: any priority, source and, for PDU1, destination", async () => {
    const { bus, wire } = channelBus();
    bus.setFilter([0xd8fef1fe, 0xd8ea00fe, 0x123]);
    const received = nextFrames(bus.frames$, 4);
    for (const id of [0x0cfef131, 0x18fef131, 0x18fef231, 0x18ea2131, 0x18eb2131, 0x19fef131])
      writeFrame(wire, frame(id, [1], FrameFlag.extended));
    writeFrame(wire, frame(0x123, [2]));
    expect((await received).map(({ id }) => id)).toEqual([0x0cfef131, 0x18fef131, 0x18ea2131, 0x123]);
    expect(bus.counters()).toMatchObject({ received: 4, filtered: 3 });
  });

  it('come in batches that are at least 10 ms apart', async () => {
    const { bus, wire } = channelBus();
    let batches = 0;
    bus.frames$.subscribe(() => {
      batches += 1;
    });
    const began = monotonicClock.now();
    for (let i = 0; i < 100; i++) {
      writeFrame(wire, frame(i));
      await pause(1);
    }
    await pause(30);
    const elapsed = monotonicClock.now() - began;
    expect(batches).toBeGreaterThan(0);
    expect(batches).toBeLessThanOrEqual(elapsed / 10 + 1);
    expect(bus.counters().received).toBe(100);
  });

  it('that JavaScript leaves waiting push out the oldest, each counted', async () => {
    const { bus, wire } = channelBus({ ringFrames: 8, wakePeriodMs: 300 });
    const first = nextFrames(bus.frames$, 1);
    writeFrame(wire, frame(0));
    await first;
    const rest = nextFrames(bus.frames$, 8);
    for (let i = 1; i <= 20; i++) writeFrame(wire, frame(i));
    expect((await rest).map(({ id }) => id)).toEqual([13, 14, 15, 16, 17, 18, 19, 20]);
    expect(bus.counters()).toMatchObject({ received: 21, dropped: 12 });
  });

  it('that are none are counted and left out', async () => {
    const { bus, wire } = channelBus();
    const received = nextFrames(bus.frames$, 1);
    writeFrame(wire, { ...frame(1), data: new Uint8Array(8) });
    const long = wireBytes(frame(2));
    long[4] = 9;
    writeSync(wire, long);
    writeSync(wire, new Uint8Array(15));
    writeSync(wire, new Uint8Array(100));
    expect(await received).toHaveLength(1);
    for (let i = 0; i < 100 && bus.counters().malformed < 3; i++) await pause(5);
    expect(bus.counters()).toMatchObject({ received: 1, malformed: 3 });
  });

  it.each<[string, CanFrame]>([
    ['12 bits of identifier', frame(0x800)],
    ['30 bits of identifier', frame(0x20000000, [], FrameFlag.extended)],
    ['9 bytes', frame(1, Array.from<number>({ length: 9 }).fill(0))],
    ['9 bytes of CAN FD', frame(1, Array.from<number>({ length: 9 }).fill(0), FrameFlag.fd)],
    ['a remote CAN FD frame', frame(1, [], FrameFlag.fd | FrameFlag.remote)],
    ['an error frame', frame(1, [], FrameFlag.error)],
    ['a bit rate switch without CAN FD', frame(1, [], FrameFlag.bitRateSwitch)],
  ])('that no bus carries are refused: %s', async (_, each) => {
    const { bus } = channelBus();
    await expect(bus.send(each)).rejects.toMatchObject({ code: 'CAN_FRAME_INVALID' });
  });
});

describe('the state of the bus', () => {
  it('follows the controller’s error frames', async () => {
    const { bus, wire } = channelBus({ wakePeriodMs: 0 });
    const error = (id: number, detail = 0) => {
      writeFrame(wire, frame(id, [0, detail, 0, 0, 0, 0, 0, 0], FrameFlag.error));
    };
    for (const [id, detail, state] of [
      [0x4, 0x04, { kind: 'up', controller: 'warning' }],
      [0x4, 0x20, { kind: 'up', controller: 'passive' }],
      [0x40, 0, { kind: 'bus-off' }],
      [0x100, 0, { kind: 'up', controller: 'active' }],
      [0x4, 0x08, { kind: 'up', controller: 'warning' }],
      [0x4, 0x40, { kind: 'up', controller: 'active' }],
    ] as const) {
      const next = nextValue(bus.state$, (value) => JSON.stringify(value) === JSON.stringify(state));
      error(id, detail);
      expect(await next).toEqual(state);
    }
    expect(bus.counters()).toMatchObject({ busOffs: 1, errorFrames: 6 });
  });

  it('is silent after its time without a frame, and up again with the next', async () => {
    const { bus, wire } = channelBus({ silentAfterMs: 150 });
    const began = monotonicClock.now();
    await nextValue(bus.state$, ({ kind }) => kind === 'silent');
    expect(monotonicClock.now() - began).toBeGreaterThanOrEqual(149);
    expect(bus.counters().lastRxAgeMs).toBe(-1);
    writeFrame(wire, frame(1));
    await nextValue(bus.state$, ({ kind }) => kind === 'up');
    expect(bus.counters().lastRxAgeMs).toBeGreaterThanOrEqual(0);
    await nextValue(bus.state$, ({ kind }) => kind === 'silent');
    expect(bus.counters().lastRxAgeMs).toBeGreaterThanOrEqual(149);
  });

  it('is down when the other end is closed', async () => {
    const [near, far] = createFrameChannel();
    const bus = new SocketCanBus('test', { descriptor: near }, monotonicClock);
    closeSync(near);
    closeSync(far);
    expect(await nextValue(bus.state$, ({ kind }) => kind === 'down')).toEqual({
      kind: 'down',
      reason: 'connection-lost',
    });
    await bus.close();
  });

  it('is closed by close, once, and then nothing is sent', async () => {
    const { bus } = channelBus();
    const states: string[] = [];
    let completed = false;
    bus.state$.subscribe({ next: ({ kind }) => states.push(kind), complete: () => (completed = true) });
    await bus.close();
    await bus.close();
    expect({ states, completed }).toEqual({ states: ['up', 'closed'], completed: true });
    await expect(bus.send(frame(1))).rejects.toMatchObject({ code: 'CAN_BUS_CLOSED' });
    expect(() => bus.startCyclic({ id: 1, flags: 0, payloads: [new Uint8Array(1)], periodMs: 10 })).toThrow(
      expect.objectContaining({ code: 'CAN_BUS_CLOSED' }),
    );
    expect(bus.counters().received).toBe(0);
  });

  it('cannot be opened on a machine without the interface', async () => {
    const failure: unknown = await openBus('socketcan:none0').catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(VigilError);
    expect(['CAN_UNSUPPORTED', 'CAN_INTERFACE_MISSING']).toContain((failure as VigilError).code);
  });
});

describe('cyclic messages', () => {
  it('send their payloads in turn and end at their count', async () => {
    const { bus, wire } = channelBus();
    const send = bus.startCyclic({
      ...{ id: 0x321, flags: 0, periodMs: 5, count: 10 },
      payloads: [Uint8Array.of(0, 0xf0), Uint8Array.of(1, 0xe1), Uint8Array.of(2, 0xd2)],
    });
    const counters = await send.done;
    expect(counters).toMatchObject({ sent: 10, failed: 0, lastError: '' });
    const payloads = Array.from({ length: 10 }, () => {
      const bytes = new Uint8Array(72);
      expect(readSync(wire, bytes)).toBe(16);
      return bytes[8];
    });
    expect(payloads).toEqual([0, 1, 2, 0, 1, 2, 0, 1, 2, 0]);
    expect(send.counters()).toEqual(counters);
  });

  it('keep their phase: periods do not add up', async () => {
    const { bus } = channelBus();
    const began = monotonicClock.now();
    const { sent, skipped } = await bus.startCyclic({
      ...{ id: 1, flags: 0, payloads: [new Uint8Array(0)], periodMs: 4, count: 100 },
    }).done;
    const elapsed = monotonicClock.now() - began;
    expect(sent).toBe(100);
    expect(elapsed).toBeGreaterThanOrEqual(99 * 4);
    // What a busy machine skipped took its time; nothing else did.
    expect(elapsed).toBeLessThan((99 + skipped) * 4 + 500);
  });

  it('take new payloads, several at once, until they are stopped', async () => {
    const { bus, wire } = channelBus();
    const send = bus.startCyclic({ id: 2, flags: 0, payloads: [Uint8Array.of(1)], periodMs: 10 });
    await pause(35);
    send.update([Uint8Array.of(2)]);
    expect(() => {
      send.update([Uint8Array.of(2, 2)]);
    }).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
    await pause(35);
    send.stop();
    const { sent } = await send.done;
    await pause(30);
    expect(send.counters().sent).toBe(sent);
    const values = Array.from({ length: sent }, () => {
      const bytes = new Uint8Array(72);
      readSync(wire, bytes);
      return bytes[8];
    });
    expect(values).toEqual(values.toSorted((a, b) => a - b));
    expect(new Set(values)).toEqual(new Set([1, 2]));
  });

  it.each([
    ['no payload', { payloads: [] }],
    ['payloads of two lengths', { payloads: [new Uint8Array(1), new Uint8Array(2)] }],
    ['a period of nothing', { periodMs: 0 }],
    ['a period that is no number', { periodMs: NaN }],
  ])('are refused with %s', (_, change) => {
    const { bus } = channelBus();
    const message = { id: 1, flags: 0, payloads: [new Uint8Array(1)], periodMs: 10, ...change };
    expect(() => bus.startCyclic(message)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  });
});

describe('the end of life', () => {
  const addon = JSON.stringify(join(buildDir, 'native', 'Release', 'can.node'));
  const prelude = `
    const { LiveCan, createFrameChannel } = require(${addon});
    const { writeSync } = require('node:fs');
    const options = { ringFrames: 64, channel: 0, clockOffsetMs: 0 };
    const [near, far] = createFrameChannel();
    const frame = Buffer.alloc(16);
  `;

  it.each([
    [
      'close lets the process end',
      'const bus = new LiveCan({ ...options, descriptor: near }, () => bus.close()); writeSync(far, frame);',
    ],
    [
      'process.exit while open, with a cyclic message running',
      'const bus = new LiveCan({ ...options, descriptor: near }, () => {}); bus.startCyclic(1, 0, 1, Uint8Array.of(1), 1, 0); setTimeout(() => process.exit(0), 50);',
    ],
    [
      'process.exit inside the callback',
      'new LiveCan({ ...options, descriptor: near }, () => process.exit(0)); writeSync(far, frame);',
    ],
    [
      'a worker thread that is terminated',
      `const { Worker } = require('node:worker_threads');
      const worker = new Worker('const { workerData } = require("node:worker_threads"); const { LiveCan } = require(' + JSON.stringify(${addon}) + '); const bus = new LiveCan({ ringFrames: 64, channel: 0, clockOffsetMs: 0, descriptor: workerData }, () => {}); bus.startCyclic(1, 0, 1, Uint8Array.of(1), 1, 0);', { eval: true, workerData: near });
      worker.once('online', () => { let n = 0; const timer = setInterval(() => { writeSync(far, frame); if (++n === 40) { clearInterval(timer); worker.terminate(); } }, 2); });`,
    ],
  ])('%s', async (_, body) => {
    const { code, signal, stderr } = await runScript(prelude + body);
    expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: '' });
  });

  it('what a callback throws is an uncaught exception', async () => {
    const { code, stderr } = await runScript(
      `${prelude} new LiveCan({ ...options, descriptor: near }, () => { throw new Error('out of the callback'); }); writeSync(far, frame);`,
    );
    expect(code).not.toBe(0);
    expect(stderr).toContain('out of the callback');
  });

  it('leaves no descriptor and no thread behind', async () => {
    const { code, stdout } = await runScript(`${prelude}
      const { readdirSync } = require('node:fs');
      const count = () => readdirSync('/proc/self/fd').length + 1000 * readdirSync('/proc/self/task').length;
      const once = () => { const bus = new LiveCan({ ...options, descriptor: near }, () => {});
        bus.startCyclic(1, 0, 1, Uint8Array.of(1), 5, 0); bus.close(); };
      once();
      const before = count();
      for (let i = 0; i < 50; i++) once();
      process.stdout.write(String(count() - before));`);
    // Node itself may open one for good; 50 buses that leak would leave 50 or more.
    expect(code).toBe(0);
    expect(Number(stdout)).toBeLessThan(10);
  });
});

describe('batches', () => {
  it('own their memory: a later batch leaves an earlier one as it was', async () => {
    const { bus, wire } = channelBus({ wakePeriodMs: 0 });
    const seen: CanFrame[][] = [];
    bus.frames$.subscribe((batch) => seen.push(framesOfBatch(batch)));
    for (let i = 0; i < 5; i++) {
      const next = nextFrames(bus.frames$, 1);
      writeFrame(wire, frame(i, [i]));
      await next;
    }
    expect(seen.flat()).toEqual(Array.from({ length: 5 }, (_, i) => frame(i, [i])));
  });
});
