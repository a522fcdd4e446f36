import { permute } from '../permute.js';
import type { NodeConverter, TfjsConversion } from '../tfjs-conversion.js';
import { notConverted, type TfjsNode } from '../tfjs.js';
import { place, type Window } from './windows.js';

/** TensorFlow filters are HWIO, depthwise HWCM with M = 1; ONNX wants OIHW, and C1HW with one group per channel. */
const filterOrder = [3, 2, 0, 1] as const;
const depthwiseOrder = [2, 3, 0, 1] as const;

function convolution(conversion: TfjsConversion, node: TfjsNode, depthwise: boolean): void {
  const { graph } = conversion;
  const { shape, value } = conversion.image(node, 0);
  const filter = conversion.floats(node, 1);
  if (filter.shape.length !== 4) throw notConverted(`filters of shape [${filter.shape.join()}]`);
  const [height, width, inputs, multiple] = filter.shape as [number, number, number, number];
  if (depthwise && multiple !== 1) throw notConverted(`${multiple} filters for each channel`);
  if (inputs !== shape[3]) throw notConverted(`${node.op} of ${shape[3]} channels by filters for ${inputs}`);
  const channels = depthwise ? inputs : multiple;
  const window = windowOf(node, [height, width]);
  const placed = place(shape, window);
  const fused = node.texts('fused_ops');
  const hasBias = fused[0] === 'BiasAdd';
  const bias = hasBias ? conversion.floats(node, 2).data : new Float32Array(channels);
  if (bias.length !== channels) throw notConverted(`${bias.length} biases for ${channels} channels`);
  const weights = permute(filter.data, filter.shape, depthwise ? depthwiseOrder : filterOrder);
  const result = graph.op(
    'Conv',
    [
      value,
      graph.floats([channels, depthwise ? 1 : inputs, height, width], weights),
      graph.floats([channels], bias),
    ],
    {
      kernel_shape: window.kernel,
      strides: window.strides,
      pads: placed.pads,
      dilations: window.dilations,
      group: depthwise ? channels : 1,
    },
  );
  conversion.setImage(
    node,
    [shape[0], placed.height, placed.width, channels],
    (hasBias ? fused.slice(1) : fused).reduce(
      (current, activation) => activate(conversion, activation, current),
      result,
    ),
  );
}

function windowOf(node: TfjsNode, kernel: readonly [number, number]): Window {
  if (node.text('data_format') !== 'NHWC') throw notConverted(`the layout ${node.text('data_format')}`);
  const padding = node.text('padding');
  if (padding !== 'SAME' && padding !== 'VALID') throw notConverted(`the padding ${padding}`);
  const [, strideY, strideX] = node.ints('strides');
  const [, dilationY = 1, dilationX = 1] = node.ints('dilations');
  if (!(strideY >= 1 && strideX >= 1)) throw notConverted(`${node.op} without strides`);
  return { kernel, strides: [strideY, strideX], dilations: [dilationY, dilationX], same: padding === 'SAME' };
}

function activate({ graph }: TfjsConversion, kind: string, value: string): string {
  if (kind === 'Relu' || kind === 'Sigmoid') return graph.op(kind, [value]);
  if (kind === 'Relu6') return graph.op('Clip', [value, graph.floats([], [0]), graph.floats([], [6])]);
  throw notConverted(`the activation ${kind}`);
}

function activation(conversion: TfjsConversion, node: TfjsNode): void {
  const { shape, value } = conversion.image(node, 0);
  conversion.setImage(node, shape, activate(conversion, node.op, value));
}

/** Add, Sub and Mul: activations of one height and width or of 1 x 1, or an activation and one number. */
function elementwise(conversion: TfjsConversion, node: TfjsNode, opType: 'Add' | 'Mul' | 'Sub'): void {
  const { graph } = conversion;
  const sides = ([0, 1] as const).map((index) => {
    const constant = conversion.constantInput(node, index);
    if (constant === undefined) return conversion.image(node, index);
    if (!(constant.data instanceof Float32Array) || constant.data.length !== 1)
      throw notConverted(`${node.op} with a constant of shape [${constant.shape.join()}]`);
    return { shape: [1, 1, 1, 1], value: graph.floats([], constant.data) };
  });
  const [left, right] = sides as [(typeof sides)[0], (typeof sides)[0]];
  const shape = left.shape.map((size, axis) => {
    const other = right.shape[axis];
    if (size !== other && size !== 1 && other !== 1)
      throw notConverted(`${node.op} of [${left.shape.join()}] and [${right.shape.join()}]`);
    return Math.max(size, other);
  });
  conversion.setImage(node, shape, graph.op(opType, [left.value, right.value]));
}

/** Only over height and width, with both kept: an average for each channel. */
function mean(conversion: TfjsConversion, node: TfjsNode): void {
  const { shape, value } = conversion.image(node, 0);
  const axes = conversion
    .ints(node, 1)
    .map((axis) => (axis < 0 ? axis + 4 : axis))
    .sort();
  if (axes.join() !== '1,2' || !node.flag('keep_dims')) throw notConverted(`Mean over axes ${axes.join()}`);
  conversion.setImage(node, [shape[0], 1, 1, shape[3]], conversion.graph.op('GlobalAveragePool', [value]));
}

/** Whole multiples of height and width; the corner of the picture is the corner pixel's middle in both. */
function resize(conversion: TfjsConversion, node: TfjsNode): void {
  const { graph } = conversion;
  const { shape, value } = conversion.image(node, 0);
  const [height, width] = conversion.ints(node, 1) as [number, number];
  if (node.flag('align_corners') || node.flag('half_pixel_centers'))
    throw notConverted('ResizeBilinear with aligned corners or pixel middles');
  if (height % shape[1] !== 0 || width % shape[2] !== 0)
    throw notConverted(`ResizeBilinear from ${shape[1]} x ${shape[2]} to ${height} x ${width}`);
  const scales = graph.floats([4], [1, 1, height / shape[1], width / shape[2]]);
  conversion.setImage(
    node,
    [shape[0], height, width, shape[3]],
    graph.op('Resize', [value, '', scales], {
      mode: 'linear',
      coordinate_transformation_mode: 'asymmetric',
    }),
  );
}

/** Only of channels. */
function concatenation(conversion: TfjsConversion, node: TfjsNode): void {
  const count = node.inputs.length - 1;
  const [axis] = conversion.ints(node, count);
  if (axis !== 3 && axis !== -1) throw notConverted(`ConcatV2 along axis ${axis}`);
  const parts = Array.from({ length: count }, (_, index) => conversion.image(node, index));
  const channels = parts.reduce((sum, { shape }) => sum + shape[3], 0);
  const [first] = parts;
  conversion.setImage(
    node,
    [...first.shape.slice(0, 3), channels],
    conversion.graph.op(
      'Concat',
      parts.map(({ value }) => value),
      { axis: 1 },
    ),
  );
}

function identity(conversion: TfjsConversion, node: TfjsNode): void {
  conversion.activations.alias(conversion.id(node.name), conversion.id(conversion.input(node, 0)));
}

/** Operators of TFJS graph models, by TensorFlow's names. */
export const tfjsOperators: Readonly<Record<string, NodeConverter>> = {
  Conv2D: (conversion, node) => convolution(conversion, node, false),
  _FusedConv2D: (conversion, node) => convolution(conversion, node, false),
  DepthwiseConv2dNative: (conversion, node) => convolution(conversion, node, true),
  FusedDepthwiseConv2dNative: (conversion, node) => convolution(conversion, node, true),
  Relu: activation,
  Relu6: activation,
  Sigmoid: activation,
  Add: (conversion, node) => elementwise(conversion, node, 'Add'),
  AddV2: (conversion, node) => elementwise(conversion, node, 'Add'),
  Sub: (conversion, node) => elementwise(conversion, node, 'Sub'),
  Mul: (conversion, node) => elementwise(conversion, node, 'Mul'),
  Mean: mean,
  ResizeBilinear: resize,
  ConcatV2: concatenation,
  Identity: identity,
};
