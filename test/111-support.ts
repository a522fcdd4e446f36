import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CompiledGrammar } from '../src/assistant/speech/compiled-grammar.js';
import { Tokenizer } from '../src/assistant/speech/tokenizer.js';
import { compile } from '../src/assistant/grammar/compile.js';
import { readCommands } from '../src/assistant/grammar/load.js';
import { packageRoot } from '../src/runtime/paths.js';

export const tokenizer = Tokenizer.load();

/** Commands of one intent, `test.do`, said in these ways. */
export function grammarOf(say: readonly string[], lists = ''): CompiledGrammar {
  const sentences = say.map((sentence) => `      - '${sentence.replaceAll("'", "''")}'`).join('\n');
  const text = `${lists}\nintents:\n  test.do:\n    about: Test\n    say:\n${sentences}\n`;
  return new CompiledGrammar(compile(readCommands(text, 'test')), tokenizer);
}

export const coffeeFile = join(packageRoot, 'test', 'data', 'coffee-commands.yaml');

export function coffeeGrammar(): CompiledGrammar {
  return new CompiledGrammar(compile(readCommands(readFileSync(coffeeFile, 'utf8'), coffeeFile)), tokenizer);
}

/** 16-bit PCM. */
export function wavBytes(samples: readonly number[], rate: number, channels = 1): Uint8Array {
  const bytes = Buffer.alloc(44 + 2 * samples.length);
  bytes.write('RIFF', 0);
  bytes.writeUInt32LE(36 + 2 * samples.length, 4);
  bytes.write('WAVEfmt ', 8);
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(1, 20);
  bytes.writeUInt16LE(channels, 22);
  bytes.writeUInt32LE(rate, 24);
  bytes.writeUInt32LE(2 * channels * rate, 28);
  bytes.writeUInt16LE(2 * channels, 32);
  bytes.writeUInt16LE(16, 34);
  bytes.write('data', 36);
  bytes.writeUInt32LE(2 * samples.length, 40);
  samples.forEach((sample, i) => bytes.writeInt16LE(Math.round(sample * 32_767), 44 + 2 * i));
  return bytes;
}
