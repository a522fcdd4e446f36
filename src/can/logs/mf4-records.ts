import { nativeCall } from '../../runtime/errors.js';
import { canAddon, type NativeMf4Records } from '../can-addon.js';
import type { CanFrames } from '../frames.js';
import { FrameColumns } from './frame-columns.js';
import type { Mf4File } from './mf4-blocks.js';
import { mf4Data, type Mf4DataOptions } from './mf4-data.js';
import type { Mf4Layout } from './mf4-layout.js';
import type { Mf4DataGroup } from './mf4-structure.js';
import { UnparsedBytes } from './unparsed-bytes.js';

export interface Mf4RecordOptions extends Mf4DataOptions {
  readonly batchFrames?: number;
  /** Offsets of variable-length values were never filled in: they are in the records' order. */
  readonly valuesInOrder: boolean;
}

/** The frames of one data group. Iterate once. */
export class Mf4GroupFrames implements AsyncIterable<CanFrames> {
  readonly #records: NativeMf4Records;
  readonly #columns: FrameColumns;
  readonly #unparsed = new UnparsedBytes();
  readonly #values = new Map<number, AsyncGenerator<Uint8Array, void, undefined>>();

  /** @throws VigilError `INVALID_ARGUMENT` when the layout is impossible */
  constructor(
    readonly file: Mf4File,
    readonly group: Mf4DataGroup,
    readonly layout: Mf4Layout,
    readonly options: Mf4RecordOptions,
  ) {
    this.#columns = new FrameColumns(options.batchFrames);
    const { table, sequences } = layout;
    this.#records = nativeCall(
      () => new (canAddon().Mf4Records)(table, group.recordIdBytes, sequences.length, options.valuesInOrder),
    );
  }

  get summary(): ReturnType<NativeMf4Records['summary']> {
    return this.#records.summary();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<CanFrames, void, undefined> {
    const { file, group, options } = this;
    for await (const piece of mf4Data(file, group.dataLink, 'DT', options)) {
      this.#unparsed.append(piece);
      yield* this.#parse(false);
      if (this.#records.summary().broken) break;
    }
    yield* this.#parse(true);
    if (!this.#columns.isEmpty) yield this.#columns.take();
    if (this.#unparsed.end > this.#unparsed.start && !this.#records.summary().broken) {
      file.problems.cut(group.dataLink, 'expected a whole record and found the end of the data');
    }
  }

  async *#parse(last: boolean): AsyncGenerator<CanFrames, void, undefined> {
    const unparsed = this.#unparsed;
    for (;;) {
      nativeCall(() =>
        this.#records.parse(unparsed.bytes, unparsed.start, unparsed.end, last, ...this.#columns.arguments),
      );
      unparsed.start += this.#columns.consumed;
      const wanted = this.#columns.status;
      if (this.#columns.isFull) yield this.#columns.take();
      else if (wanted > 0) await this.#appendValues(wanted - 1);
      else return;
    }
  }

  /** The next piece of the variable-length values that records ask for. */
  async #appendValues(sequence: number): Promise<void> {
    let values = this.#values.get(sequence);
    if (!values) {
      values = mf4Data(this.file, this.layout.sequences[sequence], 'SD', this.options);
      this.#values.set(sequence, values);
    }
    const { done, value } = await values.next();
    const piece = done === true ? new Uint8Array() : value;
    nativeCall(() => {
      this.#records.append(sequence, piece, done === true);
    });
  }
}
