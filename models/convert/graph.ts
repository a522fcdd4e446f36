import {
  AttributeType,
  DataType,
  type OnnxAttribute,
  type OnnxModel,
  type OnnxNode,
  type OnnxTensor,
  type OnnxValueInfo,
} from './onnx.js';

/** An attribute's value; a plain number is an ONNX int, a list is ints. */
export type AttributeValue = number | readonly number[] | string | { readonly float: number };

/** First opset with everything used here is 16 (GridSample); 17 is what every runtime we ship understands. */
const opsetVersion = 17;
/** The IR version that came with opset 17. */
const irVersion = 8;

/** Collects an ONNX graph node by node. Values are named by kind and number, so equal calls give equal bytes. */
export class OnnxGraph {
  readonly nodes: OnnxNode[] = [];
  private readonly initializers: OnnxTensor[] = [];
  private readonly inputs: OnnxValueInfo[] = [];
  private readonly outputs: OnnxValueInfo[] = [];
  private readonly known = new Map<string, string>();
  private readonly constants = new Map<string, OnnxTensor>();
  private readonly computed = new Map<string, string>();

  /** @param prefix goes before the names of new values, so that they differ from those a rewrite copies */
  constructor(
    private readonly name: string,
    private readonly prefix = '',
  ) {}

  /** A graph with the same inputs and outputs and nothing between them yet: what a rewrite fills. */
  derive(prefix: string): OnnxGraph {
    const graph = new OnnxGraph(this.name, prefix);
    graph.inputs.push(...this.inputs);
    graph.outputs.push(...this.outputs);
    return graph;
  }

  /** Appends a node of another graph under its own value names, with the constants it uses. */
  copy(node: OnnxNode, from: OnnxGraph): void {
    const input = node.input.map((name) => {
      const tensor = from.constants.get(name);
      return tensor === undefined ? name : this.store(tensor);
    });
    this.nodes.push({ ...node, input, name: `${node.opType}_${this.nodes.length}` });
  }

  /** An input's shape, undefined for any other value. */
  inputShape(value: string): readonly number[] | undefined {
    const dimensions = this.inputs.find(({ name }) => name === value)?.type.tensorType.shape.dim;
    return dimensions?.map(({ dimValue }) => dimValue);
  }

  isOutput(value: string): boolean {
    return this.outputs.some(({ name }) => name === value);
  }

  constantOf(value: string): OnnxTensor | undefined {
    return this.constants.get(value);
  }

  /** A float32 constant's shape and values, undefined for anything else. */
  floatsOf(value: string): { shape: readonly number[]; data: Float32Array } | undefined {
    const tensor = this.constants.get(value);
    if (tensor?.dataType !== DataType.float32) return undefined;
    return { shape: tensor.dims, data: new Float32Array(tensor.rawData.slice().buffer) };
  }

  input(name: string, shape: readonly number[]): string {
    this.inputs.push(valueInfo(name, shape));
    return name;
  }

  output(name: string, shape: readonly number[]): void {
    this.outputs.push(valueInfo(name, shape));
  }

  /** An int64 constant's values, undefined for anything else. */
  intsOf(value: string): number[] | undefined {
    const tensor = this.constants.get(value);
    if (tensor?.dataType !== DataType.int64) return undefined;
    return [...new BigInt64Array(tensor.rawData.slice().buffer)].map(Number);
  }

  /** A float32 constant; an empty shape makes a scalar. */
  floats(shape: readonly number[], values: Float32Array | readonly number[]): string {
    return this.constant(DataType.float32, shape, Float32Array.from(values));
  }

  /** An int64 vector, or a scalar for an empty shape. */
  ints(values: readonly number[], shape: readonly number[] = [values.length]): string {
    return this.constant(DataType.int64, shape, BigInt64Array.from(values, BigInt));
  }

  /** Appends an operator with one output and returns that output's name; the same once more is computed once. */
  op(
    opType: string,
    input: readonly string[],
    attributes: Record<string, AttributeValue> = {},
    outputName?: string,
  ): string {
    const key = JSON.stringify([opType, input, attributes]);
    const existing = this.computed.get(key);
    if (existing !== undefined && outputName === undefined) return existing;
    const number = this.nodes.length;
    const output = outputName ?? `${this.prefix}${opType.toLowerCase()}_${number}`;
    const attribute = Object.entries(attributes).map(([name, value]) => encodeAttribute(name, value));
    this.nodes.push({ input, output: [output], name: `${opType}_${number}`, opType, attribute });
    this.computed.set(key, output);
    return output;
  }

  model(metadata: Readonly<Record<string, string>> = {}): OnnxModel {
    return {
      irVersion,
      producerName: 'vigil',
      graph: {
        name: this.name,
        node: this.nodes,
        initializer: this.initializers,
        input: this.inputs,
        output: this.outputs,
      },
      opsetImport: [{ domain: '', version: opsetVersion }],
      metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
    };
  }

  private constant(dataType: number, dims: readonly number[], values: Float32Array | BigInt64Array): string {
    const rawData = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    return this.store({ dims, dataType, name: '', rawData });
  }

  /** Equal constants are stored once. */
  private store({ dims, dataType, rawData }: OnnxTensor): string {
    const key = `${dataType}:${dims.join('x')}:${Buffer.from(rawData).toString('latin1')}`;
    const existing = this.known.get(key);
    if (existing !== undefined) return existing;
    const name = `constant_${this.initializers.length}`;
    const tensor = { dims, dataType, name, rawData };
    this.initializers.push(tensor);
    this.constants.set(name, tensor);
    this.known.set(key, name);
    return name;
  }
}

function valueInfo(name: string, shape: readonly number[]): OnnxValueInfo {
  const dim = shape.map((dimValue) => ({ dimValue }));
  return { name, type: { tensorType: { elemType: DataType.float32, shape: { dim } } } };
}

function encodeAttribute(name: string, value: AttributeValue): OnnxAttribute {
  if (typeof value === 'number') return { name, type: AttributeType.int, i: value };
  if (typeof value === 'string')
    return { name, type: AttributeType.string, s: new TextEncoder().encode(value) };
  if ('float' in value) return { name, type: AttributeType.float, f: value.float };
  return { name, type: AttributeType.ints, ints: value };
}
