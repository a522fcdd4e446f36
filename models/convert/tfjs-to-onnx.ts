import { VigilError } from '../../src/runtime/errors.js';
import { encodeOnnx } from './onnx.js';
import { tfjsOperators } from './ops/tfjs.js';
import { alignChannels } from './rewrites/align-channels.js';
import { flatColours } from './rewrites/flat-colours.js';
import { hardSwish } from './rewrites/hard-swish.js';
import type { Rewrite } from './rewrites/rewrite.js';
import { TfjsConversion, sourceName } from './tfjs-conversion.js';
import { notConverted, readTfjs, type TfjsNode } from './tfjs.js';
import type { ConversionRequest, Port } from './tflite-to-onnx.js';

const allRewrites: readonly Rewrite[] = [flatColours, hardSwish, alignChannels];

/**
 * Converts a TFJS graph model to an ONNX file (opset 17, float32). A pure function: equal arguments, equal bytes.
 * Only what the requested outputs need is converted, so a graph may be cut at any node.
 * @param json the model file's bytes
 * @param weights the weight file's bytes
 * @param rewrites what makes the graph faster; without them it follows the graph model operator by operator
 * @throws VigilError `MODEL_SOURCE_INVALID`, or `MODEL_CONVERSION_UNSUPPORTED` for what the converter does not know
 */
export function convertTfjs(
  json: Uint8Array,
  weights: Uint8Array,
  request: ConversionRequest,
  rewrites: readonly Rewrite[] = allRewrites,
): Uint8Array {
  const model = readTfjs(json, weights);
  const conversion = new TfjsConversion(model, request.name);
  const { graph, activations } = conversion;
  for (const node of needed(
    model.nodes,
    request.outputs.map(({ tensor }) => tensor),
  )) {
    if (model.constants.has(node.name)) continue;
    if (node.op === 'Placeholder') {
      const port = inputPort(request.inputs, node);
      activations.setPlain(conversion.id(node.name), port.shape, graph.input(port.name, port.shape));
    } else {
      const converter = Object.hasOwn(tfjsOperators, node.op) ? tfjsOperators[node.op] : undefined;
      if (converter === undefined) throw notConverted(`operator ${node.op}`);
      converter(conversion, node);
    }
  }
  for (const port of request.outputs) {
    const id = conversion.id(port.tensor);
    const shape = activations.shape(id);
    if (elements(port.shape) !== elements(shape)) throw wrongShape(port, shape);
    graph.op('Reshape', [activations.flat(id), graph.ints(port.shape)], {}, port.name);
    graph.output(port.name, port.shape);
  }
  const rewritten = rewrites.reduce((current, rewrite) => rewrite(current), graph);
  return encodeOnnx(rewritten.model(request.metadata));
}

/** The nodes that `outputs` need, each after what it reads. Not recursive: a hostile file may be very deep. */
function needed(nodes: ReadonlyMap<string, TfjsNode>, outputs: readonly string[]): TfjsNode[] {
  const order: TfjsNode[] = [];
  const state = new Map<string, 'open' | 'done'>();
  for (const output of outputs) {
    const stack = [output];
    for (let name = stack.at(-1); name !== undefined; name = stack.at(-1)) {
      const node = nodes.get(name);
      if (node === undefined) throw invalid(`Expected a node ${name} but there is none.`);
      const missing = node.inputs.map(sourceName).filter((input) => state.get(input) !== 'done');
      if (state.get(name) === 'done' || missing.length === 0) {
        if (state.get(name) !== 'done') order.push(node);
        state.set(name, 'done');
        stack.pop();
        continue;
      }
      if (missing.some((input) => state.get(input) === 'open'))
        throw invalid(`Expected a graph without loops but ${name} reads what it computes.`);
      state.set(name, 'open');
      stack.push(missing[0]);
    }
  }
  return order;
}

function inputPort(ports: readonly Port[], node: TfjsNode): Port {
  const port = ports.find(({ tensor }) => tensor === node.name);
  const shape = node.shape();
  if (port === undefined)
    throw invalid(`Expected no other input than those asked for but ${node.name} is one.`);
  if (port.shape.join() !== shape.join()) throw wrongShape(port, shape);
  return port;
}

function elements(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

function wrongShape(port: Port, actual: readonly number[]): VigilError {
  return invalid(
    `Expected shape [${port.shape.join()}] for ${port.name} but ${port.tensor} has [${actual.join()}].`,
  );
}

function invalid(message: string): VigilError {
  return new VigilError('MODEL_SOURCE_INVALID', message);
}
