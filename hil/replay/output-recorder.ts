import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { GraphOutput } from '../../src/fusion.js';
import { VigilError } from '../../src/runtime/errors.js';
import { loadTree } from '../../src/vehicle/tree.js';
import type { RecordedMessage } from '../recording/message.js';
import { openRecording, type Recording } from '../recording/reader.js';
import { Recorder } from '../recording/recorder.js';
import { OutputMessages } from './output-messages.js';
import type { ReplayOptions } from './options.js';
import type { ReplayStart } from './report.js';

/**
 * Writes a recording that holds a replay's outputs beside its inputs, in order of time. Outputs that the input
 * recording already held are left out: they are an earlier replay's. Written under a temporary name and put in
 * place at the end, so that a replay that fails leaves nothing half done.
 */
export class OutputRecorder {
  readonly #inputs: AsyncGenerator<RecordedMessage, void, void>;
  #next: IteratorResult<RecordedMessage, void> | undefined;

  private constructor(
    private readonly path: string,
    private readonly partPath: string,
    private readonly recording: Recording,
    private readonly recorder: Recorder,
    private readonly messages: OutputMessages,
    { fromMs, toMs }: ReplayOptions,
  ) {
    this.#inputs = recording.messages({ fromMs, toMs, topics: ['camera', 'audio', 'can'] });
  }

  /** @throws VigilError `RECORDING_EXISTS` unless `overwrite`, and as opening and recording do */
  static async open(
    path: string,
    options: ReplayOptions,
    start: ReplayStart,
    overwrite: boolean,
  ): Promise<OutputRecorder> {
    if (resolve(path) === resolve(options.path) || (existsSync(path) && !overwrite)) {
      throw new VigilError(
        'RECORDING_EXISTS',
        `Expected no file at ${path} but there is one.`,
        'Choose another name or pass --force; the recording that is replayed is never overwritten.',
        { path },
      );
    }
    const recording = await openRecording(options.path);
    try {
      const header = { ...recording.metadata, dbc: await recording.dbc() };
      const partPath = `${path}.part`;
      const recorder = await Recorder.open(partPath, header, { overwrite: true });
      const messages = new OutputMessages(start.policy.id, loadTree());
      return new OutputRecorder(path, partPath, recording, recorder, messages, options);
    } catch (error) {
      await recording.close();
      throw error;
    }
  }

  async add(outputs: readonly GraphOutput[]): Promise<void> {
    for (const output of outputs) {
      await this.#copyInputsUntil(output.t);
      for (const message of this.messages.of(output))
        await this.recorder.write({ kind: 'output', ...message });
    }
  }

  /** Puts the file in place. With `all` the inputs after the last output are copied too. */
  async finish(all: boolean): Promise<void> {
    if (all) await this.#copyInputsUntil(Infinity);
    await this.recorder.close();
    await this.#closeInputs();
    await rename(this.partPath, this.path);
  }

  /** Leaves nothing behind. */
  async discard(): Promise<void> {
    await this.recorder.close().catch(() => undefined);
    await this.#closeInputs();
    await rm(this.partPath, { force: true });
  }

  async #closeInputs(): Promise<void> {
    await this.#inputs.return();
    await this.recording.close();
  }

  async #copyInputsUntil(t: number): Promise<void> {
    for (;;) {
      this.#next ??= await this.#inputs.next();
      if (this.#next.done === true) return;
      const message = this.#next.value;
      if (message.t > t) return;
      if (message.kind !== 'output') await this.recorder.write(message);
      this.#next = undefined;
    }
  }
}
