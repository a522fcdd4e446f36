import { decodeOnnx, encodeEdited, invalidOnnx } from './onnx-edit.js';

interface FixedPort {
  readonly tensor: string;
  readonly shape: readonly number[];
}

/**
 * The network of the wake word's embedding for many windows at once. No layer pads time and the strides multiply to 8
 * frames, so over 76 + 8 k frames it gives the k + 1 embeddings that windows 8 frames apart have, without computing
 * what they share again. Its two reshapes, which fix 76 frames, are left out.
 * @param input [1, 1, frames, 32]
 * @param output [1, 96, windows, 1]
 * @throws VigilError `MODEL_SOURCE_INVALID`
 */
export function longEmbedding(source: Uint8Array, input: FixedPort, output: FixedPort): Uint8Array {
  const model = decodeOnnx(source);
  const { graph } = model;
  const [first, last] = [graph.node.at(0), graph.node.at(-1)];
  if (first?.opType !== 'Reshape' || last?.opType !== 'Reshape')
    throw invalidOnnx('a reshape as first and last operator', `${first?.opType} and ${last?.opType}`);
  const renamed = new Map([
    [first.output[0], input.tensor],
    [last.input[0], output.tensor],
  ]);
  const newName = (name: string): string => renamed.get(name) ?? name;
  graph.node = graph.node.slice(1, -1);
  for (const node of graph.node) {
    node.input = node.input.map(newName);
    node.output = node.output.map(newName);
  }
  const shapes = new Set([first.input[1], last.input[1]]);
  graph.initializer = graph.initializer.filter(({ name }) => !shapes.has(name));
  for (const [values, port] of [
    [graph.input, input],
    [graph.output, output],
  ] as const) {
    const value = values.find(({ name }) => name === port.tensor);
    if (value === undefined)
      throw invalidOnnx(`a tensor ${port.tensor}`, values.map(({ name }) => name).join(', ') || 'none');
    value.type.tensorType.shape.dim = port.shape.map((dimValue) => ({ dimValue }));
  }
  return encodeEdited(model);
}
