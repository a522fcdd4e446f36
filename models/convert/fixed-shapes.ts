import { decodeOnnx, encodeEdited, invalidOnnx, type EditableValue } from './onnx-edit.js';

interface FixedPort {
  readonly tensor: string;
  readonly shape: readonly number[];
}

/**
 * An ONNX file with its inputs and outputs at the shapes that the manifest states, for sessions that know their
 * buffers when they are made. Weights and operators stay as they are.
 * @throws VigilError `MODEL_SOURCE_INVALID` where a tensor is missing or a shape contradicts the file's own
 */
export function fixShapes(
  source: Uint8Array,
  inputs: readonly FixedPort[],
  outputs: readonly FixedPort[],
): Uint8Array {
  const model = decodeOnnx(source);
  for (const port of inputs) fix(model.graph.input, port);
  for (const port of outputs) fix(model.graph.output, port);
  return encodeEdited(model);
}

function fix(values: readonly EditableValue[], { tensor, shape }: FixedPort): void {
  const value = values.find(({ name }) => name === tensor);
  if (value === undefined)
    throw invalidOnnx(`a tensor ${tensor}`, values.map(({ name }) => name).join(', ') || 'none');
  const declared = value.type.tensorType.shape;
  const known = declared.dim.map(({ dimValue = 0 }: { readonly dimValue?: unknown }) => Number(dimValue));
  const fits = known.length === shape.length && known.every((size, i) => size === 0 || size === shape[i]);
  if (!fits) throw invalidOnnx(`${tensor} to take [${shape.join(',')}]`, `[${known.join(',')}]`);
  declared.dim = shape.map((dimValue) => ({ dimValue }));
}
