import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { convertLog } from '../src/can/logs/convert.js';
import { readLog } from './47-support/logs.js';
import { startVigil } from './60-support/media.js';

const log =
  '(1436509052.249713) can0 123#DEADBEEF\n' +
  '(1436509052.350000123) can1 01ABCDEF##70102 T\n' +
  '(1436509053.000000) vcan7 123#R4\n';

let folder: string;
const at = (name: string) => join(folder, name);
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'vigil-convert-'));
  writeFileSync(at('a.log'), log);
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('convert', () => {
  it.each(['b.log', 'b.asc', 'b.csv', 'b.log.gz', 'b.asc.zst'])(
    'writes %s, from which all frames come back',
    async (name) => {
      const summary = await convertLog({ input: at('a.log'), output: at(name) });
      expect(summary).toMatchObject({
        from: 'candump',
        framesRead: 3,
        framesWritten: 3,
        losses: [],
        notes: [],
      });
      expect(summary.seconds).toBeCloseTo(0.750287, 9);
      expect((await readLog(at(name))).rows).toEqual((await readLog(at('a.log'))).rows);
    },
  );

  it('keeps interface names and the text itself from candump to candump', async () => {
    await convertLog({ input: at('a.log'), output: at('same.log.gz') });
    expect(gunzipSync(readFileSync(at('same.log.gz'))).toString()).toBe(log);
  });

  it('renumbers channels, by number or name, and leaves some out', async () => {
    const options = { input: at('a.log'), output: at('mapped.log'), channels: 'can1=0,0=5,vcan7=-' };
    const summary = await convertLog(options);
    expect(summary).toMatchObject({ framesRead: 3, framesWritten: 2, losses: [] });
    expect(summary.notes).toEqual(['1 frames left out by the channel map']);
    const { rows } = await readLog(at('mapped.log'));
    expect(rows.map(({ data }) => data)).toEqual(['deadbeef', '0102']);
    expect(readFileSync(at('mapped.log'), 'utf8')).toMatch(/ can0 123#.*\n.* can1 01ABCDEF##/);
    await convertLog({ ...options, output: at('mapped.csv') });
    expect((await readLog(at('mapped.csv'))).rows.map(({ channel }) => channel)).toEqual([5, 0]);
    for (const channels of ['0', '0=1=2', 'x=1', '0=256', '300=1', '0=1,can0=2', '=1']) {
      await expect(convertLog({ ...options, output: at('none.log'), channels })).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
      });
    }
  });

  it('leaves no file behind when it fails, and never touches its input or what is there', async () => {
    writeFileSync(at('bad.log'), 'nothing\n');
    const before = readdirSync(folder);
    const failing = (options: { input: string; output: string; to?: string }) =>
      expect(convertLog({ ...options, force: options.output === at('a.log') })).rejects;
    await failing({ input: at('bad.log'), output: at('x.log') }).toMatchObject({
      code: 'LOG_FORMAT_UNKNOWN',
    });
    await failing({ input: at('a.log'), output: at('x.log'), to: 'pdf' }).toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
    await failing({ input: at('a.log'), output: at('x.pdf') }).toMatchObject({ code: 'INVALID_ARGUMENT' });
    await failing({ input: at('a.log'), output: at('a.log') }).toMatchObject({ code: 'OUTPUT_IS_INPUT' });
    await failing({ input: at('a.log'), output: at('bad.log') }).toMatchObject({ code: 'OUTPUT_EXISTS' });
    await failing({ input: at('a.log'), output: at('no/where.log') }).toMatchObject({
      code: 'OUTPUT_FOLDER',
    });
    const stopped = convertLog({ input: at('a.log'), output: at('x.log'), signal: AbortSignal.abort() });
    await expect(stopped).rejects.toThrow(/abort/i);
    expect(readdirSync(folder)).toEqual(before);
    expect(readFileSync(at('a.log'), 'utf8')).toBe(log);
  });
});

describe('vigil convert', () => {
  it('prints what it did and ends with 3 when something is missing', async () => {
    writeFileSync(at('cut.log'), `${log}junk\n(1436509054.0) can0 12`);
    const { code, stdout, stderr } = await startVigil(['convert', at('cut.log'), at('cut.trc'), '--json'])
      .end;
    expect(stderr).toBe('');
    expect(code).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({
      from: 'candump',
      to: 'trc',
      framesWritten: 3,
      losses: [expect.stringContaining('line 4'), expect.stringContaining('cut off')],
      notes: ['trc does not hold: time below 1 us (1)'],
    });
    const whole = await startVigil(['convert', at('a.log'), at('cut.trc'), '--force', '--to', 'trc-1.3']).end;
    expect(whole.code).toBe(3);
    expect(whole.stdout).toContain("lost: trc-1.3 can't hold: CAN FD frame (1)");
    const wrong = await startVigil(['convert', at('a.log'), at('fine.csv'), '--to', 'pdf']).end;
    expect(wrong.code).toBe(2);
  });
});
