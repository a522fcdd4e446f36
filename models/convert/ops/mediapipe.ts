import type { BatchConverter, Conversion, OperatorConverter } from '../conversion.js';
import { unsupported, type TfliteOperator } from '../tflite.js';
import { landmarksToTransforms } from './landmark-transforms.js';
import { samplePatches } from './patch-sampling.js';

/**
 * MediaPipe's three operators of the attention mesh, second version, in plain ONNX. Their meaning is documented by
 * MediaPipe's own CPU kernels only (mediapipe/util/tflite/operations); the formulas are given below, and the results
 * are checked against those kernels (models/check).
 *
 * A transform is the 4x4 matrix M = [A 0 b; 0 I] that maps positions (x, y) of a small patch onto the image.
 */

/** Maps landmarks [1,N,2] of a patch onto the image: A p + b. */
function transformLandmarks({ graph, activations }: Conversion, operator: TfliteOperator): void {
  const [landmarks, transform] = operator.inputs as [number, number];
  const shape = activations.shape(landmarks);
  if (shape.at(-1) !== 2) throw unsupported(`TransformLandmarks of shape [${shape.join()}]`);
  const matrix = graph.op('Reshape', [activations.plain(transform), graph.ints([4, 4])]);
  const axes = graph.ints([0, 1]);
  const linear = graph.op('Slice', [matrix, graph.ints([0, 0]), graph.ints([2, 2]), axes]);
  const offset = graph.op('Slice', [matrix, graph.ints([0, 3]), graph.ints([2, 4]), axes]);
  const turned = graph.op('MatMul', [
    activations.plain(landmarks),
    graph.op('Transpose', [linear], { perm: [1, 0] }),
  ]);
  const moved = graph.op('Add', [turned, graph.op('Reshape', [offset, graph.ints([1, 1, 2])])]);
  activations.setPlain(operator.outputs[0], shape, moved);
}

export const mediapipeOperators: Readonly<Record<string, OperatorConverter>> = {
  'CUSTOM:TransformLandmarks': transformLandmarks,
};

/** Lips and both eyes go through these side by side; one set of nodes computes all three. */
export const mediapipeBatches: Readonly<Record<string, BatchConverter>> = {
  'CUSTOM:Landmarks2TransformMatrix': landmarksToTransforms,
  'CUSTOM:TransformTensorBilinear': samplePatches,
};
