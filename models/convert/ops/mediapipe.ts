import { toObject } from 'flatbuffers/js/flexbuffers.js';
import { VigilError } from '../../../src/runtime/errors.js';
import type { Conversion, OperatorConverter } from '../conversion.js';
import { unsupported, type TfliteOperator } from '../tflite.js';

/**
 * MediaPipe's three operators of the attention mesh, second version, in plain ONNX. Their meaning is documented by
 * MediaPipe's own CPU kernels only (mediapipe/util/tflite/operations); the formulas are given below, and the results
 * are checked against those kernels (models/check).
 *
 * A transform is the 4x4 matrix M = [A 0 b; 0 I] that maps positions (x, y) of a small patch onto the image.
 */

/**
 * Landmarks [1,N,3] -> transform [1,4,4]: the box around a subset of landmarks, turned so that the line from the
 * left to the right landmark is level, scaled, and mapped from a patch of output_width x output_height.
 * With d = right - left, c = dx/|d|, s = -dy/|d|, R = [c -s; s c]: the box of R p has size w x h and middle m;
 * A = R^T diag(scale_x w / output_width, scale_y h / output_height), b = R^T m - A (output_width, output_height)/2.
 */
function landmarksToTransform({ graph, activations }: Conversion, operator: TfliteOperator): void {
  const options = readOptions(operator);
  if (options.number('target_rotation_radians') !== 0) throw unsupported('a target rotation other than 0');
  const [, count, dimensions] = activations.shape(operator.inputs[0]) as [number, number, number];
  const width = options.number('output_width');
  const height = options.number('output_height');

  const flat = graph.op('Reshape', [activations.plain(operator.inputs[0]), graph.ints([count, dimensions])]);
  const points = graph.op('Slice', [flat, graph.ints([0]), graph.ints([2]), graph.ints([1])]); // [N,2]
  const point = (index: number): string => graph.op('Gather', [points, graph.ints([index])], { axis: 0 }); // [1,2]
  const across = graph.op('Sub', [
    point(options.number('right_rotation_idx')),
    point(options.number('left_rotation_idx')),
  ]);
  const length = graph.op('ReduceL2', [across], { axes: [1], keepdims: 1 });
  // Two landmarks on one spot have no direction: no rotation then, as atan2(0, 0) = 0 gives.
  const direction = graph.op('Where', [
    graph.op('Greater', [length, graph.floats([], [0])]),
    graph.op('Div', [across, length]),
    graph.floats([1, 2], [1, 0]),
  ]);
  const c = graph.op('Gather', [direction, graph.ints([0])], { axis: 1 }); // [1,1]
  const minusS = graph.op('Gather', [direction, graph.ints([1])], { axis: 1 });
  const s = graph.op('Neg', [minusS]);
  const rotation = graph.op(
    'Concat',
    [graph.op('Concat', [c, minusS], { axis: 1 }), graph.op('Concat', [s, c], { axis: 1 })],
    { axis: 0 },
  );
  const rotationBack = graph.op('Transpose', [rotation], { perm: [1, 0] });

  const subset = graph.op('Gather', [points, graph.ints(options.numbers('subset_idxs'))], { axis: 0 });
  const level = graph.op('MatMul', [subset, rotationBack]); // rows p^T R^T = (R p)^T
  const most = graph.op('ReduceMax', [level], { axes: [0], keepdims: 1 });
  const least = graph.op('ReduceMin', [level], { axes: [0], keepdims: 1 });
  const size = graph.op('Sub', [most, least]);
  const middle = graph.op('Mul', [graph.op('Add', [most, least]), graph.floats([], [0.5])]);
  const centre = graph.op('MatMul', [middle, rotation]); // row form of R^T m

  const perPatchPixel = [options.number('scale_x') / width, options.number('scale_y') / height];
  const linear = graph.op('Mul', [
    rotationBack,
    graph.op('Mul', [size, graph.floats([1, 2], perPatchPixel)]),
  ]);
  const offset = graph.op('Sub', [
    graph.op('Reshape', [centre, graph.ints([2, 1])]),
    graph.op('MatMul', [linear, graph.floats([2, 1], [width / 2, height / 2])]),
  ]);
  const upper = graph.op('Concat', [linear, graph.floats([2, 1], [0, 0]), offset], { axis: 1 });
  const matrix = graph.op('Concat', [upper, graph.floats([2, 4], [0, 0, 1, 0, 0, 0, 0, 1])], { axis: 0 });
  const shape = [1, 4, 4];
  activations.setPlain(operator.outputs[0], shape, graph.op('Reshape', [matrix, graph.ints(shape)]));
}

/**
 * Samples an image [1,H,W,C] through a transform onto a patch: patch pixel (x, y) reads the image at
 * p = M (x + 0.5, y + 0.5) - 0.5, bilinear. GridSample wants positions in -1..1 between the centres of the outermost
 * pixels (align_corners): g = 2 p / (size - 1) - 1. A position beyond those centres gives zero at once; GridSample
 * alone would fade to zero over one more pixel, so such positions are sent far outside first.
 */
function transformTensor({ graph, activations }: Conversion, operator: TfliteOperator): void {
  const options = readOptions(operator);
  const [image, transform] = operator.inputs as [number, number];
  const [, imageHeight, imageWidth, channels] = activations.shape(image) as [number, number, number, number];
  const width = options.number('output_width');
  const height = options.number('output_height');

  const patch: number[] = [];
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) patch.push(x + 0.5, y + 0.5, 0, 1);
  const matrix = graph.op('Reshape', [activations.plain(transform), graph.ints([4, 4])]);
  const upper = graph.op('Slice', [matrix, graph.ints([0]), graph.ints([2]), graph.ints([0])]); // [2,4]
  const positions = graph.op('MatMul', [
    graph.floats([width * height, 4], patch),
    graph.op('Transpose', [upper], { perm: [1, 0] }),
  ]);
  const scale = [2 / (imageWidth - 1), 2 / (imageHeight - 1)];
  const shift = [-1 / (imageWidth - 1) - 1, -1 / (imageHeight - 1) - 1];
  const grid = graph.op('Add', [
    graph.op('Mul', [positions, graph.floats([1, 2], scale)]),
    graph.floats([1, 2], shift),
  ]);
  const farthest = graph.op('ReduceMax', [graph.op('Abs', [grid])], { axes: [1], keepdims: 1 });
  const inside = graph.op('LessOrEqual', [farthest, graph.floats([], [1])]);
  const exact = graph.op('Where', [inside, grid, graph.floats([], [farOutside])]);
  const sampled = graph.op(
    'GridSample',
    [activations.nchw(image), graph.op('Reshape', [exact, graph.ints([1, height, width, 2])])],
    { mode: 'bilinear', padding_mode: 'zeros', align_corners: 1 },
  );
  activations.setNchw(operator.outputs[0], [1, height, width, channels], sampled);
}

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

/** A GridSample position that no neighbouring pixel touches, for images of 2 pixels and more. */
const farOutside = -3;

interface CustomOptions {
  number(key: string): number;
  numbers(key: string): number[];
}

/** A custom operator's options: a flexbuffer map of numbers and lists of numbers. */
function readOptions(operator: TfliteOperator): CustomOptions {
  const map = toObject(Uint8Array.from(operator.customOptions).buffer) as Record<string, unknown>;
  const wrong = (key: string, expected: string): VigilError =>
    new VigilError(
      'MODEL_SOURCE_INVALID',
      `Expected ${expected} in option ${key} of ${operator.kind} but received ${JSON.stringify(map[key])}.`,
    );
  return {
    number: (key) => {
      const value = map[key];
      // The reader returns null for a floating-point 0.
      if (value === null) return 0;
      if (typeof value !== 'number') throw wrong(key, 'a number');
      return value;
    },
    numbers: (key) => {
      const value = map[key];
      if (!Array.isArray(value) || !value.every((item) => typeof item === 'number'))
        throw wrong(key, 'numbers');
      return value;
    },
  };
}

export const mediapipeOperators: Readonly<Record<string, OperatorConverter>> = {
  'CUSTOM:Landmarks2TransformMatrix': landmarksToTransform,
  'CUSTOM:TransformTensorBilinear': transformTensor,
  'CUSTOM:TransformLandmarks': transformLandmarks,
};
