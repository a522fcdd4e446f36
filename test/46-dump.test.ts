import { join } from 'node:path';
import { Command } from 'commander';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { messageByName } from '../src/can/dbc.js';
import { loadDbc, parseDbc } from '../src/can/dbc-parser.js';
import { writeBits } from '../src/can/encode.js';
import { register } from '../src/cli/dump.js';
import { databaseJson } from '../src/cli/dump/json.js';
import { bitPositions, drawLayout, pagesOf } from '../src/cli/dump/layout.js';
import { databaseLines, messageLines } from '../src/cli/dump/text.js';
import { packageRoot } from '../src/runtime/paths.js';
import { separateMessage } from './40-support/arbitrary-message.js';

const { database } = loadDbc(join(packageRoot, 'test', 'golden', 'can', 'oddities.dbc'));

describe('the picture of a message', () => {
  it('draws where signals begin and end, in both byte orders', () => {
    const message = messageByName(database, 'DriveMotorola')!;
    const lines = drawLayout(message.signals, 8, (signal) => message.signals.indexOf(signal) + 1);
    expect(lines.filter((line) => !line.includes('+'))).toEqual([
      '  byte   7    6    5    4    3    2    1    0',
      '     0 |    |    |<-------- Crossing ----------|',
      '     1 |------------ Crossing -----------x|<2-x|',
      '     2 |<-------------- Aligned ---------------|',
      '     3 |--------------- Aligned --------------x|',
      '     4 |    |    |    |    |<---- Nibbles -----|',
      '     5 |--------------- Nibbles ---------------|',
      '     6 |--------------- Nibbles --------------x|',
      '     7 |<--------------- Tail ----------------x|',
    ]);
  });

  it('marks bits of several signals and folds free bytes', () => {
    const { database: read } = parseDbc(
      'BO_ 1 M: 8 A\n SG_ A : 0|8@1+ (1,0) [0|0] "" A\n SG_ B : 4|8@1+ (1,0) [0|0] "" A\n',
    );
    const lines = drawLayout(read.messages[0].signals, 8, () => 1);
    expect(lines.filter((line) => !line.includes('+')).slice(1)).toEqual([
      '     0 |###################|-------- A -------x|',
      '     1 |    |    |    |    |<------- B --------|',
      '   2-7 |                 free                  |',
    ]);
  });

  it('shows the bits that encoding sets', () => {
    fc.assert(
      fc.property(separateMessage, (message) => {
        for (const signal of message.signals) {
          const payload = new Uint8Array(message.length);
          writeBits(payload, signal, (1n << BigInt(signal.length)) - 1n);
          const set = [...payload].flatMap((byte, i) =>
            [0, 1, 2, 3, 4, 5, 6, 7].flatMap((bit) => (((byte >> bit) & 1) === 1 ? [i * 8 + bit] : [])),
          );
          expect([...bitPositions(signal)].sort((a, b) => a - b)).toEqual(set);
          payload.fill(0);
          writeBits(payload, signal, 1n);
          expect(payload[bitPositions(signal)[signal.length - 1] >> 3]).toBeGreaterThan(0);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('has a page for each value of each switch, with the switches that lead there', () => {
    const pages = pagesOf(messageByName(database, 'Nested')!);
    expect(pages.map(({ when, signals }) => [when, ...signals.map(({ name }) => name)])).toEqual([
      ['', 'Outer'],
      ['Outer = 0, 4-5', 'Outer', 'OfOuter'],
      ['Outer = 1', 'Outer', 'Inner'],
      ['Outer = 1 and Inner = 2', 'Outer', 'Inner', 'OfInner'],
      ['Outer = 1 and Inner = 4-6', 'Outer', 'Inner', 'OfInnerRange'],
    ]);
  });
});

describe('the text of a message', () => {
  it('has head, signals, switches, choices, attributes and comments', () => {
    const drive = messageLines(database, messageByName(database, 'Drive')!).join('\n');
    expect(drive).toContain('0x100 Drive: 8 bytes, every 20 ms, from Chassis');
    expect(drive).toMatch(
      /2 {2}SteeringAngle {2}16\|16 {2}intel {2}signed +raw \* 0\.1 - 5 +-3281\.8 to 3271\.7/,
    );
    expect(drive).toContain('        15  Signal not available');
    expect(drive).toContain('    Gear: GenSigStartValue = 15');
    expect(drive).toContain('    Speed: Over ground; 655.35 is "not available"');
    const nested = messageLines(database, messageByName(database, 'Nested')!).join('\n');
    expect(nested).toContain(
      '    Outer\n      = 0, 4-5: OfOuter\n      = 1:\n          Inner\n            = 2: OfInner\n            = 4-6: OfInnerRange',
    );
    expect(databaseLines(database, [])[0]).toMatch(/oddities\.dbc: \d+ messages, \d+ signals$/);
  });

  it('names the parameter group of J1939', () => {
    const { database: trucks } = loadDbc(join(packageRoot, 'test', 'golden', 'can', 'dbc-j1939-groups.dbc'));
    expect(messageLines(trucks, trucks.messages[0])[0]).toBe(
      '0x0CF00400 ElectronicEngine1: 8 bytes, 29-bit identifier, J1939 PGN 61444 (0x0F004), PDU2, priority 3, from Engine',
    );
  });
});

it('as JSON loses no 64-bit number', () => {
  const parsed = loadDbc(join(packageRoot, 'test', 'golden', 'can', 'dbc-attributes.dbc'));
  const copy = JSON.parse(JSON.stringify(databaseJson(parsed, parsed.database.messages))) as {
    messages: { name: string; signals: { startRaw: unknown; values: unknown }[] }[];
  };
  const event = copy.messages.find(({ name }) => name === 'EngineEvent')!;
  expect(event.signals[0].startRaw).toBe('18446744073709551615');
  expect(event.signals[0].values).toEqual([{ raw: '18446744073709551615', name: 'not available' }]);
});

describe('vigil dump', () => {
  const malformed = join(packageRoot, 'test', 'golden', 'can', 'dbc-malformed-lines.dbc');

  async function run(...argv: string[]): Promise<{ out: string; err: string; code: unknown }> {
    const written = { out: '', err: '' };
    const catching = (part: 'out' | 'err') => (chunk: unknown) => {
      written[part] += String(chunk);
      return true;
    };
    vi.spyOn(process.stdout, 'write').mockImplementation(catching('out'));
    vi.spyOn(process.stderr, 'write').mockImplementation(catching('err'));
    const program = new Command();
    register(program);
    process.exitCode = undefined;
    await program.parseAsync(['dump', ...argv], { from: 'user' });
    return { ...written, code: process.exitCode };
  }

  afterEach(() => {
    vi.restoreAllMocks();
    process.exitCode = undefined;
  });

  it('shows what is sound, lists the rest and ends with 3', async () => {
    const { out, code } = await run(malformed);
    expect(code).toBe(3);
    expect(out).toContain('0x001 Sound: 8 bytes, from A');
    expect(out).toContain('Problems: 4 left out, 3 kept with a warning');
    expect(out).toContain(`${malformed}:6: error: SG_: expected the factor of NoFactor`);
  });

  it('shows one message, by name or identifier', async () => {
    const byName = await run(malformed, '-m', 'AlsoSound');
    vi.restoreAllMocks();
    const byId = await run(malformed, '-m', '0x2');
    expect(byName.out).toBe(byId.out);
    expect(byName.out).not.toContain('0x001 Sound');
    await expect(run(malformed, '-m', 'Nobody')).rejects.toThrow(/a message of .* but received "Nobody"/);
  });

  it('refuses with --strict and names every problem', async () => {
    let err = '';
    vi.spyOn(process.stderr, 'write').mockImplementation((chunk) => {
      err += String(chunk);
      return true;
    });
    const program = new Command();
    register(program);
    await expect(program.parseAsync(['dump', malformed, '--strict'], { from: 'user' })).rejects.toThrow(
      expect.objectContaining({ code: 'DBC_UNSOUND' }),
    );
    expect(err.trim().split('\n').length).toBe(7);
  });

  it('writes one JSON object', async () => {
    const { out } = await run(malformed, '--json');
    const value = JSON.parse(out) as { messages: { name: string }[]; problems: unknown[] };
    expect(value.messages.map(({ name }) => name)).toEqual(['Sound', 'AlsoSound']);
    expect(value.problems.length).toBe(7);
  });
});
