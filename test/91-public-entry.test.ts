import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as vigil from '../src/index.js';
import { slcanHub } from './94-support/hubs.js';

const text = 'BO_ 291 Motion: 2 X\n SG_ Speed : 0|16@1+ (0.5,0) [0|0] "km/h" X\n';

describe('the public entry', () => {
  it('decodes a log with a DBC: columns, latest values, one frame exactly', async () => {
    const { database } = vigil.parseDbc(text);
    const file = join(mkdtempSync(join(tmpdir(), 'vigil-entry-')), 'drive.log');
    writeFileSync(file, '(1.000000) can0 123#0A00\n(1.010000) can0 123#0C00\n');
    const latest = new vigil.LatestValues(vigil.subscribedPlan(database, () => true));
    const decoder = vigil.CanDecoder.of(database);
    const speeds: number[] = [];
    for await (const frames of await vigil.openLog(file)) {
      latest.update(frames);
      speeds.push(...decoder.decode(frames).message('Motion')!.column('Speed'));
    }
    expect(speeds).toEqual([5, 6]);
    expect(latest.values[latest.indexOf('Motion', 'Speed')]).toBe(6);
    const message = database.messages[0];
    const payload = vigil.encodeMessage(message, { Speed: 7 });
    expect(vigil.decodeMessage(message, payload).signals.get('Speed')).toMatchObject({
      raw: 14n,
      physical: 7,
    });
  });

  it('opens a live bus, sends on it and says its state', async () => {
    const hub = await slcanHub();
    const bus: vigil.CanBus = await vigil.openBus(`slcan://127.0.0.1:${hub.port}`);
    const states: vigil.BusState['kind'][] = [];
    bus.state$.subscribe(({ kind }) => states.push(kind));
    await bus.send({ id: 0x123, flags: 0, data: Uint8Array.of(1, 2) });
    await bus.close();
    await hub.close();
    expect(states[0]).toBe('up');
    expect(states.at(-1)).toBe('closed');
  });

  it('refuses with its own error class', () => {
    expect(() => vigil.parseDbc('')).toThrow(vigil.VigilError);
  });
});
