import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { FrameFlag } from '../src/can/frames.js';
import { parseBusAddress } from '../src/can/live/bus-address.js';
import type { CanBus, CanFrame } from '../src/can/live/can-bus.js';
import { fdLengths } from '../src/can/live/frame-check.js';
import { parseFrameText } from '../src/can/live/frame-text.js';
import { openBus, type OpenBusOptions } from '../src/can/live/open-bus.js';
import { Slcan } from '../src/can/live/slcan.js';
import { Socketcand } from '../src/can/live/socketcand.js';
import { SourceClock } from '../src/runtime/sources/source-clock.js';
import { slcanHub, socketcandHub, type Hub } from './94-support/hubs.js';
import { nextFrames, nextValue } from './94-support/wire.js';

const opened: CanBus[] = [];
const hubs: Hub[] = [];

async function open(address: string, options?: OpenBusOptions): Promise<CanBus> {
  const bus = await openBus(address, options);
  opened.push(bus);
  return bus;
}

function kept(hub: Hub): Hub {
  hubs.push(hub);
  return hub;
}

afterEach(async () => {
  for (const bus of opened.splice(0)) await bus.close();
  for (const hub of hubs.splice(0)) await hub.close();
});

const frame = (id: number, data: number[] = [], flags = 0): CanFrame => ({
  ...{ id, flags, data: Uint8Array.from(data) },
});

const classic: fc.Arbitrary<CanFrame> = fc.boolean().chain((extended) =>
  fc.record({
    id: fc.nat(extended ? 0x1fffffff : 0x7ff),
    flags: fc.constant(extended ? FrameFlag.extended : 0),
    data: fc.uint8Array({ maxLength: 8 }),
  }),
);

const anyFrame: fc.Arbitrary<CanFrame> = fc.oneof(
  classic,
  classic.map(({ id, flags, data }) => ({
    ...{ id, flags: flags | FrameFlag.remote, data: new Uint8Array(data.length) },
  })),
  fc
    .record({ base: classic, length: fc.constantFrom(...fdLengths), brs: fc.boolean() })
    .map(({ base, length, brs }) => ({
      id: base.id,
      flags: base.flags | FrameFlag.fd | (brs ? FrameFlag.bitRateSwitch : 0),
      data: Uint8Array.from({ length }, (_, i) => (i * 31 + length) & 255),
    })),
);

/** The text in pieces, cut at the given places. */
function pieces(text: string, cuts: readonly number[]): string[] {
  const places = [0, ...cuts.map((cut) => cut % (text.length + 1)).sort((a, b) => a - b), text.length];
  return places.slice(1).map((end, i) => text.slice(places[i], end));
}

describe('slcan text', () => {
  it('is read as it was written, cut anywhere', () => {
    fc.assert(
      fc.property(fc.array(anyFrame), fc.array(fc.nat(), { maxLength: 8 }), (frames, cuts) => {
        const text = frames.map((each) => new Slcan().encode(each)).join('');
        const reader = new Slcan();
        const events = pieces(text, cuts).flatMap((piece) => reader.feed(piece));
        expect(events).toEqual(frames.map((each) => ({ kind: 'frame', frame: each })));
      }),
    );
  });

  it('has known forms', () => {
    expect(new Slcan(500_000).greeting()).toBe('C\rS6\rO\r');
    expect(new Slcan().encode(frame(0x7df, [2, 1, 0x0d]))).toBe('t7DF302010D\r');
    expect(new Slcan().encode(frame(0x18daf110, [], FrameFlag.extended))).toBe('T18DAF1100\r');
    expect(new Slcan().feed('\rz\rZ\rV1013\rt10021122ABCD\r\u0007t0011FF\r')).toEqual([
      { kind: 'frame', frame: frame(0x100, [0x11, 0x22]) }, // with a time stamp behind
      { kind: 'refused', text: 'the adapter answered with an error' },
      { kind: 'frame', frame: frame(0x001, [0xff]) },
    ]);
    expect(() => new Slcan(123_456)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  });

  it.each(['t', 't12', 't8001FF', 't1239', 't123100FF0', 't1232GG00', 'T2000000000', 'q1230', 't1231'])(
    'that is damaged is told: %s',
    (line) => {
      expect(new Slcan().feed(`${line}\r`)).toEqual([{ kind: 'malformed', text: line }]);
    },
  );

  it('never throws, whatever comes, and reads on', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (noise) => {
        const reader = new Slcan();
        reader.feed(noise);
        expect(reader.feed('\rt1230\r').at(-1)).toEqual({ kind: 'frame', frame: frame(0x123) });
      }),
    );
  });
});

describe('socketcand text', () => {
  const raw = () => {
    const client = new Socketcand('can0');
    const replies: string[] = [];
    const reply = (text: string) => void replies.push(text);
    const events = client.feed('< hi >< ok >< o', reply).concat(client.feed('k >', reply));
    expect(replies).toEqual(['< open can0 >', '< rawmode >']);
    expect(events).toEqual([{ kind: 'ready' }]);
    return client;
  };
  const silent = () => undefined;

  it('is read cut anywhere', () => {
    fc.assert(
      fc.property(fc.array(classic), fc.array(fc.nat(), { maxLength: 8 }), (frames, cuts) => {
        const text = frames
          .map(({ id, flags, data }, i) => {
            const digits = (flags & FrameFlag.extended) === 0 ? 3 : 8;
            const bytes = Buffer.from(data).toString('hex').toUpperCase();
            return `< frame ${id.toString(16).padStart(digits, '0')} 100.${String(i).padStart(6, '0')} ${bytes} >`;
          })
          .join('');
        const client = raw();
        const events = pieces(text, cuts).flatMap((piece) => client.feed(piece, silent));
        expect(
          events.map((event) => (event.kind === 'frame' ? { ...event.frame, stampMs: 0 } : event)),
        ).toEqual(frames.map((each) => ({ ...each, stampMs: 0 })));
      }),
    );
  });

  it('has known forms', () => {
    const client = raw();
    expect(client.encode(frame(0x123, [0x11, 0x2]))).toBe('< send 123 2 11 02 >');
    expect(client.encode(frame(0x1, [], FrameFlag.extended))).toBe('< send 00000001 0 >');
    expect(client.feed('< frame 123 23.424242 11 22 33 >< error 00000040 24.5 >', silent)).toEqual([
      { kind: 'frame', frame: { ...frame(0x123, [0x11, 0x22, 0x33]), stampMs: 23424.242 } },
      { kind: 'frame', frame: { ...frame(0x40, [], FrameFlag.error), stampMs: 24500 } },
    ]);
    for (const flags of [FrameFlag.fd, FrameFlag.remote]) {
      expect(() => client.encode(frame(1, [], flags))).toThrow(
        expect.objectContaining({ code: 'CAN_FRAME_INVALID' }),
      );
    }
  });

  it.each([
    '< frame >',
    '< frame 123 x 00 >',
    '< frame 800 1.0 0 >'.replace('0 >', 'zz >'),
    '< nonsense >',
    '>',
  ])('that is damaged is told: %s', (element) => {
    expect(raw().feed(element, silent)).toEqual([{ kind: 'malformed', text: element }]);
  });

  it('never throws, whatever comes, and reads on', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 3000 }), (noise) => {
        const client = raw();
        client.feed(noise, silent);
        const events = client.feed('>< frame 123 1.0  >', silent);
        expect(events.at(-1)).toEqual({ kind: 'frame', frame: { ...frame(0x123), stampMs: 1000 } });
      }),
    );
  });
});

describe('a bus behind socketcand', () => {
  it('sends and receives, and marks what it sent itself', async () => {
    const { port } = kept(await socketcandHub());
    const address = `socketcand://127.0.0.1:${port}/vcan0`;
    const [a, b] = [await open(address), await open(address, { receiveOwn: false })];
    const frames = [frame(0x123, [1, 2, 3]), frame(0x18daf110, [9], FrameFlag.extended), frame(0x7ff)];
    const [own, other] = [nextFrames(a.frames$, 3), nextFrames(b.frames$, 3)];
    for (const each of frames) await a.send(each);
    expect(await other).toEqual(frames);
    expect(await own).toEqual(frames.map((each) => ({ ...each, flags: each.flags | FrameFlag.transmitted })));
    expect(b.counters()).toMatchObject({ received: 3, malformed: 0, linkDowns: 0 });
    await expect(a.send(frame(1, [], FrameFlag.remote))).rejects.toMatchObject({ code: 'CAN_FRAME_INVALID' });
  });

  it('filters, sends cyclically and survives a lost connection', async () => {
    const hub = kept(await socketcandHub());
    const address = `socketcand://127.0.0.1:${hub.port}/vcan0`;
    const a = await open(address, { retryMs: 20 });
    a.setFilter([0x2]);
    const two = nextFrames(a.frames$, 2);
    hub.broadcast('< frame 001 1.0 01 >< frame 002 1.1 02 >< frame 00000002 1.2 03 >< error 00000004 1.3 >');
    expect((await two).map(({ id, flags }) => [id, flags])).toEqual([
      [2, 0],
      [4, FrameFlag.error],
    ]);
    expect(a.counters()).toMatchObject({ received: 2, filtered: 2, errorFrames: 1 });
    const down = nextValue(a.state$, ({ kind }) => kind === 'down');
    hub.dropClients();
    expect(await down).toEqual({ kind: 'down', reason: 'connection-lost' });
    await nextValue(a.state$, ({ kind }) => kind === 'up');
    const send = a.startCyclic({
      ...{ id: 5, flags: 0, periodMs: 5, count: 4 },
      payloads: [Uint8Array.of(0), Uint8Array.of(1)],
    });
    expect(await send.done).toMatchObject({ sent: 4, failed: 0 });
    await nextValue(a.state$, ({ kind }) => kind === 'silent');
    expect(hub.received.filter((text) => text.startsWith('< send'))).toEqual([
      '< send 005 1 00 >',
      '< send 005 1 01 >',
      '< send 005 1 00 >',
      '< send 005 1 01 >',
    ]);
  });

  it('says why it could not be opened', async () => {
    const { port } = kept(await socketcandHub());
    await expect(open(`socketcand://127.0.0.1:${port}/other`)).rejects.toMatchObject({
      code: 'CAN_BUS_REFUSED',
      message: expect.stringContaining('could not open bus') as string,
    });
    await hubs.pop()?.close();
    await expect(open(`socketcand://127.0.0.1:${port}/vcan0`)).rejects.toMatchObject({
      code: 'CAN_BUS_UNREACHABLE',
    });
  });
});

describe('a bus behind slcan', () => {
  it.each(['tcp', 'unix socket'])('sends and receives every kind of frame over %s', async (kind) => {
    const folder = mkdtempSync(join(tmpdir(), 'vigil-slcan-'));
    const path = join(folder, 'adapter.sock');
    const hub = kept(await slcanHub(kind === 'tcp' ? undefined : path));
    const address = kind === 'tcp' ? `slcan://127.0.0.1:${hub.port}` : `slcan:${path}`;
    const a = await open(`${address}?bitrate=500000`);
    const b = await open(address, { receiveOwn: false });
    const frames = [
      ...[
        frame(0x123, [1, 2]),
        frame(0x1abcdef0, [3], FrameFlag.extended),
        frame(0x10, [0, 0], FrameFlag.remote),
      ],
      frame(0x11, Array.from<number>({ length: 64 }).fill(0x5a), FrameFlag.fd | FrameFlag.bitRateSwitch),
    ];
    // The hub has taken b's greeting when b's own frame came through.
    const hello = nextFrames(a.frames$, 1);
    await b.send(frame(0x700));
    await hello;
    const received = nextFrames(b.frames$, frames.length);
    for (const each of frames) await a.send(each);
    expect(await received).toEqual(frames);
    expect(hub.received.slice(0, 3)).toEqual(['C', 'S6', 'O']);
    await a.close();
    await b.close();
    rmSync(folder, { recursive: true });
  });
});

describe('addresses', () => {
  it.each([
    ['socketcan:can0', { kind: 'socketcan', interface: 'can0' }],
    ['socketcand://box:80/can1', { kind: 'socketcand', host: 'box', port: 80, interface: 'can1' }],
    ['socketcand://[::1]/vcan0', { kind: 'socketcand', host: '::1', port: 29536, interface: 'vcan0' }],
    [
      'slcan:/dev/ttyACM0?bitrate=500000&baud=115200',
      { kind: 'slcan', endpoint: { kind: 'path', path: '/dev/ttyACM0', baud: 115200 }, bitRate: 500000 },
    ],
    ['slcan://box:3333', { kind: 'slcan', endpoint: { kind: 'tcp', host: 'box', port: 3333 } }],
  ])('%s', (text, expected) => {
    expect(parseBusAddress(text)).toEqual(expected);
  });

  it.each([
    '',
    'can0',
    'socketcan:',
    'socketcan:a/b',
    'socketcand://box:1',
    'slcan:',
    'slcan://box',
    'slcan:x?speed=1',
    'slcan:x?bitrate=fast',
  ])('refused: %s', (text) => {
    expect(() => parseBusAddress(text)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  });
});

describe('frames as text', () => {
  it.each<[string, CanFrame]>([
    ['123#DEADBEEF', frame(0x123, [0xde, 0xad, 0xbe, 0xef])],
    ['7ff#', frame(0x7ff)],
    ['00000001#01.02.03', frame(1, [1, 2, 3], FrameFlag.extended)],
    ['123#R', frame(0x123, [], FrameFlag.remote)],
    ['123#r4', frame(0x123, [0, 0, 0, 0], FrameFlag.remote)],
    ['123##1AA', frame(0x123, [0xaa], FrameFlag.fd | FrameFlag.bitRateSwitch)],
    ['123##2', frame(0x123, [], FrameFlag.fd | FrameFlag.errorStateIndicator)],
  ])('%s', (text, expected) => {
    expect(parseFrameText(text)).toEqual(expected);
  });

  it.each([
    '',
    '123',
    '12#00',
    '1234#00',
    '800#',
    '20000000#',
    '123#0',
    '123#GG',
    '123#001122334455667788',
    '123##',
    '123##0001122334455667788',
    '123#R9',
  ])('refused: %s', (text) => {
    expect(() => parseFrameText(text)).toThrow(expect.objectContaining({ code: 'CAN_FRAME_INVALID' }));
  });
});

describe('the other end’s stamps', () => {
  it('keep their distances, whatever the way’s delay', () => {
    const clock = new SourceClock();
    const times = Array.from({ length: 100 }, (_, i) => clock.map(5e8 + 10 * i, 1000 + 10 * i + (i % 7)));
    expect(times[0]).toBe(1000);
    times.slice(1).forEach((t, i) => {
      expect(t - times[i]).toBeCloseTo(10, 1);
    });
  });

  it('start anew when that clock was set', () => {
    const clock = new SourceClock();
    clock.map(1000, 50);
    expect(clock.map(900_000, 60)).toBe(60);
    expect(clock.map(100, 70)).toBe(70);
  });
});
