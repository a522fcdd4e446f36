import type { FlatTable } from '../flat-table.js';
import type { Conversion, OperatorConverter } from '../conversion.js';
import { toNchw } from '../layout.js';
import { permute } from '../permute.js';
import { unsupported, type TfliteOperator } from '../tflite.js';

interface WindowAxis {
  /** Zeros before and after. */
  readonly before: number;
  readonly after: number;
  readonly outputSize: number;
}

/**
 * Padding and output size along one axis. TFLite SAME: as many windows as ceil(input / stride), the odd zero goes
 * to the end; VALID: windows that fit wholly.
 */
export function windowAxis(
  input: number,
  kernel: number,
  stride: number,
  dilation: number,
  same: boolean,
): WindowAxis {
  const extent = (kernel - 1) * dilation + 1;
  if (!same) return { before: 0, after: 0, outputSize: Math.floor((input - extent) / stride) + 1 };
  const outputSize = Math.ceil(input / stride);
  const total = Math.max((outputSize - 1) * stride + extent - input, 0);
  return { before: total >> 1, after: total - (total >> 1), outputSize };
}

export interface Window {
  readonly kernel: readonly [height: number, width: number];
  readonly strides: readonly [height: number, width: number];
  readonly dilations: readonly [height: number, width: number];
  readonly same: boolean;
}

/** ONNX `pads` and the output's height and width, for an input of NHWC `shape`. */
export function place(
  shape: readonly number[],
  window: Window,
): { pads: number[]; height: number; width: number } {
  const [y, x] = ([0, 1] as const).map((axis) =>
    windowAxis(
      shape[axis + 1],
      window.kernel[axis],
      window.strides[axis],
      window.dilations[axis],
      window.same,
    ),
  ) as [WindowAxis, WindowAxis];
  return { pads: [y.before, x.before, y.after, x.after], height: y.outputSize, width: x.outputSize };
}

// Field positions in the options tables of the TFLite schema; `padding` is 0 for SAME and 1 for VALID.
const Conv2d = { padding: 0, strideW: 1, strideH: 2, activation: 3, dilationW: 4, dilationH: 5 } as const;
const DepthwiseConv2d = {
  padding: 0,
  strideW: 1,
  strideH: 2,
  activation: 4,
  dilationW: 5,
  dilationH: 6,
} as const;
const Pool2d = { padding: 0, strideW: 1, strideH: 2, filterW: 3, filterH: 4, activation: 5 } as const;

/** TFLite filters are OHWI, or 1HWC for depthwise; ONNX wants OIHW, and C1HW with one group per channel. */
function convolution(conversion: Conversion, operator: TfliteOperator, depthwise: boolean): void {
  const { graph, activations } = conversion;
  const [input, filterTensor, biasTensor] = operator.inputs as [number, number, number];
  const options = optionsOf(operator);
  const fields = depthwise ? DepthwiseConv2d : Conv2d;
  const filter = conversion.floatConstant(filterTensor);
  const bias = conversion.floatConstant(biasTensor);
  const [outputOrInput, height, width, channels] = filter.shape as [number, number, number, number];
  const window: Window = {
    kernel: [height, width],
    strides: [options.int32(fields.strideH, 1), options.int32(fields.strideW, 1)],
    dilations: [options.int32(fields.dilationH, 1), options.int32(fields.dilationW, 1)],
    same: options.uint8(fields.padding) === 0,
  };
  const shape = activations.shape(input);
  const placed = place(shape, window);
  const outputChannels = depthwise ? channels : outputOrInput;
  const weights = depthwise
    ? graph.floats([channels, 1, height, width], permute(filter.data, filter.shape, [3, 0, 1, 2]))
    : graph.floats([outputOrInput, channels, height, width], permute(filter.data, filter.shape, toNchw));
  const value = graph.op(
    'Conv',
    [activations.nchw(input), weights, graph.floats([outputChannels], bias.data)],
    {
      kernel_shape: window.kernel,
      strides: window.strides,
      pads: placed.pads,
      dilations: window.dilations,
      group: depthwise ? shape[3] : 1,
    },
  );
  activations.setNchw(
    operator.outputs[0],
    [shape[0], placed.height, placed.width, outputChannels],
    conversion.fusedActivation(value, options.uint8(fields.activation)),
  );
}

function maxPool(conversion: Conversion, operator: TfliteOperator): void {
  const { graph, activations } = conversion;
  const [input] = operator.inputs as [number];
  const options = optionsOf(operator);
  const window: Window = {
    kernel: [options.int32(Pool2d.filterH), options.int32(Pool2d.filterW)],
    strides: [options.int32(Pool2d.strideH), options.int32(Pool2d.strideW)],
    dilations: [1, 1],
    same: options.uint8(Pool2d.padding) === 0,
  };
  const shape = activations.shape(input);
  const placed = place(shape, window);
  const value = graph.op('MaxPool', [activations.nchw(input)], {
    kernel_shape: window.kernel,
    strides: window.strides,
    pads: placed.pads,
  });
  activations.setNchw(
    operator.outputs[0],
    [shape[0], placed.height, placed.width, shape[3]],
    conversion.fusedActivation(value, options.uint8(Pool2d.activation)),
  );
}

function optionsOf(operator: TfliteOperator): FlatTable {
  if (operator.options === undefined) throw unsupported(`${operator.kind} without options`);
  return operator.options;
}

/** Operators that slide a window over an image. */
export const windowOperators: Readonly<Record<string, OperatorConverter>> = {
  CONV_2D: (conversion, operator) => convolution(conversion, operator, false),
  DEPTHWISE_CONV_2D: (conversion, operator) => convolution(conversion, operator, true),
  MAX_POOL_2D: maxPool,
};
