import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { WakeFeatures } from '../../src/assistant/wake/features.js';
import { encodeHead, parseHead, type WakeHeadFile } from '../../src/assistant/wake/head-file.js';
import { makePool, type Pool } from '../../src/assistant/wake/training/pool.js';
import {
  normalisedPhrase,
  recipeVersion,
  trainWake,
  type RecipeSize,
} from '../../src/assistant/wake/training/recipe.js';
import { commonWords } from '../../src/assistant/wake/training/texts.js';
import { requireModel, sha256Of } from '../../src/runtime/models.js';
import { buildDir } from '../../src/runtime/paths.js';

const seed = 1;

/** Heads for the words, by the one recipe; those that were made before come from `build/cache/wake`. */
export function wakeHeads(
  words: readonly string[],
  size: RecipeSize,
  features: WakeFeatures,
  progress: (step: string) => void,
): WakeHeadFile[] {
  let pool: Pool | undefined;
  return words.map((word) => {
    const phrase = normalisedPhrase(word);
    const path = cachePath(phrase, size);
    if (existsSync(path)) return parseHead(readFileSync(path, 'utf8'), path);
    pool ??= makePool(seed, size, features, (done, total) => {
      if (done % 50 === 0 || done === total) progress(`other speech: ${done} of ${total}`);
    });
    const file = trainWake(phrase, seed, size, pool, features, progress);
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(`${path}.partial`, encodeHead(file));
    renameSync(`${path}.partial`, path);
    return file;
  });
}

/** The name says everything that a head depends on, but for the voices of the two programs. */
function cachePath(phrase: string, size: RecipeSize): string {
  const facts = [
    recipeVersion,
    seed,
    size,
    commonWords(),
    requireModel('wake_mel').sha256,
    requireModel('wake_embedding').sha256,
  ];
  const hash = sha256Of(Buffer.from(JSON.stringify([phrase, ...facts]))).slice(0, 12);
  return join(buildDir, 'cache', 'wake', `${phrase.replaceAll(/[ ']/g, '-')}-${hash}.json`);
}
