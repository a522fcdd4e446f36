import { VigilError } from '../../src/runtime/errors.js';

/** What a byte-pair tokenizer needs: the text of every token, and which pairs merge, the first before the second. */
export interface TokenizerTables {
  /** By id; a space is written as U+2581. */
  readonly pieces: readonly string[];
  /** Pairs of ids, flat: left and right of the first merge, of the second, and so on. */
  readonly merges: readonly number[];
}

/**
 * Reads the two tables that the package keeps as base64 in its script: the tokens' texts, one a line, and the merges as
 * pairs of little-endian 16-bit ids.
 * @throws VigilError `MODEL_SOURCE_INVALID`
 */
export function readLlamaTokenizer(script: Uint8Array): TokenizerTables {
  const text = new TextDecoder().decode(script);
  const pieces = base64Of(text, 'llama_vocab_base64').toString('utf8').split('\n');
  const packed = base64Of(text, 'llama_merges_binary');
  const merges = Array.from({ length: packed.length >> 1 }, (_, i) => packed.readUInt16LE(2 * i));
  if (merges.length % 2 !== 0 || merges.some((id) => id >= pieces.length))
    throw invalid(`pairs of ids below ${pieces.length}`, 'others');
  return { pieces, merges };
}

/** The same tables, the same bytes. */
export function encodeLlamaTokenizer(tables: TokenizerTables): Uint8Array {
  return new TextEncoder().encode(JSON.stringify({ pieces: tables.pieces, merges: tables.merges }));
}

function base64Of(script: string, name: string): Buffer {
  const found = new RegExp(`${name}\\s*=\\s*"([A-Za-z0-9+/=]+)"`).exec(script)?.[1];
  if (found === undefined) throw invalid(`a base64 text named ${name}`, 'none');
  return Buffer.from(found, 'base64');
}

function invalid(expected: string, came: string): VigilError {
  return new VigilError(
    'MODEL_SOURCE_INVALID',
    `Expected ${expected} in the tokenizer's script but found ${came}.`,
    'Run `npm ci` to install the package again.',
  );
}
