import type { LogProblem, RandomAccess } from './log-format.js';

/** Identification, length and link count stand in front of every block. */
export const blockHeaderBytes = 24;
/** Blocks that describe are short; a longer one is damage. Data blocks are read in pieces. */
const maximumDescriptionBytes = 16 * 1024 * 1024;
const keptProblems = 20;

/** What stands in front of a block's data. */
export interface Mf4BlockHead {
  readonly position: number;
  /** Without the "##": "DT". */
  readonly id: string;
  /** Of the whole block. */
  readonly length: number;
  readonly links: readonly number[];
}

export interface Mf4Block extends Mf4BlockHead {
  readonly data: Buffer;
}

/** Collects what is wrong with a file. */
export class Mf4Problems {
  readonly list: LogProblem[] = [];
  damaged = 0;
  cutOff = false;

  /** Something that could not be read. */
  damage(position: number, text: string): void {
    this.damaged += 1;
    this.#keep(position, text);
  }

  /** The file ends in the middle of something. */
  cut(position: number, text: string): void {
    this.cutOff = true;
    this.#keep(position, text);
  }

  #keep(position: number, text: string): void {
    if (this.list.length < keptProblems) this.list.push({ place: `byte ${position}`, text });
  }
}

/** The blocks of an MDF 4 file. Nothing it returns was taken from the file without a check of its bounds. */
export class Mf4File {
  constructor(
    readonly access: RandomAccess,
    readonly problems: Mf4Problems,
  ) {}

  get size(): number {
    return this.access.size;
  }

  async read(position: number, length: number): Promise<Buffer> {
    const bytes = await this.access.read(position, length);
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** A block's header and links; null, with a problem, where there is none of these kinds. A link of 0 is no block. */
  async head(position: number, ids: readonly string[]): Promise<Mf4BlockHead | null> {
    if (position === 0) return null;
    const start = await this.read(position, blockHeaderBytes);
    if (start.length < blockHeaderBytes) {
      this.problems.cut(position, `expected a block ${ids.join(' or ')} and found the end of the file`);
      return null;
    }
    const id = start.toString('latin1', 2, 4);
    const length = number64(start, 8);
    const linkCount = number64(start, 16);
    if (start.toString('latin1', 0, 2) !== '##' || !ids.includes(id)) {
      this.problems.damage(position, `expected a block ${ids.join(' or ')} and found ${printable(start)}`);
      return null;
    }
    if (length < blockHeaderBytes || linkCount > maximumDescriptionBytes / 8) {
      this.problems.damage(
        position,
        `expected the size of a block and found ${length} bytes, ${linkCount} links`,
      );
      return null;
    }
    const linkBytes = await this.read(position + blockHeaderBytes, linkCount * 8);
    if (linkBytes.length < linkCount * 8) {
      this.problems.cut(position, `expected ${linkCount} links in ##${id} and found the end of the file`);
      return null;
    }
    return {
      position,
      id,
      length,
      links: Array.from({ length: linkCount }, (_, i) => number64(linkBytes, i * 8)),
    };
  }

  /** A whole block that describes something and has at least so many links and bytes of data. */
  async block(position: number, id: string, links: number, bytes: number): Promise<Mf4Block | null> {
    const head = await this.head(position, [id]);
    if (head === null) return null;
    const before = blockHeaderBytes + head.links.length * 8;
    const length = head.length - before;
    if (head.links.length < links || length < bytes || head.length > maximumDescriptionBytes) {
      this.problems.damage(
        position,
        `expected ##${id} with ${links} links and ${bytes} bytes and found ${head.links.length} and ${length}`,
      );
      return null;
    }
    const data = await this.read(position + before, length);
    if (data.length < length) {
      this.problems.cut(position, `expected ${length} bytes in ##${id} and found the end of the file`);
      return null;
    }
    return { ...head, data };
  }

  /** Blocks linked by their first link, each once however they are linked. */
  async *chain(position: number, id: string, links: number, bytes: number): AsyncGenerator<Mf4Block, void> {
    const seen = new Set<number>();
    for (let next = position; next !== 0;) {
      if (seen.has(next)) {
        this.problems.damage(
          next,
          `expected the end of the list of ##${id} and found a block that was in it`,
        );
        return;
      }
      seen.add(next);
      const block = await this.block(next, id, links, bytes);
      if (block === null) return;
      yield block;
      next = block.links[0];
    }
  }

  /** The text of a ##TX or ##MD block; empty where there is none. */
  async text(position: number): Promise<string> {
    const head = await this.head(position, ['TX', 'MD']);
    if (head === null) return '';
    const bytes = await this.read(
      position + blockHeaderBytes,
      Math.min(head.length - blockHeaderBytes, 65536),
    );
    const end = bytes.indexOf(0);
    return bytes.toString('utf8', 0, end === -1 ? bytes.length : end);
  }
}

/** A u64; beyond 2^53 it is not exact, and beyond every file. */
export function number64(bytes: Buffer, at: number): number {
  return bytes.readUInt32LE(at) + bytes.readUInt32LE(at + 4) * 0x100000000;
}

function printable(bytes: Buffer): string {
  return JSON.stringify(bytes.toString('latin1', 0, 4).replace(/[^ -~]/g, '?'));
}
