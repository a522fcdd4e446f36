import { PassThrough } from 'node:stream';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { keyFilter, planKey } from '../src/can/j1939.js';
import { monitor } from '../src/cli/monitor/run.js';
import { knownKeys } from '../src/cli/monitor/known-only.js';
import type { Snapshot } from '../src/cli/monitor/snapshot.js';
import { socketcandHub, type Hub } from './94-support/hubs.js';
import { database, databases, text } from './98-support.js';

const dbc = join(mkdtempSync(join(tmpdir(), 'vigil-known-')), 'test.dbc');
writeFileSync(dbc, text);
let hub: Hub | undefined;
afterEach(async () => hub?.close());

describe('vigil monitor --known', () => {
  it('asks for messages by identifier, name or signal, as the table filters', () => {
    const keysOf = (...names: string[]) =>
      database.messages.filter(({ name }) => names.includes(name)).map(planKey);
    expect(knownKeys(databases, '')).toEqual(database.messages.map(planKey));
    expect(knownKeys(databases, 'steer')).toEqual(keysOf('STEER'));
    expect(knownKeys(databases, 'pressure|state')).toEqual(keysOf('MIX', 'J1'));
    expect(knownKeys(databases, '^025$')).toEqual(keysOf('STEER'));
    expect(knownKeys(databases, 'nothing')).toEqual([]);
  });

  it('gives the bus that filter; what nobody knows does not come', async () => {
    hub = await socketcandHub();
    const address = `socketcand://127.0.0.1:${hub.port}/vcan0`;
    const output = Object.assign(new PassThrough(), { isTTY: false });
    let out = '';
    output.on('data', (chunk: Buffer) => (out += chunk.toString()));
    const sending = setInterval(
      () => hub?.broadcast('< frame 025 1.0 00 01 >< frame 123 1.0 02 >< frame 064 1.0 03 >'),
      20,
    );
    const input = Object.assign(new PassThrough(), { isTTY: false, setRawMode: vi.fn() });
    const base = { source: address, title: 'bus', dbc: [dbc], json: true, seconds: 0.4 };
    try {
      await monitor({ ...base, filter: 'steer', known: true }, { input, output, notes: new PassThrough() });
    } finally {
      clearInterval(sending);
    }
    const snapshot = JSON.parse(out) as Snapshot;
    expect(snapshot.rows.map(({ id }) => id)).toEqual([0x25]);
    expect(snapshot.frames).toBe(snapshot.rows[0].count);
  });

  it('needs databases', async () => {
    const io = { input: new PassThrough(), output: new PassThrough(), notes: new PassThrough() };
    await expect(
      monitor({ source: 'x', title: 'x', dbc: [], filter: '', json: true, known: true }, io),
    ).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });
});

describe('keys of J1939', () => {
  it('let the whole parameter group through, of any priority, source and PDU1 destination', () => {
    const passes = keyFilter([0xd8fef1fe, 0xd8ea00fe, 0x123, 0x80000456]);
    const wide = (id: number) => passes((id | 0x80000000) >>> 0);
    expect([0x0cfef131, 0x18fef131, 0x18ea2131, 0x456].map(wide)).toEqual([true, true, true, true]);
    expect([0x18fef231, 0x18eb2131, 0x19fef131, 0x123].map(wide)).toEqual([false, false, false, false]);
    expect([passes(0x123), passes(0x456)]).toEqual([true, false]);
  });
});
