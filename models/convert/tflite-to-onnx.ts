import { VigilError } from '../../src/runtime/errors.js';
import { Conversion } from './conversion.js';
import { encodeOnnx } from './onnx.js';
import { arithmeticOperators } from './ops/arithmetic.js';
import { mediapipeBatches, mediapipeOperators } from './ops/mediapipe.js';
import { shapeOperators } from './ops/shapes.js';
import { windowOperators } from './ops/windows.js';
import { alignChannels } from './rewrites/align-channels.js';
import { blockedPrelu } from './rewrites/blocked-prelu.js';
import { flatColours } from './rewrites/flat-colours.js';
import { mergeBranches } from './rewrites/merge-branches.js';
import type { Rewrite } from './rewrites/rewrite.js';
import { readTflite, unsupported, type TfliteOperator } from './tflite.js';

/** What an input or output is called and how it is shaped in the ONNX file, and which TFLite tensor it is. */
export interface Port {
  readonly name: string;
  readonly tensor: string;
  readonly shape: readonly number[];
}

export interface ConversionRequest {
  readonly name: string;
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  /** Goes into the file's metadata, in this order. */
  readonly metadata?: Readonly<Record<string, string>>;
}

const converters = { ...windowOperators, ...arithmeticOperators, ...shapeOperators, ...mediapipeOperators };

/** In this order: padded channels become convolutions, which are merged; PRelu is rewritten for the channels it then has. */
const allRewrites: readonly Rewrite[] = [flatColours, alignChannels, mergeBranches, blockedPrelu];

/**
 * Converts a TFLite model to an ONNX file (opset 17, float32). A pure function: equal arguments, equal bytes.
 * @param tflite the file's bytes
 * @param rewrites what makes the graph faster; without them it follows the TFLite file operator by operator
 * @throws VigilError `MODEL_SOURCE_INVALID`, or `MODEL_CONVERSION_UNSUPPORTED` for what the converter does not know
 */
export function convertTflite(
  tflite: Uint8Array,
  request: ConversionRequest,
  rewrites: readonly Rewrite[] = allRewrites,
): Uint8Array {
  const model = readTflite(tflite);
  const conversion = new Conversion(model, request.name);
  const { graph, activations } = conversion;
  for (const [port, index] of match(request.inputs, model.inputs, model.tensors)) {
    if (port.shape.join() !== model.tensors[index].shape.join())
      throw wrongShape(port, model.tensors[index].shape);
    activations.setPlain(index, port.shape, graph.input(port.name, port.shape));
  }
  for (const run of runsOf(model.operators)) {
    const [first] = run as [TfliteOperator];
    const batch = entry(mediapipeBatches, first.kind);
    const converter = entry(converters, first.kind);
    if (batch !== undefined) batch(conversion, run);
    else if (converter !== undefined) for (const operator of run) converter(conversion, operator);
    else throw unsupported(`operator ${first.kind}`);
  }
  for (const [port, index] of match(request.outputs, model.outputs, model.tensors)) {
    const shape = activations.shape(index);
    if (elements(port.shape) !== elements(shape)) throw wrongShape(port, shape);
    graph.op('Reshape', [activations.flat(index), graph.ints(port.shape)], {}, port.name);
    graph.output(port.name, port.shape);
  }
  const rewritten = rewrites.reduce((current, rewrite) => rewrite(current), graph);
  return encodeOnnx(rewritten.model(request.metadata));
}

function entry<T>(table: Readonly<Record<string, T>>, kind: string): T | undefined {
  return Object.hasOwn(table, kind) ? table[kind] : undefined;
}

/** Consecutive operators of one kind, as long as none needs the result of another in its run. */
function runsOf(operators: readonly TfliteOperator[]): TfliteOperator[][] {
  const runs: TfliteOperator[][] = [];
  for (const operator of operators) {
    const run = runs.at(-1);
    const joins =
      run?.[0]?.kind === operator.kind &&
      !run.some(({ outputs }) => operator.inputs.some((input) => outputs.includes(input)));
    if (run !== undefined && joins) run.push(operator);
    else runs.push([operator]);
  }
  return runs;
}

/** Pairs each requested port with the model's tensor of that name; all of the model's must be asked for. */
function match(
  ports: readonly Port[],
  indices: readonly number[],
  tensors: readonly { readonly name: string }[],
): [Port, number][] {
  const names = indices.map((index) => tensors[index].name);
  const wanted = ports.map(({ tensor }) => tensor);
  if ([...names].sort().join() !== [...wanted].sort().join()) {
    throw new VigilError(
      'MODEL_SOURCE_INVALID',
      `Expected the TFLite tensors ${wanted.join(', ')} but the file has ${names.join(', ')}.`,
    );
  }
  return ports.map((port) => [port, indices[names.indexOf(port.tensor)]]);
}

function elements(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

function wrongShape(port: Port, actual: readonly number[]): VigilError {
  return new VigilError(
    'MODEL_SOURCE_INVALID',
    `Expected shape [${port.shape.join()}] for ${port.name} but tensor ${port.tensor} has [${actual.join()}].`,
  );
}
