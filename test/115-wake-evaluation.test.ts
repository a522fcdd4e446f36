import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { wakeClips, wakeWords } from '../hil/eval/wake-clips.js';
import { falseAcceptsOf, recallOf, type WakeTrial } from '../hil/eval/wake-score.js';
import { temporaryFolder, vigilErrorOf } from './10-support.js';

const trial = (said: string | null, detections: number, seconds = 3600): WakeTrial => ({
  alone: 9,
  verified: { asked: 2 * detections, detections, cpuMs: 100 * detections },
  word: 'hey vigil',
  said,
  snr: 'clean',
  seconds,
});

describe('wake evaluation', () => {
  it('counts a recording of the word once, and every detection in others', () => {
    const trials = [
      ...[1, 2, 1, 0].map((detections) => trial('hey vigil', detections)),
      ...[trial('computer', 2), trial(null, 1), trial(null, 0)],
    ];
    expect(recallOf(trials, 'verified')).toMatchObject({ heard: 3, n: 4, recall: 0.75 });
    expect(falseAcceptsOf(trials, 'verified')).toMatchObject({ events: 3, hours: 3, perHour: 1 });
    // Garwood's interval for 3 events: 0.619 to 8.767.
    expect(falseAcceptsOf(trials, 'verified').low).toBeCloseTo(0.619 / 3, 3);
    expect(falseAcceptsOf(trials, 'verified').high).toBeCloseTo(8.767 / 3, 3);
  });

  it('finds the words that there are recordings of, and what else is spoken', () => {
    const folder = temporaryFolder('wake');
    const put = (...parts: string[]): void => {
      const path = join(folder, 'speech', ...parts);
      mkdirSync(join(path, '..'), { recursive: true });
      writeFileSync(path, '');
    };
    put('wake-words', 'view glass', '2.wav');
    put('wake-words', 'view glass', '1.wav');
    put('wake-words', 'alexa', '1.flac');
    put('wake-words', 'all.wav');
    put('digits', '3.wav');
    const words = wakeWords(folder);
    expect(words).toEqual(['view glass']);
    expect(wakeClips(folder, words).map(({ word, name }) => [word, name])).toEqual([
      ['view glass', 'wake-words/view glass/1.wav'],
      ['view glass', 'wake-words/view glass/2.wav'],
      [null, 'digits/3.wav'],
    ]);
    expect(vigilErrorOf(() => wakeWords(join(folder, 'nowhere'))).code).toBe('NO_EVALUATION_DATA');
  });
});
