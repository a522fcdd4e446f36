import { toNchw } from '../layout.js';
import type { OnnxGraph } from '../graph.js';
import type { OnnxNode } from '../onnx.js';
import { permute } from '../permute.js';
import { attributesOf, consumersOf, convolutionOf, rewriteNodes } from './rewrite.js';

/**
 * The first convolution reads the input picture as it lies in memory, colours side by side, instead of a transposed
 * copy: a picture of H x W pixels and C colours is one of H x (C W) values and one channel, and the convolution's
 * window is C times as wide and moves C times as far.
 */
export function flatColours(graph: OnnxGraph): OnnxGraph {
  const consumers = consumersOf(graph);
  /** Transposed picture -> the picture. */
  const pictures = new Map<string, string>();
  for (const node of graph.nodes) {
    const [output] = node.output as [string];
    if (
      node.opType !== 'Transpose' ||
      graph.inputShape(node.input[0])?.length !== 4 ||
      graph.isOutput(output)
    )
      continue;
    const { perm } = attributesOf(node);
    if (
      Array.isArray(perm) &&
      perm.join() === toNchw.join() &&
      consumers(output).every((reader) => isWindow(graph, reader))
    )
      pictures.set(output, node.input[0]);
  }

  return rewriteNodes(graph, 'flat_', (node, target) => {
    if (pictures.has(node.output[0])) return true;
    const picture = pictures.get(node.input[0]);
    const convolution = convolutionOf(graph, node);
    if (picture === undefined || convolution === undefined) return false;
    const [, height, width, colours] = graph.inputShape(picture) as [number, number, number, number];
    const [outputs, , windowHeight, windowWidth] = convolution.shape;
    const attributes = attributesOf(node);
    const { strides, pads } = attributes;
    const [strideY, strideX] = intsOr(strides, [1, 1]) as [number, number];
    const [top, left, bottom, right] = intsOr(pads, [0, 0, 0, 0]) as [number, number, number, number];
    target.op(
      'Conv',
      [
        target.op('Reshape', [picture, target.ints([1, 1, height, width * colours])]),
        target.floats(
          [outputs, 1, windowHeight, windowWidth * colours],
          permute(convolution.weights, convolution.shape, [0, 2, 3, 1]),
        ),
        target.floats([outputs], convolution.bias),
      ],
      {
        ...attributes,
        kernel_shape: [windowHeight, windowWidth * colours],
        strides: [strideY, strideX * colours],
        pads: [top, left * colours, bottom, right * colours],
      },
      node.output[0],
    );
    return true;
  });
}

/** A convolution over all channels without dilation across. */
function isWindow(graph: OnnxGraph, node: OnnxNode): boolean {
  const { dilations } = attributesOf(node);
  return convolutionOf(graph, node)?.group === 1 && intsOr(dilations, [1, 1])[1] === 1;
}

function intsOr(value: unknown, otherwise: readonly number[]): readonly number[] {
  return Array.isArray(value) ? (value as readonly number[]) : otherwise;
}
