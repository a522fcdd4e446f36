import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parsePhoneLabels, type PhoneLabel } from '../hil/eval/phone-labels.js';
import { lookForPhones } from '../hil/eval/phone-pictures.js';
import { scoreFilm, scorePictures } from '../hil/eval/phone-score.js';
import type { PhoneObservation } from '../src/camera/phone-observation.js';
import { packageRoot } from '../src/runtime/paths.js';

const box = { x: 0, y: 0, width: 10, height: 20 };

function seen(t: number, score: number, place: 'atEar' | 'inHand' = 'inHand'): PhoneObservation {
  return { kind: 'phone', t, frame: t, score, box, place };
}

describe('labels of pictures with phones', () => {
  it('are rows of file, label and subject after comments and a header', () => {
    const text = '# made by hand\nfile,label,subject\n1.jpg,atEar,a\r\n\n2.png,none,b\n';
    expect(parsePhoneLabels(text, 'x.csv')).toEqual([
      { file: '1.jpg', label: 'atEar', subject: 'a' },
      { file: '2.png', label: 'none', subject: 'b' },
    ]);
  });

  it.each(['1.jpg,ear,a', '1.jpg,none', '1.jpg,none,a,b', '../1.jpg,none,a', '1.txt,none,a'])(
    '%s is refused with its line number',
    (row) => {
      expect(() => parsePhoneLabels(`file,label,subject\n${row}\n`, 'x.csv')).toThrow(/line 2 of x\.csv/);
    },
  );
});

describe('scoring', () => {
  it('counts pictures above each score, and beginnings of phone use', () => {
    const scores = [0.45, 0.6, 0.35, 0.1, 0.1, 0.1, 0.1, 0.45, 0.1, 0.5, 0.55];
    const score = scoreFilm(scores.map((value, i) => seen(i * 1000, value)));
    expect(score.looks).toBe(11);
    expect(score.above.map(({ pictures }) => pictures)).toEqual([6, 5, 3]);
    expect(score.highest).toBe(0.6);
    expect(score.uses).toBe(2);
    expect(scoreFilm([])).toMatchObject({ looks: 0, uses: 0, highest: 0 });
  });

  it('tells hits, places and false hits apart', () => {
    const cases: [PhoneLabel, number, 'atEar' | 'inHand'][] = [
      ['atEar', 0.45, 'atEar'],
      ['atEar', 0.45, 'inHand'],
      ['inHand', 0.2, 'inHand'],
      ['inHand', 0.9, 'inHand'],
      ['none', 0.1, 'inHand'],
      ['none', 0.35, 'inHand'],
    ];
    const [loose, middle, strict] = scorePictures(
      cases.map(([label, score, place], i) => ({
        picture: { file: `${i}.jpg`, label, subject: String(i % 2) },
        observation: seen(0, score, place),
      })),
    );
    expect(loose).toMatchObject({ phones: 4, hits: 3, placed: 2, without: 2, falseHits: 1, subjects: 2 });
    expect(middle).toMatchObject({ hits: 3, falseHits: 0, hitRate: 0.75 });
    expect(strict).toMatchObject({ hits: 1, placed: 1 });
    expect(middle.hitRate95.low).toBeCloseTo(0.301, 3);
  });
});

describe('pictures', () => {
  it('are looked at as they are, whatever their names, and what is none is refused', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'vigil-phone-'));
    try {
      const picture = join(folder, "a strange:name%d'.ppm");
      cpSync(join(packageRoot, 'test', 'golden', 'models', 'astronaut.ppm'), picture);
      const observations = await lookForPhones(picture);
      expect(observations).toHaveLength(1);
      expect(observations[0]).toMatchObject({ kind: 'phone', t: 0, frame: 0 });
      expect((observations[0] as { score: number }).score).toBeLessThan(0.2);
      mkdirSync(join(folder, 'empty'));
      const nothing = join(folder, 'empty', 'no.jpg');
      writeFileSync(nothing, 'no picture');
      await expect(lookForPhones(nothing)).rejects.toThrow(/Expected pictures in/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
