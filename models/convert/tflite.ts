import { VigilError } from '../../src/runtime/errors.js';
import { FlatTable } from './flat-table.js';
import { halfToFloat } from './half.js';

export interface TfliteTensor {
  readonly name: string;
  /** NHWC for rank 4, as TFLite stores it. */
  readonly shape: readonly number[];
  readonly type: 'float32' | 'float16' | 'int32';
  /** Little-endian contents of a constant; empty for an activation. */
  readonly data: Uint8Array;
}

export interface TfliteOperator {
  /** `CONV_2D`, ...; a custom operator is `CUSTOM:` and its own name. */
  readonly kind: string;
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  /** The builtin options, read by field position of the TFLite schema. */
  readonly options: FlatTable | undefined;
  /** A custom operator's options: a flexbuffer map; may be empty. */
  readonly customOptions: Uint8Array;
}

export interface TfliteModel {
  readonly description: string;
  readonly tensors: readonly TfliteTensor[];
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly operators: readonly TfliteOperator[];
}

export interface TfliteConstant {
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array;
}

/** Builtin operator codes of the TFLite schema that our models use. */
const builtinNames: Readonly<Record<number, string | undefined>> = {
  0: 'ADD',
  2: 'CONCATENATION',
  3: 'CONV_2D',
  4: 'DEPTHWISE_CONV_2D',
  6: 'DEQUANTIZE',
  17: 'MAX_POOL_2D',
  18: 'MUL',
  19: 'RELU',
  22: 'RESHAPE',
  34: 'PAD',
  45: 'STRIDED_SLICE',
  54: 'PRELU',
};
const customCode = 32;
const tensorTypes: Readonly<Record<number, TfliteTensor['type'] | undefined>> = {
  0: 'float32',
  1: 'float16',
  2: 'int32',
};

// Field positions in the tables of the TFLite schema (tensorflow/lite/schema/schema.fbs, version 3).
const Model = { version: 0, operatorCodes: 1, subgraphs: 2, description: 3, buffers: 4 } as const;
const OperatorCode = { deprecatedBuiltin: 0, custom: 1, builtin: 3 } as const;
const Subgraph = { tensors: 0, inputs: 1, outputs: 2, operators: 3 } as const;
const Tensor = { shape: 0, type: 1, buffer: 2, name: 3, sparsity: 6 } as const;
const Operator = { code: 0, inputs: 1, outputs: 2, options: 4, customOptions: 5 } as const;

/**
 * Reads a TFLite file of one subgraph with dense float or int32 tensors.
 * @throws VigilError `MODEL_SOURCE_INVALID` (no or a broken TFLite file) or `MODEL_CONVERSION_UNSUPPORTED`
 */
export function readTflite(bytes: Uint8Array): TfliteModel {
  const identifier = new TextDecoder('latin1').decode(bytes.subarray(4, 8));
  if (identifier !== 'TFL3') {
    throw new VigilError(
      'MODEL_SOURCE_INVALID',
      `Expected the TFLite file identifier "TFL3" but received ${JSON.stringify(identifier)}.`,
      'Give a .tflite file.',
    );
  }
  const model = FlatTable.root(bytes);
  const subgraphs = model.tables(Model.subgraphs);
  const subgraph = subgraphs.at(0);
  if (subgraph === undefined || subgraphs.length !== 1)
    throw unsupported(`${subgraphs.length} subgraphs (only 1 is read)`);
  const kinds = model.tables(Model.operatorCodes).map(operatorKind);
  const buffers = model.tables(Model.buffers).map((buffer) => buffer.bytes(0));
  return {
    description: model.string(Model.description),
    tensors: subgraph.tables(Subgraph.tensors).map((tensor) => readTensor(tensor, buffers)),
    inputs: subgraph.int32s(Subgraph.inputs),
    outputs: subgraph.int32s(Subgraph.outputs),
    operators: subgraph.tables(Subgraph.operators).map((operator) => ({
      kind: kinds[operator.int32(Operator.code)] ?? 'unlisted operator code',
      inputs: operator.int32s(Operator.inputs),
      outputs: operator.int32s(Operator.outputs),
      options: operator.table(Operator.options),
      customOptions: operator.bytes(Operator.customOptions),
    })),
  };
}

/** A constant tensor's values, halves widened to float32; undefined for an activation. */
export function constantOf(tensor: TfliteTensor): TfliteConstant | undefined {
  if (tensor.data.length === 0) return undefined;
  const count = tensor.shape.reduce((product, size) => product * size, 1);
  const elementBytes = tensor.type === 'float16' ? 2 : 4;
  if (tensor.data.length !== count * elementBytes) {
    throw new VigilError(
      'MODEL_SOURCE_INVALID',
      `Expected ${count * elementBytes} bytes in constant ${tensor.name} but it has ${tensor.data.length}.`,
    );
  }
  const { shape } = tensor;
  if (tensor.type === 'float16') return { shape, data: halfToFloat(tensor.data) };
  const copy = Uint8Array.from(tensor.data).buffer; // the file's own bytes need not be aligned
  return { shape, data: tensor.type === 'float32' ? new Float32Array(copy) : new Int32Array(copy) };
}

function operatorKind(code: FlatTable): string {
  // Codes above 127 live in the newer field only; the older one is a byte.
  const builtin = Math.max(code.uint8(OperatorCode.deprecatedBuiltin), code.int32(OperatorCode.builtin));
  if (builtin === customCode) return `CUSTOM:${code.string(OperatorCode.custom)}`;
  return builtinNames[builtin] ?? `builtin operator ${builtin}`;
}

function readTensor(tensor: FlatTable, buffers: readonly Uint8Array[]): TfliteTensor {
  const name = tensor.string(Tensor.name);
  const code = tensor.uint8(Tensor.type);
  const type = tensorTypes[code];
  if (type === undefined) throw unsupported(`tensor type ${code} of ${name}`);
  if (tensor.has(Tensor.sparsity)) throw unsupported(`the sparse tensor ${name}`);
  return {
    name,
    type,
    shape: tensor.int32s(Tensor.shape),
    data: buffers[tensor.int32(Tensor.buffer)] ?? new Uint8Array(),
  };
}

/** What the file asks for and this converter does not do. */
export function unsupported(what: string): VigilError {
  return new VigilError(
    'MODEL_CONVERSION_UNSUPPORTED',
    `The TFLite file uses ${what}, which the converter does not know.`,
    'Add it under models/convert, with a numeric check.',
  );
}
