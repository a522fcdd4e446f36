import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { driveClip } from '../hil/eval/driver/attentive.js';
import { rescaled } from '../hil/eval/driver/clips.js';
import { intervalChart } from '../hil/eval/driver/interval-chart.js';
import { changedSize, imageChanges } from '../hil/eval/driver/image-change.js';
import { poissonRate } from '../hil/eval/poisson.js';
import type { FaceObservation } from '../src/camera/observation.js';
import { loadPolicy } from '../src/driver/policy/policy.js';
import { blinking, perform } from './70-support/person.js';

async function* streamed(observations: readonly FaceObservation[]): AsyncGenerator<FaceObservation> {
  for (const observation of observations) yield await Promise.resolve(observation);
}

describe('rate of rare events', () => {
  it('has the exact limits of published tables (Garwood 1936)', () => {
    // 95 % limits for observed counts 1, 5 and 10.
    expect(poissonRate(1, 1).low).toBeCloseTo(0.0253, 4);
    expect(poissonRate(1, 1).high).toBeCloseTo(5.5716, 4);
    expect(poissonRate(5, 1).low).toBeCloseTo(1.6235, 4);
    expect(poissonRate(5, 1).high).toBeCloseTo(11.6683, 4);
    expect(poissonRate(10, 1).low).toBeCloseTo(4.7954, 4);
    expect(poissonRate(10, 1).high).toBeCloseTo(18.3904, 4);
  });

  it('claims less than one an hour without events only from three hours on', () => {
    expect(poissonRate(0, 2.9).high).toBeGreaterThan(1);
    expect(poissonRate(0, 3).high).toBeLessThan(1);
    expect(poissonRate(0, 0)).toEqual({ low: 0, high: Number.POSITIVE_INFINITY });
  });

  it('holds the observed rate', () => {
    fc.assert(
      fc.property(fc.nat(40), fc.double({ min: 0.01, max: 100, noNaN: true }), (events, hours) => {
        const { low, high } = poissonRate(events, hours);
        expect(low).toBeLessThanOrEqual(events / hours);
        expect(high).toBeGreaterThan(events / hours);
      }),
    );
  });
});

describe('a clip as a drive', () => {
  const closings = [...blinking(20_000), { fromMs: 22_000, forMs: 1500 }];
  const observations = perform({ lengthMs: 30_000, closings });
  const label = { start: 660, peak: 670, end: 706, uncertain: false };

  it('counts an alert about closed eyes as false unless a label explains it', async () => {
    const policy = loadPolicy();
    const unexplained = await driveClip('clip', streamed(observations), [], policy);
    expect(unexplained.alerts).toMatchObject([{ rule: 'microsleep', justified: false }]);
    const explained = await driveClip('clip', streamed(observations), [label], policy);
    expect(explained.alerts).toMatchObject([{ rule: 'microsleep', justified: true }]);
    const shortLabel = { ...label, end: label.start + 15 };
    const short = await driveClip('clip', streamed(observations), [shortLabel], policy);
    expect(short.alerts).toMatchObject([{ rule: 'microsleep', justified: false }]);
  });

  it('adds up to its length, in states', async () => {
    const { stateMs, durationMs, frames, closures } = await driveClip(
      'clip',
      streamed(observations),
      [],
      loadPolicy(),
    );
    expect(frames).toBe(900);
    expect(closures).toHaveLength(closings.length);
    const sum = Object.values(stateMs).reduce((a, b) => a + b, 0);
    expect(sum).toBeCloseTo(durationMs, -2);
  });
});

describe('changes of the image', () => {
  it('halve to even sizes and leave the others alone', () => {
    const [asFilmed] = imageChanges;
    expect(changedSize(asFilmed, 361, 289)).toEqual({ width: 361, height: 289 });
    const halved = imageChanges.find((change) => change.halved)!;
    expect(changedSize(halved, 360, 290)).toEqual({ width: 180, height: 144 });
  });

  it('move labels to another frame rate without losing any', () => {
    const labels = [{ start: 101, peak: 103, end: 106, uncertain: false }];
    expect(rescaled(labels, 0.5)).toEqual([{ start: 50, peak: 51, end: 53, uncertain: false }]);
    expect(rescaled(labels, 1)).toEqual(labels);
  });
});

describe('interval chart', () => {
  it('draws estimate, interval and goal; an unknown estimate has a label only', () => {
    const rows = [
      { label: 'found', value: 0.98, low: 0.91, high: 1, goal: 0.95 },
      { label: 'nothing measured', value: Number.NaN, low: 0, high: 0, goal: null },
    ];
    const svg = intervalChart(rows, { title: 'Blinks', axis: 'share found', from: 0, to: 1 });
    expect(svg.match(/<circle /g)).toHaveLength(1);
    expect(svg).toContain('nothing measured');
    expect(svg).toContain('0.98');
    expect(intervalChart(rows, { title: 'Blinks', axis: 'share found', from: 0, to: 1 })).toBe(svg);
  });
});
