import type { Conversion, OperatorConverter } from '../conversion.js';
import { toNchw } from '../layout.js';
import { unsupported, type TfliteOperator } from '../tflite.js';

function reshape({ graph, activations, model }: Conversion, operator: TfliteOperator): void {
  const [input] = operator.inputs as [number];
  const [output] = operator.outputs as [number];
  const { shape } = model.tensors[output];
  activations.setPlain(output, shape, graph.op('Reshape', [activations.flat(input), graph.ints(shape)]));
}

function concatenation({ graph, activations }: Conversion, operator: TfliteOperator): void {
  const shape = [...activations.shape(operator.inputs[0])];
  const given = operator.options?.int32(0) ?? 0;
  const axis = given < 0 ? given + shape.length : given;
  shape[axis] = operator.inputs.reduce((sum, input) => sum + activations.shape(input)[axis], 0);
  const parts = operator.inputs.map((input) => activations.plain(input));
  activations.setPlain(operator.outputs[0], shape, graph.op('Concat', parts, { axis }));
}

/** Zero padding of any axis (the models also pad channels). */
function pad(conversion: Conversion, operator: TfliteOperator): void {
  const { graph, activations } = conversion;
  const [input, amounts] = operator.inputs as [number, number];
  const padding = conversion.intConstant(amounts); // [axis][before, after], axes NHWC
  const shape = activations.shape(input);
  const pads = [...toNchw.map((axis) => padding[2 * axis]), ...toNchw.map((axis) => padding[2 * axis + 1])];
  activations.setNchw(
    operator.outputs[0],
    shape.map((size, axis) => size + padding[2 * axis] + padding[2 * axis + 1]),
    graph.op('Pad', [activations.nchw(input), graph.ints(pads)]),
  );
}

/** Only the slice that keeps everything occurs; it becomes another name. */
function stridedSlice(conversion: Conversion, operator: TfliteOperator): void {
  const { activations } = conversion;
  const [input, begin, end, strides] = operator.inputs as [number, number, number, number];
  const shape = activations.shape(input);
  const ends = conversion.intConstant(end);
  const whole =
    conversion.intConstant(begin).every((value) => value === 0) &&
    conversion.intConstant(strides).every((value) => value === 1) &&
    shape.every((size, axis) => ends[axis] === size);
  if (!whole) throw unsupported('STRIDED_SLICE of a part');
  activations.alias(operator.outputs[0], input);
}

/** Operators that move elements. */
export const shapeOperators: Readonly<Record<string, OperatorConverter>> = {
  RESHAPE: reshape,
  CONCATENATION: concatenation,
  PAD: pad,
  STRIDED_SLICE: stridedSlice,
};
