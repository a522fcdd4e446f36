import { Command } from 'commander';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { loadDbc } from '../src/can/dbc-parser.js';
import { compileDecodePlan } from '../src/can/decode-plan.js';
import { FrameBatchBuilder } from '../src/can/frame-batch.js';
import { ValidityChecker } from '../src/can/validity/checker.js';
import { compileValidity } from '../src/can/validity/compile.js';
import { readValidity, standardValidityFile } from '../src/can/validity/rules-file.js';
import { Verdict } from '../src/can/validity/verdict.js';
import { register } from '../src/cli/send.js';
import { signalsDir } from '../src/runtime/paths.js';
import { slcanHub, socketcandHub, type Hub } from './94-support/hubs.js';

let hub: Hub;
let address: string;

beforeEach(async () => {
  hub = await socketcandHub();
  address = `socketcand://127.0.0.1:${hub.port}/vcan0`;
});

afterEach(async () => {
  await hub.close();
  vi.restoreAllMocks();
  process.exitCode = undefined;
});

/** Runs `vigil send ...` in this process: what it printed, and what the far end received as frames. */
async function send(...words: string[]): Promise<{ out: string; sent: string[] }> {
  let out = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += String(text);
    return true;
  });
  const program = new Command().exitOverride();
  register(program);
  for (const command of program.commands)
    command.exitOverride().configureOutput({ writeErr: () => undefined });
  await program.parseAsync(['send', ...words], { from: 'user' });
  const frames = () => hub.received.filter((text) => /^(< send|[trdb]\w)/i.test(text));
  // What was handed to the connection is not yet what the far end has read.
  const count = Number(/sent (\d+)/.exec(out)?.[1] ?? (JSON.parse(out) as { sent: number }).sent);
  for (let i = 0; i < 200 && frames().length < count; i++)
    await new Promise((resolve) => setTimeout(resolve, 5));
  return { out, sent: frames() };
}

describe('vigil send', () => {
  it('sends frames once, in order', async () => {
    const { out, sent } = await send(address, '123#DEADBEEF', '00000124#01');
    expect(sent).toEqual(['< send 123 4 DE AD BE EF >', '< send 00000124 1 01 >']);
    expect(out).toBe('sent 2\n');
    expect(process.exitCode).toBeUndefined();
  });

  it('sends to an slcan adapter', async () => {
    await hub.close();
    hub = await slcanHub();
    const { sent } = await send(`slcan://127.0.0.1:${hub.port}?bitrate=250000`, '123#R2', '124##1AA');
    expect(sent).toEqual(['r1232', 'b1241AA']);
    expect(hub.received.slice(0, 3)).toEqual(['C', 'S5', 'O']);
  });

  it('encodes a message of a DBC', async () => {
    const dbc = join(signalsDir, 'dbc', 'vigil-demo.dbc');
    const { loadDbc } = await import('../src/can/dbc-parser.js');
    const { database } = loadDbc(dbc);
    const message = database.messages.find(({ signals, extended }) => !extended && signals.length > 0)!;
    const signal = message.signals.find(
      ({ selector, values }) => selector === undefined && values.size === 0,
    )!;
    const value = Math.max(signal.minimum ?? 0, signal.offset) + signal.factor;
    const { sent } = await send(
      address,
      '--dbc',
      dbc,
      '--message',
      message.name,
      '--set',
      `${signal.name}=${value}`,
    );
    const { encodeMessage, startPayload } = await import('../src/can/encode.js');
    const payload = encodeMessage(message, { [signal.name]: value }, startPayload(message));
    const id = message.id.toString(16).toUpperCase().padStart(3, '0');
    const bytes = Array.from(payload, (byte) => byte.toString(16).toUpperCase().padStart(2, '0')).join(' ');
    expect(sent).toEqual([`< send ${id} ${payload.length} ${bytes} >`]);
  });

  it("starts from the DBC's start values", async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'vigil-send-')), 'start.dbc');
    writeFileSync(
      file,
      'BO_ 5 M: 2 A\n SG_ a : 0|8@1+ (0.5,0) [0|0] "" A\n SG_ b : 8|8@1+ (1,0) [0|0] "" A\n' +
        'BA_DEF_ SG_ "GenSigStartValue" INT 0 255;\nBA_DEF_DEF_ "GenSigStartValue" 0;\n' +
        'BA_ "GenSigStartValue" SG_ 5 a 7;\n',
    );
    const { sent } = await send(address, '--dbc', file, '--message', 'M', '--set', 'b=3');
    expect(sent).toEqual(['< send 005 2 07 03 >']);
  });

  it("fills in counter and checksum, at the DBC's cycle time; every frame is sound to the checker", async () => {
    const dbc = join(signalsDir, 'dbc', 'vigil-demo.dbc');
    const words = ['--dbc', dbc, '--message', 'VehicleMotion', '--set', 'VehicleSpeed=30'];
    const start = performance.now();
    const cyclic = ['--validity', 'vigil-demo', '--cyclic', '--count', '20'];
    const { sent } = await send(address, ...words, ...cyclic);
    const elapsed = performance.now() - start;
    const { database } = loadDbc(dbc);
    const message = database.messages.find(({ name }) => name === 'VehicleMotion')!;
    expect(elapsed).toBeGreaterThan(19 * message.cycleTimeMs! - 5);
    const checker = new ValidityChecker(
      compileValidity(readValidity(standardValidityFile('vigil-demo')), compileDecodePlan(database).messages),
    );
    const builder = new FrameBatchBuilder();
    sent.forEach((text, i) => {
      const bytes = text.split(' ').slice(4, -1);
      builder.add(i, message.id, Buffer.from(bytes.join(''), 'hex'));
    });
    const verdicts = Array.from(checker.check(builder.take()).frames);
    expect(verdicts).toEqual([Verdict.initial, ...Array.from({ length: 19 }, () => Verdict.ok)]);
  });

  it('counts on when frames are sent at once', async () => {
    const dbc = join(signalsDir, 'dbc', 'vigil-demo.dbc');
    const once = ['--dbc', dbc, '--message', 'VehicleMotion', '--validity', 'vigil-demo'];
    const one = await send(address, ...once);
    expect(one.sent).toHaveLength(1);
    hub.received.length = 0;
    const { sent } = await send(address, ...once, '--count', '3');
    expect(new Set(sent).size).toBe(3);
    expect(sent[0]).toBe(one.sent[0]);
  });

  it('sends cyclically: payloads of one identifier in turn, so many frames', async () => {
    const { out, sent } = await send(address, '321#00', '321#01', '--every', '5', '--count', '4', '--json');
    expect(sent).toEqual(['00', '01', '00', '01'].map((byte) => `< send 321 1 ${byte} >`));
    expect(JSON.parse(out)).toMatchObject({ sent: 4, failed: 0, cyclic: [{ sent: 4 }] });
  });

  it.each<[string, string[], string]>([
    ['no frame', [], 'INVALID_ARGUMENT'],
    ['half a frame', ['123#0'], 'CAN_FRAME_INVALID'],
    ['a message without its DBC', ['--message', 'X'], 'INVALID_ARGUMENT'],
    [
      'no such message',
      ['--dbc', join(signalsDir, 'dbc', 'vigil-demo.dbc'), '--message', 'X'],
      'CAN_MESSAGE_UNKNOWN',
    ],
    ['rules without a message', ['--validity', 'vigil-demo'], 'INVALID_ARGUMENT'],
    [
      'rules for another car',
      [
        '--dbc',
        join(signalsDir, 'dbc', 'vigil-demo.dbc'),
        '--message',
        'Cluster',
        '--validity',
        'hyundai-canfd',
      ],
      'VALIDITY_INVALID',
    ],
    ['a frame that the bus cannot carry', ['123##0AA'], 'CAN_FRAME_INVALID'],
  ])('refuses %s', async (_, words, code) => {
    await expect(send(address, ...words)).rejects.toMatchObject({ code });
    expect(hub.received.filter((text) => text.startsWith('< send'))).toEqual([]);
  });

  it('refuses a bus it does not know', async () => {
    await expect(send('can0', '123#')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await expect(send(address, '123#', '--every', '0')).rejects.toThrow('Expected a number from 0.1');
  });
});
