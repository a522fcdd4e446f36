import type { Conversion } from '../conversion.js';
import { unsupported, type TfliteOperator } from '../tflite.js';
import { readOptions, type CustomOptions } from './custom-options.js';

/**
 * Landmarks [1,N,3] -> transform [1,4,4]: the box around a subset of landmarks, turned so that the line from the
 * left to the right landmark is level, scaled, and mapped from a patch of output_width x output_height.
 * With d = right - left, c = dx/|d|, s = -dy/|d|, R = [c -s; s c]: the box of R p has size w x h and middle m;
 * A = R^T diag(scale_x w / output_width, scale_y h / output_height), b = R^T m - A (output_width, output_height)/2
 *   = R^T (m - (scale_x w, scale_y h) / 2).
 */
export function landmarksToTransforms(conversion: Conversion, operators: readonly TfliteOperator[]): void {
  const { activations } = conversion;
  const byLandmarks = new Map<string, TfliteOperator[]>();
  for (const operator of operators) {
    const landmarks = activations.plain(operator.inputs[0]);
    byLandmarks.set(landmarks, [...(byLandmarks.get(landmarks) ?? []), operator]);
  }
  for (const [landmarks, group] of byLandmarks) appendTransforms(conversion, landmarks, group);
}

/**
 * Too short for any landmarks' distance (pixels), so that adding it to d changes d only where d = 0: two landmarks on
 * one spot have no direction, and nothing is turned then, as atan2(0, 0) = 0 gives. Its square is a normal float32.
 */
const noDistance = 1e-15;

/** All transforms of one set of landmarks; n of them, in front, in every shape. */
function appendTransforms(
  { graph, activations }: Conversion,
  landmarks: string,
  operators: readonly TfliteOperator[],
): void {
  const options = operators.map(readOptions);
  if (options.some((option) => option.number('target_rotation_radians') !== 0))
    throw unsupported('a target rotation other than 0');
  const [, count, dimensions] = activations.shape(operators[0].inputs[0]) as [number, number, number];
  const n = operators.length;
  const rows = graph.op('Reshape', [landmarks, graph.ints([count, dimensions])]);
  const gather = (indices: readonly (readonly number[])[]): string =>
    graph.op('Gather', [rows, graph.ints(indices.flat(), [n, indices[0].length])], { axis: 0 });

  // (dx, dy) = (-1 1) (left; right), of which the first two of three dimensions count.
  const ends = gather(
    options.map((option) => [option.number('left_rotation_idx'), option.number('right_rotation_idx')]),
  );
  const planar = graph.floats([dimensions, 2], unitColumns(dimensions));
  const across = graph.op('MatMul', [graph.op('MatMul', [graph.floats([1, 2], [-1, 1]), ends]), planar]);
  const direction = graph.op(
    'LpNormalization',
    [graph.op('Add', [across, graph.floats([1, 2], [noDistance, 0])])],
    {
      axis: 2,
      p: 2,
    },
  ); // (c, -s), [n,1,2]
  // R^T = [c s; -s c], below it a row of zeros for z: what turns rows p^T into (R p)^T.
  const turnBack = (height: number): string =>
    graph.op('Reshape', [
      graph.op('MatMul', [direction, graph.floats([2, 2 * height], rotationBack(height))]),
      graph.ints([n, height, 2]),
    ]);
  const rotation = turnBack(2);

  const level = graph.op('MatMul', [gather(subsets(options)), turnBack(dimensions)]); // [n,k,2]
  const most = graph.op('ReduceMax', [level], { axes: [1], keepdims: 1 });
  const least = graph.op('ReduceMin', [level], { axes: [1], keepdims: 1 });
  const size = graph.op('Sub', [most, least]);
  const middle = graph.op('Mul', [graph.op('Add', [most, least]), graph.floats([], [0.5])]);
  const pairs = (value: (option: CustomOptions) => readonly [number, number]): string =>
    graph.floats([n, 1, 2], options.flatMap(value));
  const perPixel = pairs((option) => [
    option.number('scale_x') / option.number('output_width'),
    option.number('scale_y') / option.number('output_height'),
  ]);
  const halfScale = pairs((option) => [option.number('scale_x') / 2, option.number('scale_y') / 2]);
  const linear = graph.op('Mul', [rotation, graph.op('Mul', [size, perPixel])]);
  const corner = graph.op('Sub', [middle, graph.op('Mul', [size, halfScale])]);
  const offset = graph.op('MatMul', [rotation, graph.op('Reshape', [corner, graph.ints([n, 2, 1])])]);

  const upper = graph.op('Concat', [linear, repeated(n, [2, 1], [0, 0]), offset], { axis: 2 });
  const matrices = graph.op('Concat', [upper, repeated(n, [2, 4], [0, 0, 1, 0, 0, 0, 0, 1])], { axis: 1 });
  activations.setStack(
    operators.map((operator) => operator.outputs[0]),
    [1, 4, 4],
    matrices,
  );

  function repeated(times: number, shape: readonly number[], values: readonly number[]): string {
    return graph.floats([times, ...shape], new Array<readonly number[]>(times).fill(values).flat());
  }
}

/** [size,2]: picks the first two coordinates. */
function unitColumns(size: number): number[] {
  return Array.from({ length: size }, (_, row) => [row === 0 ? 1 : 0, row === 1 ? 1 : 0]).flat();
}

/** [2, 2 height]: (c, -s) times this is R^T row by row, then rows of zeros. */
function rotationBack(height: number): number[] {
  const zeros = new Array<number>(2 * height - 4).fill(0);
  return [1, 0, 0, 1, ...zeros, 0, -1, 1, 0, ...zeros];
}

/** Equally long lists of landmarks: repeating one does not change a box. */
function subsets(options: readonly CustomOptions[]): number[][] {
  const lists = options.map((option) => option.numbers('subset_idxs'));
  const longest = Math.max(...lists.map((list) => list.length));
  return lists.map((list) => [...list, ...new Array<number>(longest - list.length).fill(list[0])]);
}
