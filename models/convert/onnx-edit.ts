import { VigilError } from '../../src/runtime/errors.js';
import { modelProto } from './onnx.js';

// What an editor of somebody else's graph touches; everything else is carried along as it came.
export interface EditableTensor {
  readonly name: string;
  readonly dims: readonly (number | { toNumber(): number })[];
  readonly dataType: number;
  readonly rawData: Uint8Array;
  readonly floatData: readonly number[];
  readonly int32Data: readonly number[];
}

export interface EditableValue {
  name: string;
  type: {
    tensorType: {
      elemType: number;
      shape: { dim: { dimValue?: number; dimParam?: string }[] };
    };
  };
}

export interface EditableNode {
  input: string[];
  output: string[];
  readonly name: string;
  readonly opType: string;
  readonly attribute: readonly { readonly name: string; readonly g?: EditableGraph | null }[];
}

export interface EditableGraph {
  node: EditableNode[];
  initializer: EditableTensor[];
  input: EditableValue[];
  output: EditableValue[];
}

export interface EditableModel {
  readonly graph: EditableGraph;
}

/**
 * Reads an ONNX file for editing.
 * @throws VigilError `MODEL_SOURCE_INVALID` where the file has fields that onnx.proto does not declare: writing it again
 * would lose them
 */
export function decodeOnnx(bytes: Uint8Array): EditableModel {
  const type = modelProto();
  const model = type.decode(bytes);
  const again = type.encode(model).finish().length;
  if (again !== bytes.length)
    throw invalidOnnx(`${bytes.length} bytes of known fields`, `only ${again} of them`);
  return model as unknown as EditableModel; // the message type is onnx.proto's, of which the interfaces show a part
}

/** The same model, the same bytes. */
export function encodeEdited(model: EditableModel): Uint8Array {
  return modelProto().encode(model).finish();
}

export function invalidOnnx(expected: string, came: string): VigilError {
  return new VigilError(
    'MODEL_SOURCE_INVALID',
    `Expected ${expected} in the ONNX file but found ${came}.`,
    'Run `npm ci` to install the package again.',
  );
}
