import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { FrameFlag } from '../src/can/frames.js';
import type { CanBus, CanFrame } from '../src/can/live/can-bus.js';
import { openBus } from '../src/can/live/open-bus.js';
import { packageRoot } from '../src/runtime/paths.js';
import { slcanHub, socketcandHub, type Hub } from './94-support/hubs.js';
import { nextFrames } from './94-support/wire.js';

// The other client on the hub's bus is python-can where VIGIL_PEER_PYTHON names a Python that has it (and pyserial, for
// slcan), else a second bus of our own that plays the same script.

const named = process.env['VIGIL_PEER_PYTHON'];
const python = named !== undefined && hasPeers(named) ? named : undefined;
const script = join(packageRoot, 'test', '97-support', 'python_can_peer.py');

/** The same variable may name a Python that has other peers only. */
function hasPeers(program: string): boolean {
  return spawnSync(program, ['-c', 'import can, serial']).status === 0;
}

const frame = (id: number, data: number[] = [], flags = 0): CanFrame => ({
  ...{ id, flags, data: Uint8Array.from(data) },
});

interface Heard {
  readonly id: number;
  readonly extended: boolean;
  readonly remote: boolean;
  readonly fd: boolean;
  readonly data: string;
}

function heard({ id, flags, data }: CanFrame): Heard {
  const has = (flag: number) => (flags & flag) !== 0;
  const remote = has(FrameFlag.remote);
  return {
    ...{ id, extended: has(FrameFlag.extended), remote, fd: has(FrameFlag.fd) },
    data: remote ? '' : Buffer.from(data).toString('hex'),
  };
}

const answers = [
  frame(0x321, [0xbe, 0xef]),
  frame(0x18daf110, [0, 1, 2, 3, 4, 5, 6, 7], FrameFlag.extended),
  frame(0x001),
];

let hub: Hub | undefined;
const opened: CanBus[] = [];

afterEach(async () => {
  for (const bus of opened.splice(0)) await bus.close();
  await hub?.close();
});

async function open(address: string): Promise<CanBus> {
  const bus = await openBus(address, { receiveOwn: false });
  opened.push(bus);
  return bus;
}

/** The other client's script: says hello, hears frames until 0x7FF, answers. */
async function peer(address: string, arguments_: readonly string[], count: number): Promise<Heard[]> {
  if (python === undefined) {
    const bus = await open(address);
    const received = nextFrames(bus.frames$, count);
    await bus.send(frame(0x700));
    const frames = await received;
    for (const answer of answers) await bus.send(answer);
    return frames.map(heard);
  }
  const child = spawn(python, [script, ...arguments_], { stdio: ['ignore', 'pipe', 'inherit'] });
  let out = '';
  child.stdout.setEncoding('utf8');
  child.stdout.on('data', (text: string) => (out += text));
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  expect(code).toBe(0);
  return out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Heard);
}

async function talk(
  address: string,
  arguments_: readonly string[],
  frames: readonly CanFrame[],
): Promise<void> {
  const bus = await open(address);
  const hello = nextFrames(bus.frames$, 1, 20_000);
  const other = peer(address, arguments_, frames.length);
  expect(await hello).toEqual([frame(0x700)]);
  const received = nextFrames(bus.frames$, answers.length, 10_000);
  for (const each of frames) await bus.send(each);
  expect(await other).toEqual(frames.map(heard));
  expect(await received).toEqual(answers);
  expect(bus.counters()).toMatchObject({ malformed: 0, received: 1 + answers.length });
}

const classic = [
  frame(0x123, [0xde, 0xad]),
  frame(0x18db33f1, [1, 2, 3, 4, 5, 6, 7, 8], FrameFlag.extended),
  frame(0x100),
];
const last = frame(0x7ff, [0]);

describe(`another client (${python === undefined ? 'our own' : 'python-can'})`, () => {
  it('exchanges frames over socketcand', async () => {
    hub = await socketcandHub();
    const address = `socketcand://127.0.0.1:${hub.port}/vcan0`;
    // python-can reads no frame without data on this protocol.
    const frames = [...classic.filter(({ data }) => data.length > 0), last];
    await talk(address, ['socketcand', 'vcan0', '127.0.0.1', String(hub.port)], frames);
  });

  it('exchanges frames over slcan, remote and CAN FD frames too', async () => {
    hub = await slcanHub();
    const frames = [
      ...classic,
      frame(0x124, [0, 0, 0], FrameFlag.remote),
      frame(0x125, Array.from<number>({ length: 12 }).fill(0x5a), FrameFlag.fd | FrameFlag.bitRateSwitch),
      frame(0x126, [1], FrameFlag.fd | FrameFlag.extended),
      last,
    ];
    const address = `slcan://127.0.0.1:${hub.port}`;
    await talk(address, ['slcan', `socket://127.0.0.1:${hub.port}`], frames);
  });

  if (python === undefined) return;

  it('reads and writes a serial device that Python plays', async () => {
    const adapter = spawn(
      python,
      [
        '-c',
        'import os,pty,sys\nm,s=pty.openpty()\nprint(os.ttyname(s),flush=True)\ngot=b""\nwhile b"t1231AA\\r" not in got: got+=os.read(m,100)\n' +
          'os.write(m,b"t3212BEEF\\r")\nsys.stdin.read()\nprint(got.decode().replace("\\r","|"),flush=True)',
      ],
      { stdio: ['pipe', 'pipe', 'inherit'] },
    );
    let out = '';
    const ended = new Promise<void>((resolve, reject) => {
      adapter.once('error', reject);
      adapter.once('close', () => {
        resolve();
      });
    });
    const first = new Promise<string>((resolve) => {
      adapter.stdout.setEncoding('utf8');
      adapter.stdout.on('data', (text: string) => {
        out += text;
        if (out.includes('\n')) resolve(out.split('\n')[0]);
      });
    });
    const bus = await open(`slcan:${await first}?bitrate=250000`);
    const received = nextFrames(bus.frames$, 1);
    await bus.send(frame(0x123, [0xaa]));
    expect(await received).toEqual([frame(0x321, [0xbe, 0xef])]);
    await bus.close();
    adapter.stdin.end();
    await ended;
    expect(out.split('\n')[1]).toMatch(/^C\|S5\|O\|t1231AA\|/);
  });
});
