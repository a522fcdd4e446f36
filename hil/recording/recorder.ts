import { Worker } from 'node:worker_threads';
import { VigilError, messageOf } from '../../src/runtime/errors.js';
import { packFrames } from './can-batch.js';
import {
  errorFromRecord,
  errorRecord,
  type FromWorker,
  type InputKind,
  type RecorderInput,
  type ToWorker,
} from './recorder-protocol.js';
import type { MessageCounts, RecordingHeader, WriterOptions } from './writer.js';

export interface RecorderOptions extends WriterOptions {
  /** Inputs that may wait for the worker. Default 256. */
  readonly queueInputs?: number;
  /** Bytes that may wait for the worker. Default 32 MiB. */
  readonly queueBytes?: number;
  /** Called once when the medium or the worker fails; from then on everything is dropped. */
  readonly onFailure?: (error: VigilError) => void;
  /** How the worker is started; for tests, which run from TypeScript. */
  readonly startWorker?: () => Worker;
}

export interface RecorderCounters {
  /** Handed to the worker. */
  readonly accepted: number;
  /** Not taken because the queue was full or the recorder had failed. */
  readonly dropped: number;
  readonly droppedByKind: Readonly<Record<InputKind, number>>;
  /** Taken and then left out because they did not fit their schema or the drive's clock. */
  readonly rejected: number;
  /** Waiting now. */
  readonly waiting: number;
  readonly waitingBytes: number;
}

function startWorker(): Worker {
  return new Worker(new URL('./recorder-worker.js', import.meta.url));
}

/** The view itself when it may be transferred without taking anything else along, else a copy. */
function ownMemory<T extends Uint8Array | Int16Array>(view: T): T {
  const { buffer } = view;
  const covers = view.byteOffset === 0 && view.byteLength === buffer.byteLength;
  return covers && buffer instanceof ArrayBuffer ? view : (view.slice() as T);
}

interface Parcel {
  readonly input: RecorderInput;
  readonly bytes: number;
  readonly transfer: ArrayBuffer[];
}

/** Rough size of an output on its way; they are small, and only the order of magnitude matters. */
const outputBytes = 1024;

function parcelOf(input: RecorderInput): Parcel {
  switch (input.kind) {
    case 'camera': {
      const data = ownMemory(new Uint8Array(input.data.buffer, input.data.byteOffset, input.data.byteLength));
      return { input: { ...input, data }, bytes: data.byteLength, transfer: [data.buffer as ArrayBuffer] };
    }
    case 'audio': {
      const samples = ownMemory(input.samples);
      return {
        input: { ...input, samples },
        bytes: samples.byteLength,
        transfer: [samples.buffer as ArrayBuffer],
      };
    }
    case 'can': {
      const frames = packFrames(input.frames);
      const { t, id, flags, channel, length, offset, data } = frames;
      const transfer = [t, id, flags, channel, length, offset, data].map(
        (column) => column.buffer as ArrayBuffer,
      );
      return { input: { kind: 'can', frames }, bytes: data.length + 20 * frames.count, transfer };
    }
    case 'output':
      return { input, bytes: outputBytes, transfer: [] };
  }
}

/**
 * Records from a live drive: the file is written by a worker thread, which inputs reach through a bounded
 * queue. `offer` never waits and drops when the queue is full; `write` waits and drops nothing, for lock-step.
 * The bytes of camera frames and audio blocks are handed over, not copied, where they have memory of their own:
 * the caller's view is then empty.
 */
export class Recorder {
  readonly #worker: Worker;
  readonly #limit: { readonly inputs: number; readonly bytes: number };
  readonly #onFailure: ((error: VigilError) => void) | undefined;
  readonly #droppedByKind: Record<InputKind, number> = { camera: 0, audio: 0, can: 0, output: 0 };
  #accepted = 0;
  #rejected = 0;
  #firstRejection: VigilError | null = null;
  #waiting = 0;
  #waitingBytes = 0;
  #failure: VigilError | null = null;
  #closing: Promise<MessageCounts> | null = null;
  /** Those who wait for room, for the opening or for the end. */
  #wakers: (() => void)[] = [];
  /** Writes that wait for room go one after the other, in call order. */
  #turn: Promise<void> = Promise.resolve();
  #opened = false;
  #counts: MessageCounts | null = null;

  private constructor(options: RecorderOptions) {
    this.#worker = (options.startWorker ?? startWorker)();
    this.#limit = { inputs: options.queueInputs ?? 256, bytes: options.queueBytes ?? 32 * 1024 * 1024 };
    this.#onFailure = options.onFailure;
    this.#worker.on('message', (message: FromWorker) => this.#take(message));
    this.#worker.on('error', (error) => this.#fail(errorFromRecord(errorRecord(error))));
    this.#worker.on('exit', (code) => {
      if (this.#counts === null)
        this.#fail(
          new VigilError(
            'RECORDER_FAILED',
            `Expected the recorder's worker to run but it ended with ${code}.`,
          ),
        );
    });
  }

  /** @throws VigilError `RECORDING_EXISTS`, `RECORDING_WRITE_FAILED`, `RECORDER_FAILED` */
  static async open(
    path: string,
    header: RecordingHeader = {},
    options: RecorderOptions = {},
  ): Promise<Recorder> {
    const recorder = new Recorder(options);
    const { compression, chunkBytes, overwrite, syncEveryBytes } = options;
    // What a crash of the whole machine can lose, live: a few seconds.
    const writer = { compression, chunkBytes, overwrite, syncEveryBytes: syncEveryBytes ?? 4 * 1024 * 1024 };
    const defined = Object.fromEntries(Object.entries(writer).filter(([, value]) => value !== undefined));
    recorder.#post({ type: 'open', path, header, options: defined });
    await recorder.#until(() => recorder.#opened);
    return recorder;
  }

  get counters(): RecorderCounters {
    return {
      accepted: this.#accepted,
      dropped: Object.values(this.#droppedByKind).reduce((sum, count) => sum + count, 0),
      droppedByKind: { ...this.#droppedByKind },
      rejected: this.#rejected,
      waiting: this.#waiting,
      waitingBytes: this.#waitingBytes,
    };
  }

  /** Why nothing is recorded any more; null while all is well. */
  get failure(): VigilError | null {
    return this.#failure;
  }

  /** The first input that was left out because it did not fit; null when all did. */
  get firstRejection(): VigilError | null {
    return this.#firstRejection;
  }

  /** Takes an input if there is room; false and counted when it is dropped. Never waits. */
  offer(input: RecorderInput): boolean {
    if (this.#failure || this.#closing || !this.#hasRoom()) {
      this.#droppedByKind[input.kind]++;
      return false;
    }
    this.#send(parcelOf(input));
    return true;
  }

  /** Takes an input as soon as there is room. @throws VigilError the failure, `RECORDING_CLOSED` */
  async write(input: RecorderInput): Promise<void> {
    if (this.#closing)
      throw new VigilError('RECORDING_CLOSED', 'Expected an open recorder but it has been closed.');
    const turn = this.#turn.then(async () => {
      await this.#until(() => this.#hasRoom());
      this.#send(parcelOf(input));
    });
    this.#turn = turn.catch(() => undefined);
    await turn;
  }

  /**
   * Writes what is waiting and the index, and ends the worker. What was dropped is noted in the recording.
   * @throws VigilError the failure, if there was one
   */
  close(): Promise<MessageCounts> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<MessageCounts> {
    await this.#turn;
    const { droppedByKind } = this.counters;
    const counters = Object.fromEntries(
      Object.entries(droppedByKind).map(([kind, count]) => [`dropped_${kind}`, count]),
    );
    this.#post({ type: 'close', counters: { ...counters, rejected: this.#rejected } });
    try {
      await this.#until(() => this.#counts !== null);
    } finally {
      await this.#worker.terminate();
    }
    return this.#counts ?? {};
  }

  #hasRoom(): boolean {
    // An input larger than the whole queue may pass alone.
    return (
      this.#waiting < this.#limit.inputs && (this.#waiting === 0 || this.#waitingBytes < this.#limit.bytes)
    );
  }

  #send({ input, bytes, transfer }: Parcel): void {
    this.#accepted++;
    this.#waiting++;
    this.#waitingBytes += bytes;
    this.#post({ type: 'write', input, bytes }, transfer);
  }

  #post(message: ToWorker, transfer: ArrayBuffer[] = []): void {
    try {
      this.#worker.postMessage(message, transfer);
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'DataCloneError' || transfer.length === 0) throw error;
      // Memory that an addon or the runtime owns cannot be handed over; it is copied.
      this.#worker.postMessage(message);
    }
  }

  #take(message: FromWorker): void {
    switch (message.type) {
      case 'opened':
        this.#opened = true;
        break;
      case 'done':
        this.#waiting--;
        this.#waitingBytes -= message.bytes;
        if (message.error) {
          this.#rejected++;
          this.#firstRejection ??= errorFromRecord(message.error);
        }
        break;
      case 'closed':
        this.#counts = message.counts;
        break;
      case 'failed':
        this.#fail(errorFromRecord(message.error));
        return;
    }
    this.#wake();
  }

  #fail(error: VigilError): void {
    if (this.#failure) return;
    this.#failure = error;
    this.#wake();
    this.#worker.terminate().catch((reason: unknown) => {
      process.emitWarning(`vigil: the recorder's worker did not end: ${messageOf(reason)}`);
    });
    this.#onFailure?.(error);
  }

  #wake(): void {
    const wakers = this.#wakers;
    this.#wakers = [];
    for (const wake of wakers) wake();
  }

  async #until(condition: () => boolean): Promise<void> {
    for (;;) {
      if (this.#failure) throw this.#failure;
      if (condition()) return;
      await new Promise<void>((resolve) => this.#wakers.push(resolve));
    }
  }
}
