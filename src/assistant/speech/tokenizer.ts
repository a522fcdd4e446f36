import { readFileSync } from 'node:fs';
import { requireModel } from '../../runtime/models.js';

/** Begin and end of a sentence. */
export const beginToken = 1;
export const endToken = 2;

const space = '\u2581';
/** Token of byte 0; the other 255 follow. */
const firstByte = 3;

/**
 * The byte-pair tokenizer of LLaMA, which Moonshine writes with: characters become tokens, and neighbours merge, the
 * merge that was learnt first before the others and the left one of two equals. Characters without a token become bytes.
 */
export class Tokenizer {
  readonly #pieces: readonly string[];
  readonly #ids: ReadonlyMap<string, number>;
  /** Left x 65536 + right -> rank. */
  readonly #ranks: ReadonlyMap<number, number>;

  constructor(pieces: readonly string[], merges: readonly number[]) {
    this.#pieces = pieces;
    this.#ids = new Map(pieces.map((piece, id) => [piece, id]));
    const ranks = new Map<number, number>();
    for (let i = 0; i + 1 < merges.length; i += 2) ranks.set(merges[i] * 65_536 + merges[i + 1], i);
    this.#ranks = ranks;
  }

  /** The tables that `vigil models build` makes. @throws VigilError `MODEL_NOT_BUILT`, `MODEL_HASH_MISMATCH` */
  static load(): Tokenizer {
    const { path } = requireModel('speech_tokenizer');
    const tables = JSON.parse(readFileSync(path, 'utf8')) as { pieces: string[]; merges: number[] };
    return new Tokenizer(tables.pieces, tables.merges);
  }

  /** Tokens of a text, without begin and end. @param spaced whether a space comes before it, as before every word */
  encode(text: string, spaced = true): number[] {
    const tokens = Array.from((spaced ? ' ' : '') + text).flatMap((c) =>
      this.#character(c === ' ' ? space : c),
    );
    for (;;) {
      let best = Number.POSITIVE_INFINITY;
      let at = -1;
      for (let i = 0; i + 1 < tokens.length; i++) {
        const rank = this.#ranks.get(tokens[i] * 65_536 + tokens[i + 1]);
        if (rank !== undefined && rank < best) {
          best = rank;
          at = i;
        }
      }
      if (at < 0) return tokens;
      const merged = this.#ids.get(this.#pieces[tokens[at]] + this.#pieces[tokens[at + 1]]);
      if (merged === undefined) return tokens; // every merge of the tables has a result
      tokens.splice(at, 2, merged);
    }
  }

  /** The text of tokens, without the space before it. Unknown tokens say nothing. */
  decode(tokens: Iterable<number>): string {
    const bytes: Buffer[] = [];
    for (const id of tokens) {
      if (id === beginToken || id === endToken) continue;
      if (id >= firstByte && id < firstByte + 256) bytes.push(Buffer.from([id - firstByte]));
      else bytes.push(Buffer.from((this.#pieces.at(id) ?? '').replaceAll(space, ' ')));
    }
    return Buffer.concat(bytes).toString('utf8').replace(/^ /, '');
  }

  #character(character: string): number[] {
    const id = this.#ids.get(character);
    return id === undefined ? Array.from(Buffer.from(character), (byte) => firstByte + byte) : [id];
  }
}
