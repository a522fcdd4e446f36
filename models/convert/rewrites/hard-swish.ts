import type { OnnxGraph } from '../graph.js';
import type { OnnxNode } from '../onnx.js';
import { consumersOf, convolutionOf, rewriteNodes } from './rewrite.js';

/**
 * x relu6(x + 3) c and relu6(x + 3) c, c about 1/6 (hard swish and hard sigmoid of MobileNet V3), in operators that the
 * blocked layout knows: c relu6(x + 3) = clip(c x + 3 c, 0, 6 c), a 1x1 convolution for each channel with its
 * activation. An addition or multiplication by one number is not known there.
 */
export function hardSwish(graph: OnnxGraph): OnnxGraph {
  const found = new Map<string, Gate>();
  const dropped = new Set<OnnxNode>();
  for (const gate of gatesOf(graph)) {
    found.set(gate.product.output[0], gate);
    for (const node of gate.replaced) dropped.add(node);
  }
  return rewriteNodes(graph, 'swish_', (node, target) => {
    const gate = found.get(node.output[0]);
    if (gate === undefined) return dropped.has(node);
    const { value, channels, offset, factor, top } = gate;
    const all = (number: number): Float32Array => new Float32Array(channels).fill(number);
    const inner = target.op(
      'Conv',
      [
        value,
        target.floats([channels, 1, 1, 1], all(factor)),
        target.floats([channels], all(offset * factor)),
      ],
      { kernel_shape: [1, 1], group: channels },
    );
    const clipped = target.op(
      'Clip',
      [inner, target.floats([], [0]), target.floats([], [top * factor])],
      {},
      gate.swish ? undefined : node.output[0],
    );
    if (gate.swish) target.op('Mul', [value, clipped], {}, node.output[0]);
    return true;
  });
}

interface Gate {
  /** The multiplication whose result this is. */
  readonly product: OnnxNode;
  /** Nodes that it makes needless. */
  readonly replaced: readonly OnnxNode[];
  readonly value: string;
  readonly channels: number;
  /** clip(value + offset, 0, top) times factor, for a swish times the value. */
  readonly offset: number;
  readonly top: number;
  readonly factor: number;
  readonly swish: boolean;
}

function gatesOf(graph: OnnxGraph): Gate[] {
  const consumers = consumersOf(graph);
  const producers = new Map(graph.nodes.map((node) => [node.output[0], node]));
  const only = (node: OnnxNode): OnnxNode | undefined => {
    const readers = consumers(node.output[0]);
    return readers.length === 1 && !graph.isOutput(node.output[0]) ? readers[0] : undefined;
  };
  return graph.nodes.flatMap((clip): Gate[] => {
    const sum = producers.get(clip.input[0]);
    const [low, top] = clip.input.slice(1).map((name) => numberOf(graph, name));
    if (clip.opType !== 'Clip' || low !== 0 || top === undefined || sum?.opType !== 'Add') return [];
    const shifted = termOf(graph, sum);
    const source = shifted && producers.get(shifted.value);
    const convolution = source && convolutionOf(graph, source);
    const product = only(clip);
    if (convolution === undefined || shifted === undefined || product?.opType !== 'Mul' || only(sum) !== clip)
      return [];
    const shared = {
      product,
      value: shifted.value,
      channels: convolution.shape[0],
      offset: shifted.number,
      top,
    };
    const scaled = termOf(graph, product);
    if (scaled !== undefined)
      return scaled.number > 0
        ? [{ ...shared, factor: scaled.number, swish: false, replaced: [sum, clip] }]
        : [];
    const other = producers.get(product.input.find((name) => name !== clip.output[0]) ?? '');
    const half = other?.opType === 'Mul' && only(other) === product ? termOf(graph, other) : undefined;
    if (other === undefined || half === undefined || half.value !== shifted.value || half.number <= 0)
      return [];
    return [{ ...shared, factor: half.number, swish: true, replaced: [sum, clip, other] }];
  });
}

/** The parts of an operation between a value and one number, undefined for two values. */
function termOf(
  graph: OnnxGraph,
  { input }: OnnxNode,
): { readonly value: string; readonly number: number } | undefined {
  const [left, right] = input as [string, string];
  const [a, b] = [numberOf(graph, left), numberOf(graph, right)];
  if (a !== undefined) return { value: right, number: a };
  return b === undefined ? undefined : { value: left, number: b };
}

function numberOf(graph: OnnxGraph, name: string): number | undefined {
  const constant = graph.floatsOf(name);
  return constant?.data.length === 1 ? constant.data[0] : undefined;
}
