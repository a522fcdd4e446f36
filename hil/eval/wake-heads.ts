import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeHead, parseHead, type WakeHeadFile } from '../../src/assistant/wake/head-file.js';
import { makePool, type Pool } from '../../src/assistant/wake/training/pool.js';
import { normalisedPhrase, trainWake, type RecipeSize } from '../../src/assistant/wake/training/recipe.js';
import { commonWords } from '../../src/assistant/wake/training/texts.js';
import type { WholeFeatures } from '../../src/assistant/wake/whole-features.js';
import { requireModel, sha256Of } from '../../src/runtime/models.js';
import { buildDir, packageRoot } from '../../src/runtime/paths.js';

const seed = 1;

/** Heads for the words, by the one recipe; those that were made before come from `build/cache/wake`. */
export function wakeHeads(
  words: readonly string[],
  size: RecipeSize,
  features: WholeFeatures,
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

/**
 * The recipe itself, as the text of its modules: none but heads of just this recipe are taken from the cache. The
 * sentences of the commands, which others change every day, are not in it: they are other speech, whatever they say.
 */
function recipeHash(): string {
  const inSource = join(packageRoot, 'src', 'assistant', 'wake');
  const folder = existsSync(inSource) ? inSource : join(packageRoot, 'dist', 'src', 'assistant', 'wake');
  const training = join(folder, 'training');
  const paths = [
    ...readdirSync(training).map((name) => join(training, name)),
    ...['head', 'features', 'whole-features'].map((name) =>
      join(folder, `${name}.${folder === inSource ? 'ts' : 'js'}`),
    ),
  ];
  const modules = paths.filter((path) => /(?<!\.d)\.(ts|js)$/.test(path)).sort();
  return sha256Of(Buffer.concat(modules.map((path) => readFileSync(path))));
}

/** The name says everything that a head depends on, but for the voices of the two programs. */
export function cachePath(phrase: string, size: RecipeSize): string {
  const models = (['wake_mel', 'wake_embedding'] as const).map((id) => requireModel(id).sha256);
  const facts = [phrase, seed, size, recipeHash(), commonWords(), ...models];
  const hash = sha256Of(Buffer.from(JSON.stringify(facts))).slice(0, 12);
  return join(buildDir, 'cache', 'wake', `${phrase.replaceAll(/[ ']/g, '-')}-${hash}.json`);
}
