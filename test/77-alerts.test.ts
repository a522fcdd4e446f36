import { describe, expect, it } from 'vitest';
import { perform, type Closing, type Turn } from './70-support/person.js';
import { drive, feed } from './70-support/watch.js';

describe('the end of an intervention', () => {
  it('comes after one second of looking ahead', () => {
    const watched = feed(drive(perform({ lengthMs: 20_000, closings: [{ fromMs: 10_000, forMs: 1800 }] })));
    const { alert, reason } = watched.ended[0];
    expect(reason).toBe('driverBack');
    expect(alert.endedMs! - 11_800).toBeGreaterThan(1000);
    expect(alert.endedMs! - 11_800).toBeLessThan(1500);
  });

  it('comes two seconds after the state when the driver, awake, looks elsewhere', () => {
    const turns: Turn[] = [{ fromMs: 11_700, forMs: 2800, yawDeg: 45 }];
    const watched = feed(
      drive(perform({ lengthMs: 20_000, closings: [{ fromMs: 10_000, forMs: 1800 }], turns })),
    );
    const { alert, reason } = watched.ended[0];
    expect(alert.rule).toBe('microsleep');
    expect(reason).toBe('stateOver');
    expect(alert.endedMs! - 11_800).toBeGreaterThan(2000);
    expect(alert.endedMs! - 11_800).toBeLessThan(2500);
  });

  it('does not come through a blink sooner, nor is put off by one', () => {
    const closings: Closing[] = [
      { fromMs: 10_000, forMs: 1800 },
      { fromMs: 12_400, forMs: 180 },
    ];
    const watched = feed(drive(perform({ lengthMs: 20_000, closings })));
    expect(watched.ended[0].alert.endedMs).toBeLessThan(13_300);
  });

  it('is followed by a new alert when the eyes close again', () => {
    const closings: Closing[] = [
      { fromMs: 10_000, forMs: 1500 },
      { fromMs: 12_000, forMs: 1500 },
    ];
    const watched = feed(drive(perform({ lengthMs: 20_000, closings })));
    expect(watched.started.map(({ id }) => id)).toEqual(['microsleep-1', 'microsleep-2']);
    expect(watched.ended.map(({ reason }) => reason)).toEqual(['repeated', 'driverBack']);
  });

  it('does not come because the driver is out of sight, for half a minute', () => {
    const watched = feed(
      drive(
        perform({
          lengthMs: 70_000,
          closings: [{ fromMs: 10_000, forMs: 60_000 }],
          stretches: [{ fromMs: 12_000, forMs: 60_000, what: 'silent' }],
        }),
        60,
        60_000,
      ),
    );
    const unresponsive = watched.ended.find(({ alert }) => alert.rule === 'unresponsive');
    expect(unresponsive?.reason).toBe('lostSight');
    expect(unresponsive!.alert.endedMs).toBeGreaterThan(41_900);
    expect(unresponsive!.alert.endedMs).toBeLessThan(42_200);
  });
});

describe('an alert', () => {
  it('names policy, rule, clause and the measured values that fired it', () => {
    const turns: Turn[] = [{ fromMs: 15_000, forMs: 4000, yawDeg: -32, pitchDeg: -20 }];
    const [alert] = feed(drive(perform({ lengthMs: 20_000, turns }), 77)).started;
    expect(alert).toMatchObject({
      id: 'longDistraction-1',
      level: 'warning',
      rule: 'longDistraction',
      policy: { id: 'euroncap-2026', version: 2 },
      state: { kind: 'longDistraction', zone: 'infotainment', movement: 'owl' },
      endedMs: null,
    });
    expect(alert.clause).toContain('single glance');
    expect(alert.measured['speedKmh']).toBe(77);
    expect(alert.measured['awayMs']).toBeGreaterThanOrEqual(2999.5);
    expect(alert.measured['limit.longDistraction.glanceMs']).toBe(3000);
    expect(Math.abs(alert.measured['headYawDeg']! + 32)).toBeLessThan(3);
  });

  it('of drowsiness goes on behind a microsleep instead of starting again', () => {
    const closings: Closing[] = [];
    for (let fromMs = 60_000; fromMs < 200_000; fromMs += 4000) closings.push({ fromMs, forMs: 900 });
    closings.push({ fromMs: 202_000, forMs: 1600 });
    const watched = feed(drive(perform({ lengthMs: 210_000, closings }), 100));
    expect(watched.started.map(({ rule }) => rule)).toEqual(['drowsy', 'microsleep']);
    expect(watched.driver.alerts.active.map(({ rule }) => rule)).toEqual(['drowsy']);
  });
});
