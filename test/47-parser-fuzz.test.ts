import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Random, longestInput, mutate } from '../hil/fuzz/mutate.js';
import { attempt, fuzzTargets } from '../hil/fuzz/targets.js';
import { parseDbc } from '../src/can/dbc-parser.js';
import { writeDbc } from '../src/can/dbc-writer.js';
import { parseAscDate } from '../src/can/logs/asc-date.js';
import { logFormats } from '../src/can/logs/registry.js';
import { readText } from './47-support/logs.js';

const targets = fuzzTargets();

describe('changed samples', () => {
  it('cover every format that can be read, DBC and the text protocols', () => {
    const names = targets.map(({ name }) => name);
    for (const format of logFormats) if (format.open) expect(names).toContain(format.name);
    expect(names).toEqual(expect.arrayContaining(['dbc', 'slcan', 'socketcand', 'validity', 'mapping']));
    for (const { samples } of targets) expect(samples.length).toBeGreaterThan(0);
  });

  it('are the same from the same seed, and no longer than said', () => {
    const some = (seed: number) => {
      const random = new Random(seed);
      return Array.from({ length: 50 }, () => mutate(targets[0].samples, random));
    };
    expect(some(3)).toEqual(some(3));
    expect(some(3)).not.toEqual(some(4));
    for (const bytes of some(5)) expect(bytes.length).toBeLessThanOrEqual(longestInput);
  });

  it.each(targets.map((target) => [target.name, target] as const))(
    '%s: are read or refused with a VigilError',
    async (_, target) => {
      const random = new Random(20_261_122);
      for (let i = 0; i < 25; i++) {
        const bytes = mutate(target.samples, random).subarray(0, target.longest);
        expect(await attempt(target, bytes, new Random(i))).toBeNull();
      }
      for (const sample of target.samples) expect(await attempt(target, sample, new Random(1))).toBeNull();
    },
    30_000,
  );
});

describe('what fuzzing found', () => {
  it('a BUSMASTER date of too many digits is no date', async () => {
    const busmaster = targets.find(({ name }) => name === 'busmaster')!;
    const text = `***BUSMASTER Ver 2.4.0***\n***START DATE AND TIME 23:9:${'2015'.repeat(20)} 1:2:3:4***\n`;
    expect(await attempt(busmaster, Buffer.from(text), new Random(1))).toBeNull();
  });

  it.each([
    ['csv', `time,id,data\n${'9'.repeat(400)},123,00\n`],
    ['crtd', `${'9'.repeat(400)}.0 1R11 402 FA\n`],
  ])('a stamp of hundreds of digits in %s is no date', async (name, text) => {
    const target = targets.find((candidate) => candidate.name === name)!;
    expect(await attempt(target, Buffer.from(text), new Random(1))).toBeNull();
  });

  it('hours of many digits in a BUSMASTER log are damage, and no loop over days', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'vigil-fuzz-'));
    const { rows, summary } = await readText(
      join(folder, 'days'),
      '***BUSMASTER Ver 2.4.0***\n***HEX***\n***SYSTEM MODE***\n22222222223:59:59:9990 Rx 1 0x21A s 1 FE\n' +
        '23:59:00:0000 Rx 1 0x21A s 1 FE\n00:01:00:0000 Rx 1 0x21A s 1 FE\n',
    );
    expect(rows.map(({ ns }) => ns)).toEqual([86_340_000_000_000n, 86_460_000_000_000n]);
    expect(summary.damaged).toBe(1);
  });

  it('a signal group of two messages with one identifier comes back from a file that was written', () => {
    const { database } = parseDbc(
      'BO_ 1 A: 8 X\n SG_ a : 0|8@1+ (1,0) [0|0] "" X\nBO_ 1 B: 8 X\n SG_ b : 0|8@1+ (1,0) [0|0] "" X\n' +
        'SIG_GROUP_ 1 G 1 : b a;\nSIG_GROUP_ 1 G 1 : a;\n',
    );
    expect(database.messages.map(({ signalGroups }) => signalGroups)).toEqual([
      [{ name: 'G', repetitions: 1, signals: ['a'] }],
      [{ name: 'G', repetitions: 1, signals: ['b'] }],
    ]);
    expect(parseDbc(writeDbc(database)).database).toEqual(database);
  });

  it('an empty comment of a node says nothing', () => {
    const { database } = parseDbc('BU_: X\nBO_ 1 A: 8 X\n SG_ a : 0|8@1+ (1,0) [0|0] "" X\nCM_ BU_ X "";\n');
    expect(database.nodeDetails.size).toBe(0);
    expect(parseDbc(writeDbc(database)).database).toEqual(database);
  });

  it('of a signal of no message that is there twice the first counts, with a problem', () => {
    const signals = 'BO_ 3221225472 VECTOR__INDEPENDENT_SIG_MSG: 0 X\n SG_ s : 0|8@1+ (1,0) [0|0] "" X\n';
    const { database, problems } = parseDbc(
      `BO_ 1 A: 8 X\n SG_ a : 0|8@1+ (1,0) [0|0] "" X\n${signals}${signals}`,
    );
    expect(database.independentSignals.map(({ name }) => name)).toEqual(['s']);
    expect(problems.filter(({ severity }) => severity === 'error')).toHaveLength(1);
    expect(parseDbc(writeDbc(database)).database).toEqual(database);
  });

  it('a month that is called like a property of objects is no month', () => {
    expect(parseAscDate('Wed constructor 10 08:17:32.249 am 2015')).toBeNull();
    expect(parseAscDate('Wed Jul 10 08:17:32.249 am 2015')).toBe(Date.UTC(2015, 6, 10, 8, 17, 32, 249));
  });
});
