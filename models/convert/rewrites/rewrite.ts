import type { AttributeValue, OnnxGraph } from '../graph.js';
import { AttributeType, type OnnxNode } from '../onnx.js';

/**
 * A rewrite turns a graph into one that computes the same and runs faster in ONNX Runtime. The runtime's convolutions
 * work on a blocked layout (16 channels of a pixel side by side with AVX-512, 8 with AVX2), and so do MaxPool, Relu,
 * and additions between them; around every other operator it copies the activations out of that layout and back.
 * Without the rewrites those copies take two thirds of the time of the convolutions in the attention network.
 */
export type Rewrite = (graph: OnnxGraph) => OnnxGraph;

/** Copies the graph node by node; where `replace` returns true it has appended the node's replacement itself. */
export function rewriteNodes(
  graph: OnnxGraph,
  prefix: string,
  replace: (node: OnnxNode, target: OnnxGraph) => boolean,
): OnnxGraph {
  const target = graph.derive(prefix);
  for (const node of graph.nodes) if (!replace(node, target)) target.copy(node, graph);
  return target;
}

/** Which nodes read a value. */
export function consumersOf(graph: OnnxGraph): (value: string) => readonly OnnxNode[] {
  const consumers = new Map<string, OnnxNode[]>();
  for (const node of graph.nodes) {
    for (const value of new Set(node.input)) {
      const readers = consumers.get(value);
      if (readers === undefined) consumers.set(value, [node]);
      else readers.push(node);
    }
  }
  return (value) => consumers.get(value) ?? [];
}

/** Attributes as `OnnxGraph.op` takes them. */
export function attributesOf({ attribute }: OnnxNode): Record<string, AttributeValue> {
  const decoder = new TextDecoder();
  return Object.fromEntries(
    attribute.map(({ name, type, f, i, s, ints }): [string, AttributeValue] => {
      if (type === AttributeType.float) return [name, { float: f ?? 0 }];
      if (type === AttributeType.int) return [name, i ?? 0];
      if (type === AttributeType.string) return [name, decoder.decode(s)];
      return [name, ints ?? []];
    }),
  );
}

/** A convolution's parts, undefined for another node or for computed weights. */
export interface Convolution {
  readonly input: string;
  readonly output: string;
  /** Output channels, input channels per group, height, width. */
  readonly shape: readonly [number, number, number, number];
  readonly weights: Float32Array;
  readonly bias: Float32Array;
  readonly group: number;
}

export function convolutionOf(graph: OnnxGraph, node: OnnxNode): Convolution | undefined {
  if (node.opType !== 'Conv' || node.input.length !== 3) return undefined;
  const [input, weightsName, biasName] = node.input as [string, string, string];
  const weights = graph.floatsOf(weightsName);
  const bias = graph.floatsOf(biasName);
  if (weights?.shape.length !== 4 || bias === undefined) return undefined;
  const { group } = attributesOf(node);
  return {
    input,
    output: node.output[0],
    shape: weights.shape as readonly [number, number, number, number],
    weights: weights.data,
    bias: bias.data,
    group: typeof group === 'number' ? group : 1,
  };
}

/** y[c] = factors[c] x[c]: as a convolution, which the blocked layout knows; Mul with a constant is not known there. */
export function scaleChannels(
  target: OnnxGraph,
  input: string,
  factors: Float32Array,
  output?: string,
): string {
  const channels = factors.length;
  return target.op(
    'Conv',
    [input, target.floats([channels, 1, 1, 1], factors)],
    { kernel_shape: [1, 1], group: channels },
    output,
  );
}
