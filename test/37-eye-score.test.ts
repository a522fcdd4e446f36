import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { labelOfName, parseLabels } from '../hil/eval/eye-crops.js';
import { eyeFigures, type ScoredEye } from '../hil/eval/eye-score.js';

function eyes(subject: string, closed: boolean, probabilities: readonly number[]): ScoredEye[] {
  const label = { subject, closed, glasses: null, reflections: null, lighting: null, sensor: null };
  return probabilities.map((closedProbability) => ({ label, closedProbability }));
}

describe('figures of eye states', () => {
  it('balanced accuracy is the mean of both recalls, whatever the numbers of crops', () => {
    const figures = eyeFigures([...eyes('a', true, [0.9, 0.9, 0.9, 0.1]), ...eyes('a', false, [0.1, 0.7])]);
    expect(figures).toMatchObject({ n: 6, closed: 4, open: 2, subjects: 1, closedRecall: 0.75 });
    expect(figures.openRecall).toBe(0.5);
    expect(figures.balancedAccuracy).toBe(0.625);
  });

  it('one half is called closed', () => {
    expect(eyeFigures(eyes('a', true, [0.5])).balancedAccuracy).toBe(1);
    expect(eyeFigures(eyes('a', false, [0.5])).balancedAccuracy).toBe(0);
  });

  it('of a single class it is that class’s recall', () => {
    const figures = eyeFigures(eyes('a', true, [0.9, 0.2]));
    expect(figures.balancedAccuracy).toBe(0.5);
    expect(figures.openRecall).toBeNaN();
  });

  it('gives no interval for fewer than five subjects', () => {
    const four = ['a', 'b', 'c', 'd'].flatMap((s) => [...eyes(s, true, [0.9]), ...eyes(s, false, [0.2])]);
    expect(eyeFigures(four).interval95.low).toBeNaN();
    const five = [...four, ...eyes('e', true, [0.9]), ...eyes('e', false, [0.2])];
    expect(eyeFigures(five).interval95).toEqual({ low: 1, high: 1 });
  });

  it('the subject is the unit: copies of crops leave the interval as it was', () => {
    const people = Array.from({ length: 8 }, (_, i) => [
      ...eyes(`s${i}`, true, i % 3 === 0 ? [0.2, 0.9] : [0.9, 0.8]),
      ...eyes(`s${i}`, false, i % 4 === 0 ? [0.8, 0.1] : [0.1, 0.2]),
    ]).flat();
    const { interval95 } = eyeFigures(people);
    expect(interval95.low).toBeLessThan(interval95.high);
    expect(eyeFigures([...people, ...people]).interval95).toEqual(interval95);
  });

  it('property: figures lie between 0 and 1 and inside their interval', () => {
    const eye = fc.record({
      subject: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g'),
      closed: fc.boolean(),
      closedProbability: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(eye, { minLength: 1, maxLength: 60 }), (drawn) => {
        const scored = drawn.flatMap(({ subject, closed, closedProbability }) =>
          eyes(subject, closed, [closedProbability]),
        );
        const { balancedAccuracy, interval95, n } = eyeFigures(scored);
        expect(n).toBe(drawn.length);
        expect(balancedAccuracy).toBeGreaterThanOrEqual(0);
        expect(balancedAccuracy).toBeLessThanOrEqual(1);
        if (Number.isNaN(interval95.low)) return;
        expect(interval95.low).toBeGreaterThanOrEqual(0);
        expect(interval95.high).toBeLessThanOrEqual(1);
        expect(interval95.low).toBeLessThanOrEqual(interval95.high);
      }),
      { numRuns: 40 },
    );
  });
});

describe('labels of eye crops', () => {
  it('are in the file name', () => {
    expect(labelOfName('s0012_03054_0_1_0_2_1_03.png')).toEqual({
      subject: 's0012',
      closed: true,
      glasses: 'glasses',
      reflections: 'big',
      lighting: 'good',
      sensor: 'Aptina',
    });
    expect(labelOfName('s0037_00001_1_0_1_0_0_01.jpg')).toMatchObject({ subject: 's0037', closed: false });
    expect(labelOfName('labels.csv')).toBeNull();
    expect(labelOfName('face_1.png')).toBeNull();
    expect(labelOfName('s0012_03054_0_1_2_2_1_03.png')).toBeNull();
  });

  it('or in a labels.csv, its columns in any order, unknown facts null', () => {
    const text =
      'subject,file,eye_0closed1open,sensor_x\r\np1,a.png,1,02\r\np1,b.png,0,9\r\np2,c.png,?,01\r\n';
    const labels = parseLabels(text);
    expect([...labels.keys()]).toEqual(['a.png', 'b.png']);
    expect(labels.get('a.png')).toEqual({
      subject: 'p1',
      closed: false,
      glasses: null,
      reflections: null,
      lighting: null,
      sensor: 'IDS',
    });
    expect(labels.get('b.png')).toMatchObject({ closed: true, sensor: null });
    expect(parseLabels('nothing of use\n1,2,3\n').size).toBe(0);
  });
});
