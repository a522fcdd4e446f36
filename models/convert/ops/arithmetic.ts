import type { Conversion, OperatorConverter } from '../conversion.js';
import { toNchw } from '../layout.js';
import { permute } from '../permute.js';
import { unsupported, type TfliteOperator } from '../tflite.js';

/** ADD and MUL: the first input is an activation, the second one too or a constant that broadcasts onto it. */
function elementwise(conversion: Conversion, operator: TfliteOperator, opType: 'Add' | 'Mul'): void {
  const { graph, activations } = conversion;
  const [left, right] = operator.inputs as [number, number];
  const [output] = operator.outputs as [number];
  const shape = activations.shape(left);
  const image = shape.length === 4;
  const first = image ? activations.nchw(left) : activations.plain(left);
  const second =
    conversion.constant(right) === undefined
      ? sameShape(conversion, right, shape)
      : constantTerm(conversion, right, image);
  const activation = operator.options?.uint8(0) ?? 0;
  const value = conversion.fusedActivation(graph.op(opType, [first, second]), activation);
  if (image) activations.setNchw(output, shape, value);
  else activations.setPlain(output, shape, value);
}

function sameShape({ activations }: Conversion, tensor: number, shape: readonly number[]): string {
  const other = activations.shape(tensor);
  if (other.join() !== shape.join())
    throw unsupported(`broadcasting [${other.join()}] onto [${shape.join()}]`);
  return shape.length === 4 ? activations.nchw(tensor) : activations.plain(tensor);
}

function constantTerm(conversion: Conversion, tensor: number, image: boolean): string {
  const { shape, data } = conversion.floatConstant(tensor);
  if (data.length === 1) return conversion.graph.floats([], data);
  if (!image) return conversion.graph.floats(shape, data);
  const padded = [...new Array<number>(4 - shape.length).fill(1), ...shape];
  return conversion.graph.floats(
    toNchw.map((axis) => padded[axis]),
    permute(data, padded, toNchw),
  );
}

function relu({ graph, activations }: Conversion, operator: TfliteOperator): void {
  const [input] = operator.inputs as [number];
  activations.setNchw(
    operator.outputs[0],
    activations.shape(input),
    graph.op('Relu', [activations.nchw(input)]),
  );
}

/** One slope per channel, TFLite [1,1,C], ONNX [C,1,1]. */
function prelu(conversion: Conversion, operator: TfliteOperator): void {
  const { graph, activations } = conversion;
  const [input, slopeTensor] = operator.inputs as [number, number];
  const slope = conversion.floatConstant(slopeTensor);
  const channels = slope.shape.at(-1)!;
  if (slope.data.length !== channels) throw unsupported(`PRELU slopes of shape [${slope.shape.join()}]`);
  const value = graph.op('PRelu', [activations.nchw(input), graph.floats([channels, 1, 1], slope.data)]);
  activations.setNchw(operator.outputs[0], activations.shape(input), value);
}

/** Weights are stored as halves and widened by the runtime; we widen them once, here. */
function dequantize(conversion: Conversion, operator: TfliteOperator): void {
  conversion.setConstant(operator.outputs[0], conversion.floatConstant(operator.inputs[0]));
}

/** Operators that work element by element. */
export const arithmeticOperators: Readonly<Record<string, OperatorConverter>> = {
  ADD: (conversion, operator) => elementwise(conversion, operator, 'Add'),
  MUL: (conversion, operator) => elementwise(conversion, operator, 'Mul'),
  RELU: relu,
  PRELU: prelu,
  DEQUANTIZE: dequantize,
};
