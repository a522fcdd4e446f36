import { describe, expect, it } from 'vitest';
import { blinking, perform } from './70-support/person.js';
import { drive, feed, stateAt, storyOf } from './70-support/watch.js';

/** Each story: what a driver does, and what must come of it. */
describe('a driver who', () => {
  it('drives awake for ten minutes is attentive and never bothered', () => {
    const lengthMs = 600_000;
    const watched = feed(
      drive(perform({ lengthMs, closings: blinking(lengthMs), driftPerMinute: 0.01 }), 110),
    );
    expect(storyOf(watched)).toEqual(['calibrating', 'attentive']);
    expect(watched.started).toEqual([]);
    expect(watched.driver.view.eyes.blinks.blinks).toBe(blinking(lengthMs).length);
  });

  it('nods off on the motorway is warned after one second, more urgently after three, and not when awake again', () => {
    const closings = [...blinking(19_000), { fromMs: 20_000, forMs: 4000 }];
    const watched = feed(drive(perform({ lengthMs: 30_000, closings }), 120));
    expect(storyOf(watched)).toEqual(['calibrating', 'attentive', 'microsleep', 'sleep', 'attentive']);
    const [microsleep, sleep] = watched.started;
    expect(microsleep).toMatchObject({
      rule: 'microsleep',
      level: 'urgent',
      policy: { id: 'euroncap-2026' },
    });
    expect(microsleep.startedMs).toBeGreaterThanOrEqual(21_000);
    expect(microsleep.startedMs).toBeLessThan(21_150);
    expect(microsleep.measured['closureMs']).toBeGreaterThanOrEqual(999.5);
    expect(sleep.startedMs).toBeGreaterThanOrEqual(23_000);
    expect(sleep.startedMs).toBeLessThan(23_150);
    expect(watched.ended.map(({ alert, reason }) => [alert.rule, reason])).toEqual([
      ['microsleep', 'escalated'],
      ['sleep', 'driverBack'],
    ]);
    expect(watched.ended[1].alert.endedMs).toBeGreaterThan(25_000);
    expect(watched.ended[1].alert.endedMs).toBeLessThan(25_600);
  });

  it('closes the eyes for half a second is left alone', () => {
    const watched = feed(drive(perform({ lengthMs: 20_000, closings: [{ fromMs: 10_000, forMs: 500 }] })));
    expect(storyOf(watched)).toEqual(['calibrating', 'attentive']);
    expect(watched.outputs.filter(({ kind }) => kind === 'closure')).toHaveLength(1);
  });

  it('checks the mirrors and the cluster keeps being attentive', () => {
    const turns = [
      { fromMs: 12_000, forMs: 1100, yawDeg: 39, pitchDeg: -8 },
      { fromMs: 16_000, forMs: 750, yawDeg: -46 },
      { fromMs: 20_000, forMs: 900, pitchDeg: -22 },
    ];
    const watched = feed(drive(perform({ lengthMs: 30_000, closings: blinking(30_000), turns }), 100));
    expect(watched.started).toEqual([]);
    const away = watched.measures.filter(
      ({ eyesOnRoad }) => eyesOnRoad.quality === 'valid' && !eyesOnRoad.value,
    );
    expect(away.length * (1000 / 30)).toBeGreaterThan(2500);
  });

  it('reads a message on the lap is warned after three seconds and looks up again', () => {
    const turns = [{ fromMs: 20_000, forMs: 5000, yawDeg: -10, pitchDeg: -35 }];
    const watched = feed(drive(perform({ lengthMs: 30_000, turns }), 50));
    expect(storyOf(watched)).toEqual(['calibrating', 'attentive', 'longDistraction', 'attentive']);
    expect(watched.started).toHaveLength(1);
    expect(watched.started[0].startedMs).toBeGreaterThanOrEqual(23_000);
    expect(watched.started[0].startedMs).toBeLessThan(23_150);
    expect(watched.ended[0].reason).toBe('driverBack');
    expect(watched.ended[0].alert.endedMs).toBeLessThan(26_400);
  });

  it('reads on while glancing up for an instant is still reading', () => {
    const turns = [
      { fromMs: 20_000, forMs: 1800, pitchDeg: -35 },
      { fromMs: 21_950, forMs: 2000, pitchDeg: -35 },
    ];
    const watched = feed(drive(perform({ lengthMs: 26_000, turns }), 50));
    expect(watched.started.map(({ rule }) => rule)).toEqual(['longDistraction']);
    expect(watched.started[0].startedMs).toBeLessThan(23_200);
  });

  it('turns round to the back seat until the face is lost is distracted all the same', () => {
    const watched = feed(
      drive(
        perform({
          lengthMs: 30_000,
          turns: [{ fromMs: 20_000, forMs: 4000, yawDeg: 60 }],
          stretches: [{ fromMs: 20_300, forMs: 3700, what: 'noFace' }],
        }),
      ),
    );
    expect(watched.started.map(({ rule }) => rule)).toEqual(['longDistraction']);
  });

  it('sits by a camera mounted far to the side is on the road all the same', () => {
    const watched = feed(
      drive(perform({ lengthMs: 60_000, yawDeg: 17, pitchDeg: -15, closings: blinking(60_000) })),
    );
    expect(storyOf(watched)).toEqual(['calibrating', 'attentive']);
    const last = watched.measures.at(-1)!;
    expect(last.headYawDeg).toMatchObject({ quality: 'valid', value: expect.closeTo(0, -0.5) as number });
    expect(last.eyesOnRoad).toEqual({ quality: 'valid', value: true });
  });

  it('grows drowsy over minutes is told so once, above 50 km/h only', () => {
    const closings = [];
    for (let fromMs = 60_000; fromMs < 280_000; fromMs += 4000) closings.push({ fromMs, forMs: 900 });
    const observations = perform({ lengthMs: 400_000, closings });
    const watched = feed(drive(observations, 100));
    expect(storyOf(watched)).toEqual(['calibrating', 'attentive', 'drowsy', 'attentive']);
    expect(watched.started.map(({ rule, level }) => [rule, level])).toEqual([['drowsy', 'warning']]);
    expect(watched.started[0].measured['perclos']).toBeGreaterThanOrEqual(0.15);
    const inTown = feed(drive(observations, 40));
    expect(storyOf(inTown)).toEqual(['calibrating', 'attentive', 'drowsy', 'attentive']);
    expect(inTown.started).toEqual([]);
  });

  it('squints into low sun is not asleep', () => {
    const closings = [{ fromMs: 15_000, forMs: 25_000, toRatio: 0.55 }];
    const watched = feed(drive(perform({ lengthMs: 60_000, closings })));
    expect(storyOf(watched)).toEqual(['calibrating', 'attentive']);
  });

  it('blinks into a squint is not asleep', () => {
    const closings = [
      { fromMs: 15_000, forMs: 180 },
      { fromMs: 15_000, forMs: 2500, toRatio: 0.5 },
    ];
    const watched = feed(drive(perform({ lengthMs: 25_000, closings })));
    expect(watched.started).toEqual([]);
    const events = watched.outputs.flatMap((o) =>
      o.kind === 'blink' ? [o.blink] : o.kind === 'closure' ? [o.closure] : [],
    );
    expect(events).toHaveLength(1);
    expect(events[0].durationMs).toBeLessThan(400);
  });

  it('flutters the lids for two seconds is not asleep', () => {
    const closings = [];
    for (let fromMs = 15_000; fromMs < 17_000; fromMs += 260) closings.push({ fromMs, forMs: 130 });
    const watched = feed(drive(perform({ lengthMs: 25_000, fps: 60, closings })));
    expect(watched.started).toEqual([]);
  });

  it('falls asleep and sinks out of view is not taken for awake, nor the warning ended', () => {
    const observations = perform({
      lengthMs: 40_000,
      closings: [{ fromMs: 20_000, forMs: 20_000 }],
      stretches: [{ fromMs: 21_500, forMs: 20_000, what: 'noFace' }],
    });
    const watched = feed(drive(observations));
    const asleep = ['microsleep', 'sleep', 'unresponsive'];
    expect(storyOf(watched)).toEqual(['calibrating', 'attentive', ...asleep, 'noFace']);
    expect(watched.ended.map(({ alert }) => alert.rule)).toEqual(['microsleep', 'sleep']);
    expect(watched.driver.alerts.active.map(({ rule }) => rule)).toEqual(['unresponsive', 'notFunctional']);
  });

  it('sleeps in a parked car is asleep, but nobody is warned', () => {
    const observations = perform({ lengthMs: 30_000, closings: [{ fromMs: 10_000, forMs: 15_000 }] });
    const watched = feed(drive(observations, 0));
    expect(storyOf(watched)).toEqual(['calibrating', 'attentive', 'microsleep', 'sleep', 'attentive']);
    expect(watched.started).toEqual([]);
  });

  it('falls asleep while the speed signal is lost is warned', () => {
    const observations = perform({ lengthMs: 30_000, closings: [{ fromMs: 20_000, forMs: 2000 }] });
    const watched = feed(drive(observations, (t) => (t < 5000 ? 0 : null)));
    expect(watched.started.map(({ rule }) => rule)).toEqual(['microsleep']);
    expect(watched.started[0].measured['speedKmh']).toBeNull();
    expect(watched.measures.at(-1)?.degradedBy).toContain('speedUnknown');
  });

  it('stops while the warning is on is not warned at standstill', () => {
    const observations = perform({ lengthMs: 40_000, closings: [{ fromMs: 20_000, forMs: 15_000 }] });
    const watched = feed(drive(observations, (t) => (t < 28_000 ? 30 : 0)));
    expect(watched.ended.at(-1)).toMatchObject({ reason: 'belowSpeed', alert: { rule: 'unresponsive' } });
    expect(stateAt(watched, 30_000)?.kind).toBe('sleep');
  });

  it('covers the camera is never called attentive, and is told within ten seconds', () => {
    for (const what of ['noFace', 'damagedImage', 'silent', 'eyesHidden', 'dark'] as const) {
      const observations = perform({
        lengthMs: 60_000,
        stretches: [{ fromMs: 20_000, forMs: 15_000, what }],
      });
      const watched = feed(drive(observations, 80));
      const state = stateAt(watched, 21_200);
      const reason = state?.kind === 'unavailable' ? state.reason : state?.kind;
      const expected = {
        noFace: 'noFace',
        damagedImage: 'damagedImage',
        silent: 'cameraSilent',
        eyesHidden: 'eyesNotMeasurable',
        dark: 'imageTooDark',
      }[what];
      expect(reason).toBe(expected);
      expect(watched.started.map(({ rule, level }) => [rule, level])).toEqual([['notFunctional', 'inform']]);
      expect(watched.started[0].startedMs).toBeLessThan(30_000);
      expect(watched.ended[0].reason).toBe('stateOver');
      expect(watched.ended[0].alert.endedMs).toBeLessThan(37_000);
      expect(watched.driver.state?.kind).toBe('attentive');
    }
  });

  it('is watched without a model is told that nothing is watched', () => {
    const watched = feed([
      { kind: 'camera', t: 0, fault: 'modelMissing' },
      ...drive([], 60, 12_000).filter(({ kind }) => kind !== 'observation'),
    ]);
    expect(storyOf(watched)).toEqual(['modelMissing']);
    expect(watched.started.map(({ rule }) => rule)).toEqual(['notFunctional']);
  });
});
