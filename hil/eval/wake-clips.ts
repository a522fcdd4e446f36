import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { VigilError } from '../../src/runtime/errors.js';

export interface WakeClip {
  /** Folder of a wake word; null for speech without any. */
  readonly word: string | null;
  readonly path: string;
  /** For the hash of its noise, and for reports. */
  readonly name: string;
}

function wavs(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.wav'))
    .sort();
}

/** Words that the folder has recordings of. @throws VigilError `NO_EVALUATION_DATA` */
export function wakeWords(dataDir: string): string[] {
  const folder = join(dataDir, 'speech', 'wake-words');
  const names = existsSync(folder) ? readdirSync(folder, { withFileTypes: true }) : [];
  const words = names
    .filter((entry) => entry.isDirectory() && wavs(join(folder, entry.name)).length > 0)
    .map(({ name }) => name)
    .sort();
  if (words.length > 0) return words;
  throw new VigilError(
    'NO_EVALUATION_DATA',
    `Expected folders of recorded wake words at ${folder} but found none.`,
    'Set VIGIL_DATA to a folder that holds speech/wake-words.',
    { folder },
  );
}

/** Every recording of every word, then commands and digits, which hold none. */
export function wakeClips(dataDir: string, words: readonly string[]): WakeClip[] {
  const list = (word: string | null, ...parts: string[]): WakeClip[] =>
    wavs(join(dataDir, 'speech', ...parts)).map((name) => ({
      word,
      path: join(dataDir, 'speech', ...parts, name),
      name: `${parts.join('/')}/${name}`,
    }));
  return [
    ...words.flatMap((word) => list(word, 'wake-words', word)),
    ...list(null, 'commands-coffee', 'wav'),
    ...list(null, 'digits'),
  ];
}
