import { invalidArgument } from '../runtime/errors.js';
import type { DbcMessage } from './dbc.js';

/**
 * The rows of one message in a decoded batch. The arrays are views into the batch's memory: they are good until
 * the batch is given back for reuse.
 */
export class DecodedMessage {
  readonly #columnIndex: ReadonlyMap<string, number>;
  readonly #values: Float64Array;

  constructor(
    readonly message: DbcMessage,
    /** Frames of this message in the batch. */
    readonly rows: number,
    /** Frames among them that were shorter than the database says; signals that did not fit are NaN there. */
    readonly truncated: number,
    /** Time of each row, ms on the frames' clock. */
    readonly t: Float64Array,
    values: Float64Array,
    columnIndex: ReadonlyMap<string, number>,
  ) {
    this.#values = values;
    this.#columnIndex = columnIndex;
  }

  /**
   * Physical values of a signal, one per row; NaN where the signal was not in the frame.
   * @throws VigilError `INVALID_ARGUMENT` when the message has no such signal
   */
  column(signal: string): Float64Array {
    const index = this.#columnIndex.get(signal);
    if (index === undefined) throw invalidArgument('signal', `a signal of ${this.message.name}`, signal);
    return this.columnAt(index);
  }

  /** As `column`, by the signal's position in `message.signals`. */
  columnAt(index: number): Float64Array {
    return this.#values.subarray(index * this.rows, (index + 1) * this.rows);
  }
}

/** Where a message's rows and values begin in the two arrays of a batch. */
export interface BatchLayout {
  readonly messages: readonly DbcMessage[];
  /** Per message: signal name to column. */
  readonly columns: readonly ReadonlyMap<string, number>[];
}

/** A batch of frames as physical values in columns. Views on single messages are made when asked for. */
export class DecodedBatch {
  readonly #layout: BatchLayout;
  readonly #rows: Uint32Array;
  readonly #truncated: Uint32Array;
  #present: readonly DecodedMessage[] | undefined;

  constructor(
    layout: BatchLayout,
    rows: Uint32Array,
    truncated: Uint32Array,
    /** All rows' times, message after message. */
    readonly times: Float64Array,
    /** All values: message after message, within it signal after signal. */
    readonly values: Float64Array,
    /** Frames whose identifier the plan does not hold. */
    readonly unknown: number,
    /** Remote and error frames. */
    readonly withoutData: number,
    /** Frames of channels the decoder does not listen to. */
    readonly otherChannel: number,
  ) {
    this.#layout = layout;
    this.#rows = rows;
    this.#truncated = truncated;
  }

  /** Messages with at least one row, in database order. */
  get messages(): readonly DecodedMessage[] {
    if (this.#present !== undefined) return this.#present;
    const present: DecodedMessage[] = [];
    let row = 0;
    let value = 0;
    this.#layout.messages.forEach((message, m) => {
      const rows = this.#rows[m];
      if (rows === 0) return;
      const size = rows * message.signals.length;
      present.push(
        new DecodedMessage(
          message,
          rows,
          this.#truncated[m],
          this.times.subarray(row, row + rows),
          this.values.subarray(value, value + size),
          this.#layout.columns[m],
        ),
      );
      row += rows;
      value += size;
    });
    this.#present = present;
    return present;
  }

  /** The message of that name; undefined when the batch has no frame of it. */
  message(name: string): DecodedMessage | undefined {
    return this.messages.find((decoded) => decoded.message.name === name);
  }

  /** Frames of known messages that were shorter than the database says. */
  get truncated(): number {
    return this.#truncated.reduce((sum, count) => sum + count, 0);
  }
}
