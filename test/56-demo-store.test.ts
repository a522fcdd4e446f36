import { describe, expect, it } from 'vitest';
import { loadDbc } from '../src/can/dbc-parser.js';
import { CanDecoder } from '../src/can/decoder.js';
import type { CanFrames } from '../src/can/frames.js';
import {
  applyDecoded,
  connectMapping,
  dbcFileOf,
  loadMapping,
  readMapping,
  standardMappingFile,
} from '../src/vehicle/mapping.js';
import { demoCanFrames } from '../hil/demo/can-trace.js';
import { speedKmh } from '../hil/demo/speed-profile.js';
import { steeringAngleDeg } from '../hil/demo/steering.js';
import { newStore } from './50-support.js';

const file = standardMappingFile('vigil-demo');
const { database } = loadDbc(dbcFileOf(readMapping(file)));

/** Rows `from` to `to` (exclusive) as a batch of their own; payloads stay where they are. */
function rows(frames: CanFrames, from: number, to: number): CanFrames {
  return {
    count: to - from,
    t: frames.t.slice(from, to),
    id: frames.id.slice(from, to),
    flags: frames.flags.slice(from, to),
    channel: frames.channel.slice(from, to),
    length: frames.length.slice(from, to),
    offset: frames.offset.slice(from, to),
    data: frames.data,
  };
}

describe('the demo drive, from frames to the store', () => {
  const { store, errors } = newStore();
  const mapping = loadMapping(file, store.tree, database);
  const source = connectMapping(store, mapping);
  const decoder = CanDecoder.of(database);
  const durationMs = 10_000;
  const frames = demoCanFrames({ database, durationMs });

  it('keeps every mapped signal valid and fresh while the bus speaks, and says when it stops', () => {
    let written = 0;
    for (let from = 0, deadline = 10; from < frames.count; deadline += 10) {
      let to = from;
      while (to < frames.count && frames.t[to] <= deadline) to += 1;
      written += applyDecoded(source, mapping, decoder.decode(rows(frames, from, to)).messages);
      expect(store.expire(deadline)).toBe(0);
      from = to;
    }
    expect(written).toBe(frames.count);
    expect(store.counters).toMatchObject({ invalid: 0, late: 0, failed: 0 });
    for (const { path } of mapping.provided)
      expect(store.get(path)).toMatchObject({ quality: 'valid', reason: '' });

    const speed = store.get('Vehicle.Speed');
    expect(Math.abs(Number(speed.value) - speedKmh(speed.t / 1000))).toBeLessThan(0.1);
    const angle = store.get('Vehicle.Chassis.SteeringWheel.Vigil.Angle');
    expect(Math.abs(Number(angle.value) - steeringAngleDeg(angle.t / 1000))).toBeLessThan(0.15);
    expect(store.get('Vehicle.Chassis.SteeringWheel.Angle').value).toBe(Math.round(Number(angle.value)));
    expect(store.get('Vehicle.IsMoving').value).toBe(true);
    expect(store.get('Vehicle.Powertrain.Transmission.SelectedGear').value).toBe(127);
    expect(store.get('Vehicle.Cabin.Seat.Row1.DriverSide.IsBelted').value).toBe(true);
    expect(store.get('Vehicle.LowVoltageSystemState').value).toBe('ON');

    store.expire(durationMs + 250);
    expect(store.get('Vehicle.Speed').quality).toBe('stale');
    expect(store.get('Vehicle.Powertrain.Transmission.CurrentGear').quality).toBe('valid');
    store.expire(durationMs + 20_000);
    for (const { path } of mapping.provided) expect(store.get(path).quality).toBe('stale');
    expect(errors).toEqual([]);
  });
});
