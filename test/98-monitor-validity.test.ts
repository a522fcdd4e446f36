import { PassThrough } from 'node:stream';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { demoCanFrames } from '../hil/demo/can-trace.js';
import { candumpText } from '../src/can/candump-text.js';
import { loadDbc } from '../src/can/dbc-parser.js';
import { signalsDir } from '../src/runtime/paths.js';
import { monitor, type MonitorOptions } from '../src/cli/monitor/run.js';
import type { Snapshot } from '../src/cli/monitor/snapshot.js';

const dbc = join(signalsDir, 'dbc', 'vigil-demo.dbc');
const folder = mkdtempSync(join(tmpdir(), 'vigil-monitor-validity-'));
afterAll(() => rmSync(folder, { recursive: true }));
const { database } = loadDbc(dbc);
const log = join(folder, 'drive.log');
const lines = candumpText(demoCanFrames({ database, durationMs: 1000 }))
  .trimEnd()
  .split('\n');
// Two buses with counters of their own; on the first, every fifth frame of VehicleMotion has a bit too many.
let motions = 0;
const faulty = lines.map((line) => {
  if (!line.includes(' 0C0#')) return line;
  motions += 1;
  if (motions % 5 !== 0) return line;
  const last = line.slice(-1);
  return `${line.slice(0, -1)}${(Number.parseInt(last, 16) ^ 1).toString(16).toUpperCase()}`;
});
const both = faulty.flatMap((line, i) => [
  line.replace(/ \S+ /, ' can0 '),
  lines[i].replace(/ \S+ /, ' can1 '),
]);
writeFileSync(log, `${both.join('\n')}\n`);

async function watch(more: Partial<MonitorOptions>): Promise<{ code: number; out: string }> {
  const output = Object.assign(new PassThrough(), { isTTY: false, columns: 140, rows: 20 });
  let out = '';
  output.on('data', (chunk: Buffer) => (out += chunk.toString()));
  const base = { source: log, title: 'drive.log', dbc: [dbc], filter: '', json: false };
  const input = Object.assign(new PassThrough(), { isTTY: false });
  const code = await monitor({ ...base, ...more }, { input, output, notes: new PassThrough() });
  return { code, out };
}

describe('vigil monitor --validity', () => {
  it('counts what must not be used, each channel by itself', async () => {
    const { out } = await watch({ validity: 'vigil-demo', json: true });
    const { rows } = JSON.parse(out) as Snapshot;
    const motion = rows.filter(({ message }) => message === 'VehicleMotion');
    expect(motion.map(({ channel, validity }) => [channel, validity?.refused])).toEqual([
      [0, Math.floor(motions / 5)],
      [1, 0],
    ]);
    for (const { message, validity } of rows) {
      if (message !== 'VehicleMotion') expect(validity).toMatchObject({ refused: 0 });
    }
    expect(motion[1].validity?.last).toBe('ok');
  });

  it('shows the verdict behind the message', async () => {
    const { out } = await watch({ validity: 'vigil-demo' });
    expect(out).toMatch(new RegExp(`VehicleMotion {2}\\w+ \\(${Math.floor(motions / 5)} refused\\)`));
    expect(out).toMatch(/WheelSpeeds {2}ok\n/);
  });

  it('says nothing about validity without rules, and needs the databases with them', async () => {
    const { out } = await watch({ json: true });
    for (const row of (JSON.parse(out) as Snapshot).rows) expect(row.validity).toBeUndefined();
    await expect(watch({ validity: 'vigil-demo', dbc: [] })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
    await expect(watch({ validity: 'no-such-rules' })).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
  });
});
