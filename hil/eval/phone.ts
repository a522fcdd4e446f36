import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { VigilError } from '../../src/runtime/errors.js';
import { attentiveClips } from './driver/clips.js';
import type { Evaluation } from './evaluation.js';
import { readPhoneLabels } from './phone-labels.js';
import { lookForPhones } from './phone-pictures.js';
import { scoreFilm, scorePictures, thresholds, type FilmScore, type PictureScore } from './phone-score.js';
import { poissonRate } from './poisson.js';

const minutesPerHour = 60;
const looksPerMinute = 60;

interface Film {
  readonly name: string;
  readonly score: FilmScore;
}

/** Films in which nobody holds a phone: those of attentive people, and the head-turn films. */
async function filmsWithoutPhone(dataDir: string): Promise<{ name: string; file: string }[]> {
  const turns = join(dataDir, 'video', 'head-pose');
  const names = existsSync(turns) ? readdirSync(turns).filter((name) => /\.(gif|mp4|webm)$/i.test(name)) : [];
  const clips = await attentiveClips(dataDir);
  return [
    ...clips.map(({ name, video }) => ({ name, file: video })),
    ...names.sort().map((name) => ({ name, file: join(turns, name) })),
  ];
}

/**
 * The phone watch on films without a phone in hand (false detections) and, where there are any, on labelled pictures:
 * `phone/labels.csv` in the data folder with the pictures beside it.
 */
export const phone: Evaluation = {
  name: 'phone',
  about: 'false phones on films without one, and hits on labelled pictures where there are any',
  run: async ({ dataDir, progress }) => {
    const films: Film[] = [];
    for (const { name, file } of await filmsWithoutPhone(dataDir)) {
      progress(name);
      films.push({ name, score: scoreFilm(await lookForPhones(file)) });
    }
    const folder = join(dataDir, 'phone');
    const looked = [];
    for (const picture of readPhoneLabels(join(folder, 'labels.csv'))) {
      progress(picture.file);
      const [observation] = await lookForPhones(join(folder, picture.file));
      looked.push({ picture, observation });
    }
    if (films.length === 0 && looked.length === 0) {
      throw new VigilError(
        'NO_EVALUATION_DATA',
        `Expected films or labelled pictures of phones in ${dataDir} but found none.`,
        'Set VIGIL_DATA to a folder that holds video/blinks, video/head-pose or phone.',
        { dataDir },
      );
    }
    const pictures = looked.length === 0 ? null : scorePictures(looked);
    return { text: table(films, pictures), json: report(films, pictures) };
  },
};

function totals(films: readonly Film[]): {
  readonly looks: number;
  readonly hours: number;
  readonly uses: number;
  readonly above: readonly number[];
} {
  const looks = films.reduce((sum, { score }) => sum + score.looks, 0);
  return {
    looks,
    hours: looks / looksPerMinute / minutesPerHour,
    uses: films.reduce((sum, { score }) => sum + score.uses, 0),
    above: thresholds.map((_, i) => films.reduce((sum, { score }) => sum + score.above[i].pictures, 0)),
  };
}

function report(films: readonly Film[], pictures: readonly PictureScore[] | null): Record<string, unknown> {
  const { looks, hours, uses, above } = totals(films);
  return {
    n: looks,
    unit: 'picture looked at, one a second',
    hours,
    thresholds,
    falseDetections: above,
    falseUses: uses,
    falseUsesPerHour95: poissonRate(uses, hours),
    films: films.map(({ name, score }) => ({ name, ...score })),
    pictures,
  };
}

function table(films: readonly Film[], pictures: readonly PictureScore[] | null): string {
  const { looks, hours, uses, above } = totals(films);
  const { low, high } = poissonRate(uses, hours);
  const head = ['film', 'looks', 'highest', ...thresholds.map((score) => `>= ${score}`), 'uses'];
  const rows = films.map(({ name, score }) => [
    name,
    String(score.looks),
    score.highest.toFixed(3),
    ...score.above.map(({ pictures: count }) => String(count)),
    String(score.uses),
  ]);
  const all = [head, ...rows, ['total', String(looks), '', ...above.map(String), String(uses)]];
  const widths = head.map((_, column) => Math.max(...all.map((cells) => cells[column].length)));
  const lines = all.map((cells) => cells.map((cell, column) => cell.padEnd(widths[column])).join('  '));
  return [
    ...lines.map((line) => line.trimEnd()),
    `False phone use: ${uses} in ${hours.toFixed(3)} h, ${low.toFixed(1)} to ${high.toFixed(1)} per hour (exact 95 %).`,
    `Films of ${films.length} recordings: looks of one film hang together, the film is the safer unit.`,
    ...(pictures === null
      ? ['No labelled pictures of phones: the hit rate is not known.']
      : pictures.map(pictureLine)),
  ].join('\n');
}

function pictureLine(score: PictureScore): string {
  const { low, high } = score.hitRate95;
  return (
    `score >= ${score.score}: ${score.hits} of ${score.phones} phones found, ${(100 * score.hitRate).toFixed(1)} % ` +
    `[${(100 * low).toFixed(1)}, ${(100 * high).toFixed(1)}], ${score.placed} at the right place; ` +
    `${score.falseHits} of ${score.without} pictures without; ${score.subjects} people`
  );
}
