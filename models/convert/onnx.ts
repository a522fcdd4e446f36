import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import protobuf from 'protobufjs';
import { packageRoot } from '../../src/runtime/paths.js';

export const DataType = { float32: 1, int64: 7 } as const;
export const AttributeType = { float: 1, int: 2, string: 3, ints: 7 } as const;

// Shapes of the messages of onnx.proto, in protobufjs' camel case.
export interface OnnxAttribute {
  readonly name: string;
  readonly type: number;
  readonly f?: number;
  readonly i?: number;
  readonly s?: Uint8Array;
  readonly ints?: readonly number[];
}

export interface OnnxNode {
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly name: string;
  readonly opType: string;
  readonly attribute: readonly OnnxAttribute[];
}

export interface OnnxTensor {
  readonly dims: readonly number[];
  readonly dataType: number;
  readonly name: string;
  readonly rawData: Uint8Array;
}

export interface OnnxValueInfo {
  readonly name: string;
  readonly type: {
    readonly tensorType: {
      readonly elemType: number;
      readonly shape: { readonly dim: readonly { readonly dimValue: number }[] };
    };
  };
}

export interface OnnxModel {
  readonly irVersion: number;
  readonly producerName: string;
  readonly graph: {
    readonly name: string;
    readonly node: readonly OnnxNode[];
    readonly initializer: readonly OnnxTensor[];
    readonly input: readonly OnnxValueInfo[];
    readonly output: readonly OnnxValueInfo[];
  };
  readonly opsetImport: readonly { readonly domain: string; readonly version: number }[];
  readonly metadataProps: readonly { readonly key: string; readonly value: string }[];
}

/** The message type of onnx.proto; parsed on each call, which costs about a millisecond. */
export function modelProto(): protobuf.Type {
  const schema = readFileSync(join(packageRoot, 'models', 'convert', 'onnx.proto'), 'utf8');
  return protobuf.parse(schema).root.lookupType('vigil.onnx.ModelProto');
}

/** Serialised ONNX file. Fields go out in field order and lists in list order: the same model, the same bytes. */
export function encodeOnnx(model: OnnxModel): Uint8Array {
  const type = modelProto();
  return type.encode(type.fromObject(model)).finish();
}
