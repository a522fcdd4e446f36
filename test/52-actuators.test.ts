import { describe, expect, it } from 'vitest';
import type { ActuationRequest } from '../src/vehicle/actuators.js';
import { newStore, thrownBy } from './50-support.js';

const enabled = 'Vehicle.ADAS.DMS.IsEnabled';
const clutch = 'Vehicle.Powertrain.Transmission.ClutchEngagement';

const request = (path: string, value: boolean | number | string, t = 100): ActuationRequest => ({
  path,
  value,
  t,
  requester: 'test',
});

describe('an actuator', () => {
  it('without an owner is unavailable', () => {
    const { store } = newStore();
    const error = thrownBy(() => store.actuate(request(enabled, true)));
    expect(error.code).toBe('ACTUATOR_UNAVAILABLE');
    expect(error.message).toContain(enabled);
    expect(store.target(enabled)).toBeUndefined();
  });

  it('has one owner, until that one releases it', () => {
    const { store } = newStore();
    const claim = store.provideActuator(enabled, 'dms', () => undefined);
    const error = thrownBy(() => store.provideActuator(enabled, 'rival', () => undefined));
    expect(error.code).toBe('ACTUATOR_ALREADY_OWNED');
    expect(error.message).toContain('free for rival but it is owned by dms');
    store.actuate(request(enabled, true));
    claim.release();
    expect(store.target(enabled)).toBeUndefined();
    expect(thrownBy(() => store.actuate(request(enabled, true))).code).toBe('ACTUATOR_UNAVAILABLE');
    store.provideActuator(enabled, 'rival', () => undefined);
    claim.release();
    store.actuate(request(enabled, true));
    expect(store.target(enabled)).toEqual(request(enabled, true));
  });

  it('keeps its value until the owner reports another: asking is not doing', () => {
    const { store } = newStore();
    const source = store.provide('dms', [{ path: enabled, maxAgeMs: Infinity }]);
    source.write(enabled, 0, false);
    const asked: ActuationRequest[] = [];
    store.provideActuator(enabled, 'dms', (target) => void asked.push(target));
    let changes = 0;
    store.subscribe(enabled, () => (changes += 1));
    store.actuate(request(enabled, true));
    expect(asked).toEqual([request(enabled, true)]);
    expect(store.target(enabled)?.value).toBe(true);
    expect(store.get(enabled)).toMatchObject({ value: false, t: 0 });
    expect(changes).toBe(0);
    source.write(enabled, 350, true);
    expect(store.get(enabled)).toMatchObject({ value: true, t: 350, quality: 'valid' });
    expect(changes).toBe(1);
  });

  it('is not reached by a wrong value, and sensors and unknown paths are none', () => {
    const { store } = newStore();
    let asked = 0;
    store.provideActuator(clutch, 'box', () => (asked += 1));
    expect(thrownBy(() => store.actuate(request(clutch, 101))).code).toBe('INVALID_VALUE');
    expect(thrownBy(() => store.actuate(request(clutch, 'half'))).code).toBe('INVALID_VALUE');
    expect(thrownBy(() => store.actuate(request('Vehicle.Speed', 3))).code).toBe('NOT_AN_ACTUATOR');
    expect(thrownBy(() => store.provideActuator('Vehicle.Speed', 'x', () => undefined)).code).toBe(
      'NOT_AN_ACTUATOR',
    );
    expect(thrownBy(() => store.actuate(request('Vehicle.Nothing', 3))).code).toBe('UNKNOWN_SIGNAL');
    expect(asked).toBe(0);
  });

  it('in a batch moves only if all may', () => {
    const { store } = newStore();
    let asked = 0;
    store.provideActuator(clutch, 'box', () => (asked += 1));
    expect(thrownBy(() => store.actuate(request(clutch, 50), request(enabled, true))).code).toBe(
      'ACTUATOR_UNAVAILABLE',
    );
    store.provideActuator(enabled, 'dms', () => (asked += 1));
    expect(thrownBy(() => store.actuate(request(clutch, 50), request(enabled, 1))).code).toBe(
      'INVALID_VALUE',
    );
    expect(asked).toBe(0);
    store.actuate(request(clutch, 50), request(enabled, true));
    expect(asked).toBe(2);
  });

  it('may refuse, and the requester learns why', () => {
    const { store } = newStore();
    store.provideActuator(enabled, 'dms', () => {
      throw new Error('not while driving');
    });
    const error = thrownBy(() => store.actuate(request(enabled, false)));
    expect(error.code).toBe('ACTUATOR_REFUSED');
    expect(error.message).toContain('Expected dms to accept false');
    expect(error.message).toContain('not while driving');
    expect(store.target(enabled)).toBeUndefined();
  });
});
