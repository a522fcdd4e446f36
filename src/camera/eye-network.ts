import { nativeCall } from '../runtime/errors.js';
import { inspectModel, manifest, requireModel } from '../runtime/models.js';
import { onnxRuntimeLibrary } from '../runtime/native.js';
import { visionAddon, type NativeEyeState } from './vision-addon.js';

/**
 * When the eye-state network is asked: never, where the lids' geometry is unsure (a far or turned eye, a lowered head,
 * a lid gap between open and closed), or at every eye of every frame.
 */
export type EyeNetworkUse = 'off' | 'unsure' | 'always';

export const eyeNetworkUses: readonly EyeNetworkUse[] = ['off', 'unsure', 'always'];

/** The weights' id in the manifest. They are optional: trained on data that is licensed for research only. */
export const eyeStateModel = 'eye_state';

export interface EyeNetwork {
  readonly use: EyeNetworkUse;
  /** The weights; null when `use` is `off`. */
  readonly path: string | null;
  /** Of the weights. */
  readonly sha256: string | null;
}

const noNetwork: EyeNetwork = { use: 'off', path: null, sha256: null };

/**
 * What to run. Without a choice: where geometry is unsure if the weights are there, else nothing; an explicit choice
 * needs them.
 * @throws VigilError `MODEL_HASH_MISMATCH`; `MODEL_NOT_BUILT` or `MODEL_UNKNOWN` when chosen and missing
 */
export function eyeNetwork(choice?: EyeNetworkUse): EyeNetwork {
  if (choice === 'off') return noNetwork;
  if (choice === undefined && !isThere()) return noNetwork;
  const { path, sha256 } = requireModel(eyeStateModel);
  return { use: choice ?? 'unsure', path, sha256 };
}

/** An integrator without the right to the weights takes out the file, or its entry in the manifest as well. */
function isThere(): boolean {
  const entry = manifest().models.find(({ id }) => id === eyeStateModel);
  return entry !== undefined && inspectModel(entry).state !== 'missing';
}

/** Luma of a crop around one eye, framed as docs/eyes.md says; any size. */
export interface EyeCrop {
  readonly width: number;
  readonly height: number;
  /** width x height, 8 bits. */
  readonly luma: Uint8Array;
}

/** The network on crops that somebody else has cut; blocks. The camera pipeline runs the same code on its thread. */
export class EyeStateClassifier {
  readonly #native: NativeEyeState;

  /** @throws VigilError `MODEL_NOT_BUILT`, `MODEL_HASH_MISMATCH`, and those of the ONNX library */
  constructor() {
    const { path } = requireModel(eyeStateModel);
    this.#native = nativeCall(() => new (visionAddon().EyeState)(onnxRuntimeLibrary(), path));
  }

  /** 0 open to 1 closed. @throws VigilError `INVALID_ARGUMENT`, `INFERENCE_FAILED` */
  closedProbability({ luma, width, height }: EyeCrop): number {
    return nativeCall(() => this.#native.closedProbability(luma, width, height));
  }
}
