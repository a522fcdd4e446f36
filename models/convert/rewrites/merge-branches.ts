import { toNchw } from '../layout.js';
import type { OnnxGraph } from '../graph.js';
import type { OnnxNode } from '../onnx.js';
import { attributesOf, consumersOf, convolutionOf, rewriteNodes, type Convolution } from './rewrite.js';

/** Channels per branch that the blocked layout's grouped convolutions ask for, with AVX-512. */
const blockChannels = 16;

/**
 * Branches of equal layers that start at the parts of one stack (attention: the lips' and the eyes' patches) become
 * one branch with their channels side by side: convolutions become grouped convolutions. The layers are so small,
 * down to 2x2 pixels, that starting each of them costs as much as computing it.
 *
 * Where a layer reads some parts twice (eye and iris share their first layers) the parts are copied first; where an
 * operator reads a single part it is cut out again.
 */
export function mergeBranches(graph: OnnxGraph): OnnxGraph {
  const parts = new Map<string, Part>();
  const merged = new Set<OnnxNode>();
  const stacked = stackedParts(graph);

  const result = rewriteNodes(graph, 'merge_', (node, target) => {
    if (merged.has(node)) return true;
    const seed = stacked.get(node.output[0]);
    if (seed !== undefined) {
      const images = target.op('Transpose', [seed.stack], { perm: toNchw });
      parts.set(node.output[0], { ...seed, stack: sideBySide(target, images) });
      return true;
    }
    const key = keyOf(graph, node, parts);
    const group = key === undefined ? [] : graph.nodes.filter((other) => keyOf(graph, other, parts) === key);
    if (group.length < 2) {
      if (!node.input.some((name) => parts.has(name))) return false;
      target.copy({ ...node, input: node.input.map((name) => single(target, parts, name)) }, graph);
      return true;
    }
    const stack = appendMerged(graph, target, group, parts);
    group.forEach((member, index) => {
      merged.add(member);
      parts.set(member.output[0], { stack, index, count: group.length });
    });
    return true;
  });
  return withoutUnused(result);
}

/** One of `count` values that lie side by side in the channels of `stack`. */
interface Part {
  readonly stack: string;
  readonly index: number;
  readonly count: number;
}

/** Values that are, as images, the parts 0, 1, ... of one stack [count,height,width,channels]. */
function stackedParts(graph: OnnxGraph): Map<string, Part> {
  const gathers = new Map(
    graph.nodes.filter(({ opType }) => opType === 'Gather').map((node) => [node.output[0], node]),
  );
  const found = new Map<string, { value: string; index: number }[]>();
  for (const node of graph.nodes) {
    const gather = gathers.get(node.input[0]);
    if (node.opType !== 'Transpose' || gather === undefined) continue;
    const { perm } = attributesOf(node);
    const index = graph.intsOf(gather.input[1]);
    const cut = attributesOf(gather)['axis'] === 0 && index?.length === 1 && index[0] >= 0;
    if (!cut || !Array.isArray(perm) || perm.join() !== toNchw.join()) continue;
    const [stack] = gather.input as [string];
    found.set(stack, [...(found.get(stack) ?? []), { value: node.output[0], index: index[0] }]);
  }
  const parts = new Map<string, Part>();
  for (const [stack, list] of found) {
    if (list.length < 2 || list.some(({ index }, i) => index !== i)) continue;
    for (const { value, index } of list) parts.set(value, { stack, index, count: list.length });
  }
  return parts;
}

/** Equal for nodes that one node is able to replace; undefined for a node that has to stay alone. */
function keyOf(graph: OnnxGraph, node: OnnxNode, parts: ReadonlyMap<string, Part>): string | undefined {
  const activations = activationsOf(node);
  if (activations === undefined || graph.isOutput(node.output[0])) return undefined;
  const sources = activations.map((name) => parts.get(name)?.stack);
  if (sources.includes(undefined)) return undefined;
  const constants = node.input.slice(activations.length).map((name) => graph.floatsOf(name)?.shape.join('x'));
  if (constants.includes(undefined)) return undefined;
  if (node.opType === 'Conv') {
    const convolution = convolutionOf(graph, node);
    if (convolution === undefined || !fillsBlocks(convolution)) return undefined;
  }
  return JSON.stringify([node.opType, attributesOf(node), sources, constants]);
}

/** The inputs that are not constants, for the kinds of nodes that work on every channel or group by itself. */
function activationsOf({ opType, input }: OnnxNode): readonly string[] | undefined {
  if (opType === 'Add') return input;
  return ['Conv', 'PRelu', 'Relu', 'MaxPool'].includes(opType) ? input.slice(0, 1) : undefined;
}

function fillsBlocks({ shape: [outputs, inputsPerGroup], group }: Convolution): boolean {
  if (outputs % blockChannels !== 0) return false;
  const depthwise = group === outputs && inputsPerGroup === 1;
  return depthwise || (group === 1 && inputsPerGroup % blockChannels === 0);
}

function appendMerged(
  graph: OnnxGraph,
  target: OnnxGraph,
  group: readonly OnnxNode[],
  parts: ReadonlyMap<string, Part>,
): string {
  const [first] = group as [OnnxNode];
  const inputs = activationsOf(first)!.map((_, position) =>
    arranged(
      target,
      group.map((node) => parts.get(node.input[position])!),
    ),
  );
  const constants = first.input.slice(inputs.length).map((_, i) => {
    const tensors = group.map((node) => graph.floatsOf(node.input[inputs.length + i])!);
    const [channels, ...rest] = tensors[0].shape as [number, ...number[]];
    const values = Float32Array.from(tensors.flatMap(({ data }) => [...data]));
    return target.floats([channels * group.length, ...rest], values);
  });
  const attributes = attributesOf(first);
  const convolution = convolutionOf(graph, first);
  if (convolution !== undefined) attributes['group'] = convolution.group * group.length;
  return target.op(first.opType, [...inputs, ...constants], attributes);
}

/** The given parts of one stack side by side: the stack itself where it is all of them in order. */
function arranged(target: OnnxGraph, wanted: readonly Part[]): string {
  const [{ stack, count }] = wanted as [Part];
  if (wanted.length === count && wanted.every(({ index }, i) => index === i)) return stack;
  const indices = target.ints(wanted.map(({ index }) => index));
  return sideBySide(target, target.op('Gather', [apart(target, stack, count), indices], { axis: 0 }));
}

/** The value itself, cut out of its stack if it is in one. */
function single(target: OnnxGraph, parts: ReadonlyMap<string, Part>, name: string): string {
  const part = parts.get(name);
  if (part === undefined) return name;
  return target.op('Gather', [apart(target, part.stack, part.count), target.ints([part.index])], { axis: 0 });
}

/** [1,count C,H,W] -> [count,C,H,W]; in a shape -1 stands for the rest, 0 for the size before. */
function apart(target: OnnxGraph, stack: string, count: number): string {
  return target.op('Reshape', [stack, target.ints([count, -1, 0, 0])]);
}

/** [count,C,H,W] -> [1,count C,H,W]. */
function sideBySide(target: OnnxGraph, images: string): string {
  return target.op('Reshape', [images, target.ints([1, -1, 0, 0])]);
}

/** Without nodes whose results nobody reads. */
function withoutUnused(graph: OnnxGraph): OnnxGraph {
  const consumers = consumersOf(graph);
  const used = new Set<OnnxNode>();
  for (const node of [...graph.nodes].reverse()) {
    const [output] = node.output as [string];
    if (graph.isOutput(output) || consumers(output).some((reader) => used.has(reader))) used.add(node);
  }
  return rewriteNodes(graph, '', (node) => !used.has(node));
}
