import type { OnnxGraph } from '../graph.js';
import type { OnnxNode } from '../onnx.js';
import {
  attributesOf,
  consumersOf,
  convolutionOf,
  rewriteNodes,
  scaleChannels,
  type Convolution,
} from './rewrite.js';

/**
 * PRelu, which the blocked layout does not know, as convolutions and Relu, which it does:
 *
 *     prelu(x) = a x + (1 - a) relu(x) = a x + relu((1 - a) x)   where a <= 1
 *
 * The runtime fuses the last form into two passes over the data: a 1x1 convolution per channel with Relu, and one more
 * that adds to its result. Where a > 1 the second term is negative. Then the channel is stored with its sign turned,
 * if all readers are able to undo that for nothing: convolutions in their weights, residual additions by handing
 * the sign on to the next PRelu. Otherwise (MaxPool, GridSample) the layer takes a third pass.
 */
export function blockedPrelu(graph: OnnxGraph): OnnxGraph {
  const signs = storedSigns(graph);
  return rewriteNodes(graph, 'prelu_', (node, target) => {
    const output = node.output[0];
    const slopes = slopesOf(graph, node);
    if (slopes !== undefined) {
      appendPrelu(target, node, slopes, signs.get(node.input[0]), signs.get(output));
      return true;
    }
    const convolution = convolutionOf(graph, node);
    if (convolution === undefined) return false;
    const before = signs.get(convolution.input);
    const after = signs.get(output);
    if (before === undefined && after === undefined) return false;
    const { weights, bias } = withSigns(convolution, before, after);
    target.op(
      'Conv',
      [convolution.input, target.floats(convolution.shape, weights), target.floats([bias.length], bias)],
      attributesOf(node),
      output,
    );
    return true;
  });
}

/** Per channel 1 or -1. */
type Signs = Float32Array;

function appendPrelu(
  target: OnnxGraph,
  node: OnnxNode,
  slopes: Float32Array,
  before: Signs | undefined,
  after: Signs | undefined,
): void {
  const input = node.input[0];
  const sign = slopes.map((_, c) => (before?.[c] ?? 1) * (after?.[c] ?? 1));
  const straight = scaleChannels(
    target,
    input,
    slopes.map((slope, c) => slope * sign[c]),
  );
  /** Factor of relu(x) in the stored result. */
  const bend = slopes.map((slope, c) => (1 - slope) * (after?.[c] ?? 1));
  const bent = target.op('Relu', [
    scaleChannels(
      target,
      input,
      bend.map((factor, c) => Math.abs(factor) * (before?.[c] ?? 1)),
    ),
  ]);
  const term = bend.every((factor) => factor >= 0) ? bent : scaleChannels(target, bent, bend.map(Math.sign));
  target.op('Add', [straight, term], {}, node.output[0]);
}

/** Weights for an input whose channels are stored with the signs `before`, and a result with the signs `after`. */
function withSigns(
  { shape, weights, bias, group }: Convolution,
  before: Signs | undefined,
  after: Signs | undefined,
): { weights: Float32Array; bias: Float32Array } {
  const [outputs, inputsPerGroup, height, width] = shape;
  const outputsPerGroup = outputs / group;
  const signed = weights.map((weight, index) => {
    const output = Math.floor(index / (inputsPerGroup * height * width));
    const input =
      Math.floor(output / outputsPerGroup) * inputsPerGroup +
      (Math.floor(index / (height * width)) % inputsPerGroup);
    return weight * (before?.[input] ?? 1) * (after?.[output] ?? 1);
  });
  return { weights: signed, bias: bias.map((value, output) => value * (after?.[output] ?? 1)) };
}

/** The values that are stored with turned signs, and the signs. */
function storedSigns(graph: OnnxGraph): Map<string, Signs> {
  const signs = new Map<string, Signs>();
  const consumers = consumersOf(graph);
  const producers = new Map(graph.nodes.map((node) => [node.output[0], node]));
  const inner = (value: string): boolean => !graph.isOutput(value);

  /** The convolution's result that is added to `value`, if the addition is able to carry signs. */
  const addend = (add: OnnxNode, value: string): string | undefined => {
    const others = add.input.filter((input) => input !== value);
    const producer = others.length === 1 ? producers.get(others[0]) : undefined;
    const carries =
      producer !== undefined &&
      convolutionOf(graph, producer) !== undefined &&
      inner(others[0]) &&
      consumers(others[0]).length === 1 &&
      inner(add.output[0]) &&
      consumers(add.output[0]).every((next) => slopesOf(graph, next) !== undefined);
    return carries ? others[0] : undefined;
  };

  for (const node of graph.nodes) {
    const slopes = slopesOf(graph, node);
    if (slopes === undefined || slopes.every((slope) => slope <= 1)) continue;
    const value = node.output[0];
    const readers = consumers(value);
    const addends = readers.map((reader) => (reader.opType === 'Add' ? addend(reader, value) : undefined));
    const turned =
      inner(value) &&
      readers.every((reader, i) =>
        reader.opType === 'Add' ? addends[i] !== undefined : convolutionOf(graph, reader) !== undefined,
      );
    if (!turned) continue;
    const stored = slopes.map((slope) => (slope <= 1 ? 1 : -1));
    signs.set(value, stored);
    readers.forEach((reader, i) => {
      const added = addends[i];
      if (added === undefined) return;
      signs.set(added, stored);
      signs.set(reader.output[0], stored);
    });
  }
  return signs;
}

/** One slope per channel; undefined for another node. */
function slopesOf(graph: OnnxGraph, node: OnnxNode): Float32Array | undefined {
  return node.opType === 'PRelu' ? graph.floatsOf(node.input[1])?.data : undefined;
}
