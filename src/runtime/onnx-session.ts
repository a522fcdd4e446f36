import { coreAddon, type TensorInfo } from './core-addon.js';
import { nativeCall } from './errors.js';
import { onnxRuntimeLibrary } from './native.js';

export type { TensorInfo };

export interface OnnxSessionOptions {
  /** Default 1: a second thread costs more CPU than it saves on these networks. */
  readonly threads?: number;
  readonly warmUpRuns?: number;
  /** Default: the library that onnxruntime-node installed. */
  readonly libraryPath?: string;
}

function asBytes(array: ArrayBufferView): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

/**
 * A network run on the caller's thread through the C++ sessions that the pipelines use. For model checks and
 * tools: anything with a deadline runs inside its own native worker.
 * @throws VigilError `ONNX_LIBRARY_MISSING`, `ONNX_LIBRARY_UNUSABLE`, `MODEL_MISSING`, `MODEL_INVALID`,
 *   `MODEL_SHAPE`, `INFERENCE_FAILED`
 */
export class OnnxSession {
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
  /** Version of the ONNX Runtime library in use. */
  readonly runtimeVersion: string;
  readonly #native: InstanceType<ReturnType<typeof coreAddon>['OnnxSession']>;

  constructor(
    modelPath: string,
    { threads = 1, warmUpRuns = 0, libraryPath = onnxRuntimeLibrary() }: OnnxSessionOptions = {},
  ) {
    this.#native = nativeCall(
      () => new (coreAddon().OnnxSession)(libraryPath, modelPath, threads, warmUpRuns),
    );
    this.inputs = this.#native.inputs();
    this.outputs = this.#native.outputs();
    this.runtimeVersion = this.#native.runtimeVersion();
  }

  /** Copies `inputs` (in the model's order) in, runs, and copies the results into `outputs`. */
  run(inputs: readonly ArrayBufferView[], outputs: readonly ArrayBufferView[]): void {
    nativeCall(() => this.#native.run(inputs.map(asBytes), outputs.map(asBytes)));
  }
}
