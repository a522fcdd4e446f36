import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { eyes } from '../hil/eval/eyes.js';
import { manifest } from '../src/runtime/models.js';
import { temporaryFolder } from './10-support.js';
import { encodePng } from './37-support.js';

const folder = temporaryFolder('eye-evaluation');

function png(side: number, seed: number): Uint8Array {
  const rows = Array.from({ length: side }, (_, y) =>
    Array.from({ length: side }, (_value, x) => (x * 13 + y * 7 * seed) & 255),
  );
  return encodePng({ width: side, height: side, depth: 8, colour: 0, rows, filter: 1 });
}

/** A data folder with a closed and an open crop of every subject. */
function dataOf(name: string, subjects: readonly string[]): string {
  const data = join(folder, name);
  const crops = join(data, 'eyes', 'some', 'where');
  mkdirSync(crops, { recursive: true });
  for (const [i, subject] of subjects.entries()) {
    writeFileSync(join(crops, `${subject}_00001_0_0_0_0_0_01.png`), png(60 + i, i + 1));
    writeFileSync(join(crops, `${subject}_00002_0_1_1_2_1_02.png`), png(90 - i, i + 2));
  }
  writeFileSync(join(crops, 'face.png'), png(20, 1));
  writeFileSync(join(crops, 'notes.txt'), 'no picture');
  writeFileSync(join(crops, `${subjects[0]}_00003_0_0_0_0_0_01.png`), png(60, 1).subarray(0, 60));
  return data;
}

const run = async (dataDir: string) => eyes.run({ dataDir, progress: () => undefined });
const people = ['s9001', 's9002', 's9003', 's9004', 's9005'];

describe('evaluation of eye states', () => {
  it('judges people whom the training did not see, by subject and group, and says what it left out', async () => {
    const { json, text } = await run(dataOf('unseen', people));
    expect(json).toMatchObject({ n: 10, subjects: 5, trainedOn: false, unlabelled: 1, seen: null });
    expect(json['unreadable']).toEqual([expect.stringContaining('s9001_00003')]);
    expect(json['balancedAccuracy']).toBeGreaterThanOrEqual(0);
    expect(json['perSubject']).toHaveLength(5);
    const groups = json['groups'] as { name: string; n: number }[];
    expect(groups.map(({ name, n }) => `${name} ${n}`)).toEqual([
      'glasses: glasses 5',
      'glasses: none 5',
      'reflections: big 5',
      'reflections: none 5',
      'lighting: bad 5',
      'lighting: good 5',
      'sensor: IDS 5',
      'sensor: RealSense 5',
    ]);
    expect(text).toContain('people the training did not see');
    expect(text).toContain('Cross-validated by subject');
  });

  it('keeps people whom the training saw apart, and says so where there are no others', async () => {
    const both = (await run(dataOf('both', [...people, 's0001']))).json;
    expect(both).toMatchObject({ n: 10, trainedOn: false, seen: { n: 2 }, unseen: { n: 10 } });
    const { json, text } = await run(dataOf('seen', ['s0001', 's0002']));
    expect(json).toMatchObject({ n: 4, trainedOn: true, unseen: null });
    expect(text).toContain('not how good it is');
  });

  it('names the weights, and the folder it found nothing in', async () => {
    const { json } = await run(dataOf('model', people));
    const entry = manifest().models.find(({ id }) => id === 'eye_state');
    expect(json['model']).toMatchObject({ sha256: entry?.sha256 });
    await expect(run(join(folder, 'nowhere'))).rejects.toMatchObject({ code: 'NO_EVALUATION_DATA' });
  });
});
