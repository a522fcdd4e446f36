import type { OnnxGraph } from '../graph.js';
import type { OnnxNode } from '../onnx.js';
import { attributesOf, consumersOf, convolutionOf, rewriteNodes, type Convolution } from './rewrite.js';

/** Channels of one block on processors with AVX-512; a multiple of AVX2's 8. */
const blockChannels = 16;

/**
 * Zero channels up to the next whole block. The blocked layout computes them anyway but leaves it for operators
 * whose channels do not fill the last block, and for Pad always. With whole blocks, padding of channels (residual
 * connections between layers of 24 and 28 channels, say) is either nothing at all, as the channels are zero already,
 * or a convolution with the identity.
 *
 * Zero channels stay zero: their weights and biases are zero, and Relu, PRelu, MaxPool, Add keep zeros. A value that
 * any other operator reads keeps its channels.
 */
export function alignChannels(graph: OnnxGraph): OnnxGraph {
  const { channels, fixed } = channelCounts(graph);
  const free = alignable(graph, channels, fixed);
  const width = (value: string): number => {
    const count = channels.get(value)!;
    return free.has(value) ? Math.ceil(count / blockChannels) * blockChannels : count;
  };
  /** Values that are other values, as their Pad adds nothing. */
  const names = new Map<string, string>();
  const named = (value: string): string => names.get(value) ?? value;

  return rewriteNodes(graph, 'align_', (node, target) => {
    const [output] = node.output as [string];
    const input = node.input[0];
    const inputs = node.input.map(named);
    if (node.opType === 'Pad' && channels.has(input) && channels.has(output)) {
      if (width(input) === width(output) && !graph.isOutput(output)) names.set(output, named(input));
      else appendIdentity(target, named(input), width(input), width(output), output);
      return true;
    }
    const convolution = plainConvolution(graph, node);
    if (convolution !== undefined) {
      const inputWidth = channels.has(input) ? width(input) : convolution.shape[1] * convolution.group;
      appendConvolution(target, node, convolution, inputs[0], inputWidth, width(output));
      return true;
    }
    if (node.opType === 'PRelu' && channels.has(output)) {
      const slopes = padded(graph.floatsOf(node.input[1])!.data, width(output));
      target.op('PRelu', [inputs[0], target.floats([slopes.length, 1, 1], slopes)], {}, output);
      return true;
    }
    if (inputs.every((name, i) => name === node.input[i])) return false;
    target.copy({ ...node, input: inputs }, graph);
    return true;
  });
}

/** A convolution over all channels, or one per channel: not the grouped ones between. */
function plainConvolution(graph: OnnxGraph, node: OnnxNode): Convolution | undefined {
  const convolution = convolutionOf(graph, node);
  if (convolution === undefined) return undefined;
  const { group, shape } = convolution;
  return group === 1 || (shape[0] === group && shape[1] === 1) ? convolution : undefined;
}

function padded(values: Float32Array, length: number): Float32Array {
  const result = new Float32Array(length);
  result.set(values);
  return result;
}

function appendIdentity(
  target: OnnxGraph,
  input: string,
  inputs: number,
  outputs: number,
  output: string,
): void {
  const weights = new Float32Array(outputs * inputs);
  for (let channel = 0; channel < inputs; channel++) weights[channel * inputs + channel] = 1;
  target.op(
    'Conv',
    [
      input,
      target.floats([outputs, inputs, 1, 1], weights),
      target.floats([outputs], new Float32Array(outputs)),
    ],
    { kernel_shape: [1, 1], group: 1 },
    output,
  );
}

function appendConvolution(
  target: OnnxGraph,
  node: OnnxNode,
  { shape: [outputs, inputsPerGroup, height, width], weights, bias, group }: Convolution,
  input: string,
  inputWidth: number,
  outputWidth: number,
): void {
  const depthwise = group > 1;
  const inner = depthwise ? 1 : inputWidth;
  const area = height * width;
  const spread = new Float32Array(outputWidth * inner * area);
  for (let output = 0; output < outputs; output++) {
    const row = weights.subarray(output * inputsPerGroup * area, (output + 1) * inputsPerGroup * area);
    spread.set(row, output * inner * area);
  }
  target.op(
    'Conv',
    [
      input,
      target.floats([outputWidth, inner, height, width], spread),
      target.floats([outputWidth], padded(bias, outputWidth)),
    ],
    { ...attributesOf(node), group: depthwise ? outputWidth : 1 },
    node.output[0],
  );
}

/**
 * Channels of the values that come out of convolutions and the operators below them, and of what is added to those
 * (activations are added without broadcasting). `fixed`: the operator that computes the value is none of those.
 */
function channelCounts(graph: OnnxGraph): { channels: Map<string, number>; fixed: Set<string> } {
  const channels = new Map<string, number>();
  const fixed = new Set<string>();
  for (const node of graph.nodes) {
    const [output] = node.output as [string];
    const convolution = plainConvolution(graph, node);
    if (convolution !== undefined) {
      channels.set(output, convolution.shape[0]);
      continue;
    }
    const activations = node.opType === 'Add' ? node.input : node.input.slice(0, 1);
    const before = activations.map((name) => channels.get(name)).find((count) => count !== undefined);
    if (before === undefined) continue;
    if (node.opType === 'Pad') {
      const added = addedChannels(graph, node);
      if (added !== undefined) channels.set(output, before + added);
    } else if (keepsZeros(node) && activations.every((name) => graph.constantOf(name) === undefined)) {
      channels.set(output, before);
      for (const name of activations) {
        if (channels.has(name)) continue;
        channels.set(name, before);
        fixed.add(name);
      }
    }
  }
  return { channels, fixed };
}

function keepsZeros({ opType }: OnnxNode): boolean {
  return opType === 'Relu' || opType === 'PRelu' || opType === 'MaxPool' || opType === 'Add';
}

/** Zeros that a Pad appends to the channels, undefined where it pads anything else. */
function addedChannels(graph: OnnxGraph, node: OnnxNode): number | undefined {
  const amounts = graph.intsOf(node.input[1]);
  if (amounts === undefined || node.input.length !== 2 || node.attribute.length > 0) return undefined;
  return amounts.every((amount, i) => amount === 0 || i === 5) ? amounts[5] : undefined;
}

/** The values of known channels that only operators read which are able to take more of them. */
function alignable(
  graph: OnnxGraph,
  channels: ReadonlyMap<string, number>,
  fixed: ReadonlySet<string>,
): Set<string> {
  const consumers = consumersOf(graph);
  const free = new Set([...channels.keys()].filter((value) => !fixed.has(value)));
  const fits = (value: string): boolean =>
    !graph.isOutput(value) &&
    consumers(value).every((node) => {
      if (!channels.has(node.output[0])) return false;
      const convolution = plainConvolution(graph, node);
      if (convolution?.group === 1 || node.opType === 'Pad') return true;
      return free.has(node.output[0]);
    });
  // Operators that hand channels on bind their result to their input, both ways, until nothing changes.
  for (let before = -1; before !== free.size;) {
    before = free.size;
    for (const value of [...free]) if (!fits(value)) free.delete(value);
    for (const node of graph.nodes) {
      const bound = keepsZeros(node) || (plainConvolution(graph, node)?.group ?? 1) > 1;
      if (!bound || !channels.has(node.output[0])) continue;
      const activations = node.opType === 'Add' ? node.input : node.input.slice(0, 1);
      if (activations.every((name) => free.has(name))) continue;
      free.delete(node.output[0]);
    }
  }
  return free;
}
