/**
 * node dist/models/training/wake/default.js
 *
 * Makes models/wake_hey_vigil.json, the head of the default phrase, by the recipe of every phrase: the same as
 * `vigil wake train "hey vigil"`. Needs espeak-ng and flite; minutes. The manifest's sha256 and the list in
 * docs/wake.md follow by hand.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeHead } from '../../../src/assistant/wake/head-file.js';
import { makePool } from '../../../src/assistant/wake/training/pool.js';
import { fullSize, trainWake } from '../../../src/assistant/wake/training/recipe.js';
import { WholeFeatures } from '../../../src/assistant/wake/whole-features.js';
import { sha256Of } from '../../../src/runtime/models.js';
import { packageRoot } from '../../../src/runtime/paths.js';

const seed = 1;
const features = new WholeFeatures();
const say = (step: string): void => {
  process.stderr.write(`${step}\n`);
};
const pool = makePool(seed, fullSize, features, (done, total) => {
  if (done % 100 === 0) say(`other speech: ${done} of ${total}`);
});
const text = encodeHead(trainWake('hey vigil', seed, fullSize, pool, features, say));
const path = join(packageRoot, 'models', 'wake_hey_vigil.json');
writeFileSync(path, text);
process.stdout.write(`${path}: sha256 ${sha256Of(Buffer.from(text))}\n`);
