import { constants, inflateSync } from 'node:zlib';
import { messageOf, nativeCall } from '../../runtime/errors.js';
import { canAddon } from '../can-addon.js';
import type { CanFrames } from '../frames.js';
import {
  baseHeaderBytes,
  containerHeaderBytes,
  method,
  objectSignature,
  objectType,
  readBlfHeader,
  skippedName,
  type BlfHeader,
} from './blf-layout.js';
import { ByteFeed } from './byte-feed.js';
import { FrameColumns } from './frame-columns.js';
import type { CanLog, LogHeader, LogProblem, LogReadOptions, LogSource, LogSummary } from './log-format.js';
import { UnparsedBytes } from './unparsed-bytes.js';

/** No container or object is larger; loggers write 128 KiB. A greater size is damage. */
const maximumObjectBytes = 64 * 1024 * 1024;
const maximumPadding = 8;
const keptProblems = 20;

/** Vector's binary log. Memory is that of a container and a batch. */
export class BlfLog implements CanLog {
  readonly header: LogHeader;
  readonly #layout: BlfHeader;
  readonly #parser = new (canAddon().BlfParser)();
  readonly #columns: FrameColumns;
  readonly #unparsed = new UnparsedBytes();
  readonly #problems: LogProblem[] = [];
  #damaged = 0;
  #cutOff = false;

  /** @throws VigilError `LOG_HEADER_INVALID`, `INVALID_ARGUMENT` */
  constructor(
    readonly source: LogSource,
    options: LogReadOptions,
  ) {
    this.#layout = readBlfHeader(source.head, source.path);
    this.#columns = new FrameColumns(options.batchFrames);
    this.header = { startNs: this.#layout.startNs, channelNames: [] };
  }

  get summary(): LogSummary {
    const { damaged, problems, skipped: types, requests } = this.#parser.summary();
    const skipped: Record<string, number> = {};
    for (const { type, count } of types) {
      const name = skippedName(type);
      skipped[name] = (skipped[name] ?? 0) + count;
    }
    if (requests > 0) skipped['transmit request'] = requests;
    const inside = problems.map(({ place, text }) => ({ place: `byte ${place}`, text }));
    return {
      frames: this.#columns.frames,
      skipped,
      damaged: this.#damaged + damaged,
      problems: [...this.#problems, ...inside].slice(0, keptProblems),
      cutOff: this.#cutOff,
    };
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<CanFrames, void, undefined> {
    const feed = new ByteFeed(this.source.stream());
    try {
      await feed.hold(this.#layout.headerBytes);
      feed.skip(this.#layout.headerBytes);
      while (await this.#atObject(feed)) {
        const place = feed.position;
        const object = await this.#object(feed);
        if (object === null) continue;
        this.#unparsed.append(object);
        yield* this.#parse(place);
      }
      this.#end(feed.position);
      if (!this.#columns.isEmpty) yield this.#columns.take();
    } finally {
      await feed.close();
    }
  }

  /** Moves to the next object's signature; false at the end of the file. */
  async #atObject(feed: ByteFeed): Promise<boolean> {
    let passed = 0;
    while ((await feed.hold(baseHeaderBytes + maximumPadding)) >= objectSignature.length) {
      const found = feed.held.indexOf(objectSignature);
      const gap = found === -1 ? feed.held.length - (objectSignature.length - 1) : found;
      if (passed <= maximumPadding && passed + gap > maximumPadding) {
        this.#damage(feed.position, 'expected the signature LOBJ of an object and found other bytes');
        this.#lose();
      }
      passed += gap;
      feed.skip(gap);
      if (found !== -1) return true;
    }
    feed.skip(feed.held.length);
    return false;
  }

  /** The bytes to parse of the object that begins here, and the feed behind it; null when there are none. */
  async #object(feed: ByteFeed): Promise<Uint8Array | null> {
    const place = feed.position;
    if ((await feed.hold(baseHeaderBytes)) < baseHeaderBytes) return this.#cut(feed);
    const headerBytes = feed.held.readUInt16LE(4);
    const size = feed.held.readUInt32LE(8);
    const isContainer = feed.held.readUInt32LE(12) === objectType.container;
    const least = isContainer ? baseHeaderBytes + containerHeaderBytes : baseHeaderBytes;
    const possible = headerBytes >= baseHeaderBytes && size >= least && size <= maximumObjectBytes;
    const whole = possible && (await feed.hold(size)) >= size;
    // A size that reaches beyond the end may be damage too: then other objects follow.
    if (
      !possible ||
      (!whole && feed.held.indexOf(objectSignature, baseHeaderBytes) !== -1 && !stored(feed.held))
    ) {
      this.#damage(place, `expected the size of an object and found ${size} bytes`);
      this.#lose();
      feed.skip(objectSignature.length);
      return null;
    }
    const object = feed.held.subarray(0, Math.min(size, feed.held.length));
    feed.skip(object.length);
    if (!whole) this.#cutOff = true;
    if (isContainer) return object.length < least ? null : this.#unpack(object, place, whole);
    return whole ? object : null;
  }

  #unpack(container: Buffer, place: number, whole: boolean): Uint8Array | null {
    const how = container.readUInt16LE(baseHeaderBytes);
    const unpackedBytes = container.readUInt32LE(baseHeaderBytes + 8);
    const packed = container.subarray(baseHeaderBytes + containerHeaderBytes);
    if (how === method.none) return packed;
    if (how !== method.zlib || unpackedBytes > maximumObjectBytes) {
      this.#damage(
        place,
        `expected a container packed by zlib and found method ${how}, ${unpackedBytes} bytes`,
      );
      this.#lose();
      return null;
    }
    try {
      const unpacked = inflateSync(packed, {
        maxOutputLength: Math.max(unpackedBytes, 1),
        chunkSize: Math.max(unpackedBytes + 1, 64),
        // Of a container cut off, what was unpacked until there is good.
        finishFlush: whole ? constants.Z_FINISH : constants.Z_SYNC_FLUSH,
      });
      if (whole && unpacked.length !== unpackedBytes) {
        this.#damage(place, `expected a container of ${unpackedBytes} bytes and found ${unpacked.length}`);
      }
      return unpacked;
    } catch (error) {
      this.#damage(place, `expected a container that can be unpacked but: ${messageOf(error)}`);
      this.#lose();
      return null;
    }
  }

  *#parse(place: number): Generator<CanFrames, void, undefined> {
    const unparsed = this.#unparsed;
    for (;;) {
      nativeCall(() =>
        this.#parser.parse(unparsed.bytes, unparsed.start, unparsed.end, place, ...this.#columns.arguments),
      );
      unparsed.start += this.#columns.consumed;
      if (!this.#columns.isFull) return;
      yield this.#columns.take();
    }
  }

  /** Bytes are missing here: the object that was begun has no end. */
  #lose(): void {
    this.#unparsed.clear();
    this.#parser.resynchronise();
  }

  #damage(position: number, text: string): void {
    this.#damaged += 1;
    if (this.#problems.length < keptProblems) this.#problems.push({ place: `byte ${position}`, text });
  }

  #cut(feed: ByteFeed): null {
    this.#cutOff = true;
    feed.skip(feed.held.length);
    return null;
  }

  #end(position: number): void {
    const { bytes, start, end } = this.#unparsed;
    const rest = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start);
    if (rest.indexOf(objectSignature) !== -1) this.#cutOff = true;
    // A logger that was switched off leaves 0 or the size of the header.
    const { fileBytes, headerBytes } = this.#layout;
    if (fileBytes > headerBytes && position < fileBytes) this.#cutOff = true;
    if (!this.#cutOff) return;
    const expected = fileBytes > position ? `expected ${fileBytes} bytes` : 'expected a whole object';
    this.#problems.push({ place: `byte ${position}`, text: `${expected} and found the end of the file` });
  }
}

/** Whether a container holds its objects unpacked, so that signatures inside are no surprise. */
function stored(object: Buffer): boolean {
  return (
    object.readUInt32LE(12) === objectType.container &&
    object.length >= baseHeaderBytes + 2 &&
    object.readUInt16LE(baseHeaderBytes) === method.none
  );
}
