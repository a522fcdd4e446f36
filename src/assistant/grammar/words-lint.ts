import { VigilError } from '../../runtime/errors.js';
import type { CommandSet } from './command-file.js';
import { compile } from './compile.js';
import { languageOf } from './language.js';
import type { Finding } from './lint.js';
import { normalise } from './normalise.js';

/** Tokens of the bytes from 0 to 255, which stand for characters that have no token of their own. */
const byteTokens = { first: 3, last: 258 };

/** Every word of the commands, in all dialog states, sorted. */
function wordsOf(commands: CommandSet): string[] {
  const states = new Set(commands.intents.flatMap((intent) => intent.states));
  const words = [...states].flatMap((state) =>
    compile(commands, { state }).arcs.flatMap(({ word }) => (word === null ? [] : [word])),
  );
  return [...new Set(words)].sort();
}

/** Words that no text ever becomes, however it is written: "e-mail" is heard as two words. */
export function unheardWords(commands: CommandSet): Finding[] {
  const language = languageOf(commands.language);
  return wordsOf(commands).flatMap((word) => {
    const heard = normalise(word, language);
    return heard.length === 1 && heard[0] === word
      ? []
      : [
          {
            kind: 'unheard' as const,
            text: `${JSON.stringify(word)} is heard as ${JSON.stringify(heard.join(' '))}: write it so`,
          },
        ];
  });
}

/**
 * Words that the recogniser's tokens spell only byte by byte, which it does not write by itself.
 * @param encode tokens of a word after a space
 */
export function unspeltWords(commands: CommandSet, encode: (word: string) => readonly number[]): Finding[] {
  return wordsOf(commands).flatMap((word) =>
    encode(word).some((token) => token >= byteTokens.first && token <= byteTokens.last)
      ? [{ kind: 'unspelt' as const, text: `${JSON.stringify(word)} has no tokens for the recogniser` }]
      : [],
  );
}

/** Whether an error says that a model is not there, rather than that something is wrong. */
export function isNotBuilt(error: unknown): boolean {
  return error instanceof VigilError && error.code === 'MODEL_NOT_BUILT';
}
