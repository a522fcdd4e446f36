import { VigilError } from '../../runtime/errors.js';
import { requireModel } from '../../runtime/models.js';
import { OnnxSession } from '../../runtime/onnx-session.js';
import { blinksPerWindow, featuresPerBlink } from './blink-window.js';
import type { DrowsinessProbabilities, DrowsinessScorer } from './score.js';

export const drowsinessModelId = 'drowsiness';

/**
 * The drowsiness network, run natively on the caller's thread: once every other blink, well below 0.2 ms each (see
 * docs/drowsiness.md), so it needs no worker of its own.
 */
export class DrowsinessModel implements DrowsinessScorer {
  /** Of the file, for explanations of alerts. */
  readonly sha256: string;
  readonly #session: OnnxSession;
  readonly #output = new Float32Array(3);

  /**
   * @throws VigilError `MODEL_NOT_BUILT`, `MODEL_HASH_MISMATCH` and what `OnnxSession` throws
   */
  static load(): DrowsinessModel {
    const { path, sha256 } = requireModel(drowsinessModelId);
    return new DrowsinessModel(path, sha256);
  }

  /** Any file of the same shape: evaluations score models that were trained without a fold. */
  constructor(path: string, sha256: string) {
    this.sha256 = sha256;
    this.#session = new OnnxSession(path, { warmUpRuns: 1 });
    const [{ shape }] = this.#session.inputs;
    const expected = [1, blinksPerWindow, featuresPerBlink];
    if (shape.join() !== expected.join()) {
      throw new VigilError(
        'MODEL_SHAPE',
        `Expected blink windows of shape [${expected.join(', ')}] as the input of ${path} but it takes [${shape.join(', ')}].`,
        'Install the package again.',
        { path, expected, actual: shape },
      );
    }
  }

  /** @throws VigilError `INFERENCE_FAILED`; `MODEL_SHAPE` for a window of another length */
  score(window: Float32Array): DrowsinessProbabilities {
    this.#session.run([window], [this.#output]);
    const [alert, lowVigilant, drowsy] = this.#output;
    return { alert, lowVigilant, drowsy };
  }
}
