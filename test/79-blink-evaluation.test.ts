import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseBlinkLabels } from '../hil/eval/blink-labels.js';
import { figures, scoreBlinks } from '../hil/eval/blink-score.js';
import { blinks } from '../hil/eval/blinks.js';
import { wilson } from '../hil/eval/wilson.js';
import { perform, type Closing } from './70-support/person.js';

const label = (start: number, end: number, uncertain = false) => ({ start, peak: start, end, uncertain });

describe('blink labels', () => {
  it('are rows of start, peak, end and kind after comments and a header', () => {
    const text =
      '# made by hand\nstart,peak,end,kind\n60,61,66,uncertain\r\n164,165,169,blink\n\n220,240,269,long\n';
    expect(parseBlinkLabels(text, 'x.csv')).toEqual([
      { start: 60, peak: 61, end: 66, uncertain: true },
      { start: 164, peak: 165, end: 169, uncertain: false },
      { start: 220, peak: 240, end: 269, uncertain: false },
    ]);
  });

  it.each(['1,2,3', '5,4,3,blink', 'a,b,c,blink', '1.5,2,3,blink'])(
    '%s is refused with its line number',
    (row) => {
      expect(() => parseBlinkLabels(`start,peak,end,kind\n${row}\n`, 'x.csv')).toThrow(/line 2 of x\.csv/);
    },
  );
});

describe('scoring', () => {
  const labels = [label(10, 14), label(20, 24), label(40, 45, true), label(60, 64)];

  it('finds by overlap, counts the rest as false, and leaves uncertain ones out', () => {
    const score = scoreBlinks(
      [
        { start: 11, end: 15 },
        { start: 41, end: 43 },
        { start: 50, end: 52 },
        { start: 64, end: 66 },
      ],
      labels,
    );
    expect(score).toMatchObject({ n: 3, found: 2, falsePositives: 1, undecided: 1, startErrors: [1, 4] });
    expect(score.missed).toEqual([labels[1]]);
    expect(score.wrong).toEqual([{ start: 50, end: 52 }]);
    expect(figures([score])).toMatchObject({ precision: 2 / 3, recall: 2 / 3, startErrorFramesMax: 4 });
  });

  it('lets one detection find both halves of a double blink, and two find one closure once', () => {
    expect(scoreBlinks([{ start: 10, end: 24 }], labels)).toMatchObject({ found: 2, falsePositives: 0 });
    const twice = [
      { start: 10, end: 11 },
      { start: 12, end: 14 },
    ];
    expect(scoreBlinks(twice, labels)).toMatchObject({ found: 1, falsePositives: 0, startErrors: [0] });
  });

  it('of nothing found is zero, not a division by zero', () => {
    expect(figures([scoreBlinks([], labels)])).toMatchObject({ precision: 0, recall: 0, f1: 0, n: 3 });
  });

  it('gives the intervals of the textbook', () => {
    expect(wilson(59, 59).low).toBeCloseTo(0.9389, 3);
    expect(wilson(59, 59).high).toBeCloseTo(1, 9);
    expect(wilson(8, 10).low).toBeCloseTo(0.4902, 3);
    expect(wilson(8, 10).high).toBeCloseTo(0.9433, 3);
    expect(wilson(0, 0).low).toBeNaN();
  });
});

describe('the blink evaluation', () => {
  it('evaluates every clip of a folder, each at its own frame rate', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'blinks-'));
    const observationsDir = join(dataDir, 'observations');
    mkdirSync(join(dataDir, 'video', 'blinks'), { recursive: true });
    mkdirSync(observationsDir);
    const closings: Closing[] = [4, 7, 9, 14, 18].map((s) => ({ fromMs: s * 1000 + 20, forMs: 200 }));
    for (const fps of [24, 30, 60]) {
      const frame = (t: number): number => Math.ceil((t * fps) / 1000);
      const rows = closings.map(({ fromMs, forMs }) =>
        [fromMs + 20, fromMs + 90, fromMs + forMs + 40].map(frame),
      );
      const csv = ['start,peak,end,kind', ...rows.map((row) => `${row.join(',')},blink`)].join('\n');
      writeFileSync(join(dataDir, 'video', 'blinks', `clip${fps}.csv`), csv);
      const lines = perform({ lengthMs: 22_000, fps, closings }).map((observation) =>
        JSON.stringify(observation),
      );
      writeFileSync(join(observationsDir, `clip${fps}.jsonl`), lines.join('\n'));
    }
    const seen: string[] = [];
    const { json, text } = await blinks.run({
      dataDir,
      observationsDir,
      progress: (clip) => seen.push(clip),
    });
    expect(seen).toEqual(['clip24', 'clip30', 'clip60']);
    expect(json).toMatchObject({ precision: 1, recall: 1, f1: 1, n: 15, falsePositives: 0 });
    expect(json['startErrorFramesMax']).toBeLessThanOrEqual(2);
    expect(json['clips']).toMatchObject([
      { clip: 'clip24', fps: 24, n: 5 },
      { fps: 30 },
      { fps: 60, frames: 1320 },
    ]);
    expect(text).toContain('total');
  });

  it('says where labels are expected when there are none', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'empty-'));
    await expect(blinks.run({ dataDir, progress: () => undefined })).rejects.toMatchObject({
      code: 'NO_EVALUATION_DATA',
    });
  });
});
