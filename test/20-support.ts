import { Builder } from 'flatbuffers';
import * as ort from 'onnxruntime-node';
import type { Port } from '../models/convert/tflite-to-onnx.js';

export interface TestTensor {
  name: string;
  shape: number[];
  /** 0 float32, 1 float16, 2 int32 */
  type?: number;
  data?: Uint8Array;
}

export interface TestOperator {
  code: number;
  custom?: string;
  inputs: number[];
  outputs: number[];
  /** Builtin options that are bytes, by field position. */
  options?: Record<number, number>;
  customOptions?: Uint8Array;
}

export interface TestModel {
  tensors: TestTensor[];
  inputs: number[];
  outputs: number[];
  operators: TestOperator[];
}

/** Writes a TFLite file with the flatbuffers builder: the reader's counterpart, independent of it. */
export function writeTflite(model: TestModel): Uint8Array {
  const builder = new Builder(1024);
  const offsets = (items: number[]): number => {
    builder.startVector(4, items.length, 4);
    for (const item of [...items].reverse()) builder.addOffset(item);
    return builder.endVector();
  };
  const ints = (items: number[]): number => {
    builder.startVector(4, items.length, 4);
    for (const item of [...items].reverse()) builder.addInt32(item);
    return builder.endVector();
  };
  const buffers = [new Uint8Array(), ...model.tensors.map(({ data }) => data ?? new Uint8Array())].map(
    (data) => {
      const vector = builder.createByteVector(data);
      builder.startObject(1);
      builder.addFieldOffset(0, vector, 0);
      return builder.endObject();
    },
  );
  const tensors = model.tensors.map(({ name, shape, type = 0 }, index) => {
    const fields = [ints(shape), builder.createString(name)] as const;
    builder.startObject(7);
    builder.addFieldOffset(0, fields[0], 0);
    builder.addFieldInt8(1, type, 0);
    builder.addFieldInt32(2, index + 1, 0);
    builder.addFieldOffset(3, fields[1], 0);
    return builder.endObject();
  });
  const operators = model.operators.map((operator, index) => {
    const inputs = ints(operator.inputs);
    const outputs = ints(operator.outputs);
    const custom = builder.createByteVector(operator.customOptions ?? new Uint8Array());
    builder.startObject(6);
    for (const [field, value] of Object.entries(operator.options ?? {})) {
      builder.addFieldInt8(Number(field), value, -1);
    }
    const options = builder.endObject();
    builder.startObject(6);
    builder.addFieldInt32(0, index, -1);
    builder.addFieldOffset(1, inputs, 0);
    builder.addFieldOffset(2, outputs, 0);
    builder.addFieldOffset(4, options, 0);
    builder.addFieldOffset(5, custom, 0);
    return builder.endObject();
  });
  const codes = model.operators.map(({ code, custom }) => {
    const name = custom === undefined ? 0 : builder.createString(custom);
    builder.startObject(4);
    builder.addFieldInt8(0, code, -1);
    if (name !== 0) builder.addFieldOffset(1, name, 0);
    builder.addFieldInt32(3, code, -1);
    return builder.endObject();
  });
  const subgraphFields = [offsets(tensors), ints(model.inputs), ints(model.outputs), offsets(operators)];
  builder.startObject(4);
  subgraphFields.forEach((field, slot) => builder.addFieldOffset(slot, field, 0));
  const subgraph = builder.endObject();
  const modelFields = [offsets(codes), offsets([subgraph]), builder.createString('test'), offsets(buffers)];
  builder.startObject(5);
  builder.addFieldInt32(0, 3, 0);
  modelFields.forEach((field, slot) => builder.addFieldOffset(slot + 1, field, 0));
  builder.finish(builder.endObject(), 'TFL3');
  return builder.asUint8Array();
}

export function port(name: string, shape: number[]): Port {
  return { name, tensor: name, shape };
}

/** Runs a model in ONNX Runtime; the outputs as plain numbers, by name. */
export async function runOnnx(onnx: Uint8Array, inputs: Record<string, { shape: number[]; data: number[] }>) {
  const session = await ort.InferenceSession.create(onnx, { intraOpNumThreads: 1 });
  const feeds = Object.fromEntries(
    Object.entries(inputs).map(([name, { shape, data }]) => [
      name,
      new ort.Tensor('float32', Float32Array.from(data), shape),
    ]),
  );
  const results = await session.run(feeds);
  return Object.fromEntries(
    Object.entries(results).map(([name, tensor]) => [name, [...(tensor.data as Float32Array)]]),
  );
}
