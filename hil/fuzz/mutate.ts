/** Pseudo-random numbers from a seed (Mulberry32): the same on every run and machine. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** 0 to `below - 1`. */
  whole(below: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000) * below);
  }

  pick<T>(list: readonly T[]): T {
    return list[this.whole(list.length)];
  }
}

/** An input longer than this shows no more about how time grows. */
export const longestInput = 1 << 18;

/** What text formats stumble over. */
const tokens = [
  '0',
  '-1',
  '4294967295',
  '4294967296',
  '18446744073709551616',
  '1e400',
  'NaN',
  '"',
  '\\',
  '\r',
  '\n',
  '\t',
  ' ',
  ';',
  ',',
  ':',
  '|',
  '@',
  '(',
  ')',
  '[',
  '<',
  '>',
  '\u0000',
  '\u00ff',
  'ffffffff',
  '1FFFFFFFx',
].map((text) => Buffer.from(text, 'latin1'));

type Mutation = (bytes: Buffer, other: Buffer, random: Random) => Buffer;

function splice(bytes: Buffer, from: number, to: number, middle: Uint8Array): Buffer {
  return Buffer.concat([bytes.subarray(0, from), middle, bytes.subarray(to)]);
}

/** Two places, the first not behind the second and at most `most` apart. */
function range(bytes: Buffer, random: Random, most: number): [from: number, to: number] {
  const from = random.whole(bytes.length + 1);
  return [from, Math.min(bytes.length, from + random.whole(most + 1))];
}

function lineAround(bytes: Buffer, place: number): [from: number, to: number] {
  const end = bytes.indexOf(0x0a, place);
  return [bytes.lastIndexOf(0x0a, Math.max(place - 1, 0)) + 1, end < 0 ? bytes.length : end + 1];
}

const mutations: readonly Mutation[] = [
  (bytes, _, random) => {
    const flipped = Buffer.from(bytes);
    if (flipped.length > 0) flipped[random.whole(flipped.length)] ^= 1 << random.whole(8);
    return flipped;
  },
  (bytes, _, random) => splice(bytes, ...range(bytes, random, 8), random.pick(tokens)),
  (bytes, _, random) => splice(bytes, ...range(bytes, random, 40), Buffer.alloc(0)),
  (bytes, _, random) => bytes.subarray(0, random.whole(bytes.length + 1)),
  // A line twice, a line away, a line of another input.
  (bytes, _, random) => {
    const [from, to] = lineAround(bytes, random.whole(bytes.length + 1));
    return splice(bytes, to, to, bytes.subarray(from, to));
  },
  (bytes, _, random) => splice(bytes, ...lineAround(bytes, random.whole(bytes.length + 1)), Buffer.alloc(0)),
  (bytes, other, random) => {
    const [from, to] = lineAround(other, random.whole(other.length + 1));
    const place = lineAround(bytes, random.whole(bytes.length + 1))[0];
    return splice(bytes, place, place, other.subarray(from, to));
  },
  // Much of the same: shows time that grows faster than the input.
  (bytes, _, random) => {
    const [from, to] = range(bytes, random, random.pick([1, 4, 60, 2000]));
    if (to === from) return bytes;
    const room = random.whole(50) === 0 ? longestInput : random.pick([100, 500, 4000]);
    const times = 1 + random.whole(Math.floor(room / (to - from)) + 1);
    return splice(
      bytes,
      to,
      to,
      Buffer.concat(Array.from({ length: times }, () => bytes.subarray(from, to))),
    );
  },
];

/** One of the samples with a few things changed; at most `longestInput` bytes. */
export function mutate(samples: readonly Buffer[], random: Random): Buffer {
  let bytes = random.pick(samples);
  for (let i = 1 + random.whole(4); i > 0; i--) {
    bytes = random.pick(mutations)(bytes, random.pick(samples), random).subarray(0, longestInput);
  }
  return Buffer.from(bytes);
}
