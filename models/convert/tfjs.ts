import { VigilError, messageOf } from '../../src/runtime/errors.js';
import { halfToFloat } from './half.js';

/** An attribute of a graph node as TensorFlow's JSON writes it: 64-bit integers as strings, strings as base64. */
interface JsonAttribute {
  readonly b?: unknown;
  readonly s?: unknown;
  readonly list?: { readonly i?: unknown; readonly s?: unknown } | null;
  readonly shape?: { readonly dim?: unknown } | null;
}

interface JsonNode {
  readonly name: string;
  readonly op: string;
  readonly input?: readonly string[];
  readonly attr?: Readonly<Record<string, JsonAttribute | null>>;
}

interface JsonWeight {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly quantization?: { readonly dtype: string };
}

export interface TfjsConstant {
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array;
}

/** One operator of a TFJS graph model. */
export class TfjsNode {
  readonly name: string;
  readonly op: string;
  /** Names of the nodes whose first output is read. */
  readonly inputs: readonly string[];
  private readonly attributes: Readonly<Record<string, JsonAttribute | null>>;

  constructor({ name, op, input = [], attr = {} }: JsonNode) {
    this.name = name;
    this.op = op;
    this.inputs = input;
    this.attributes = attr;
  }

  /** A boolean attribute; false where there is none. */
  flag(name: string): boolean {
    return this.attributes[name]?.b === true;
  }

  /** A string attribute; empty where there is none. */
  text(name: string): string {
    return fromBase64(this.attributes[name]?.s);
  }

  texts(name: string): string[] {
    return listOf(this.attributes[name]?.list?.s).map(fromBase64);
  }

  ints(name: string): number[] {
    return listOf(this.attributes[name]?.list?.i).map(Number);
  }

  /** The shape attribute of a placeholder. */
  shape(): number[] {
    return listOf(this.attributes['shape']?.shape?.dim).map((dimension) =>
      Number((dimension as { size?: unknown } | null)?.size),
    );
  }
}

/** A TFJS graph model: operators by name, and the contents of its constants. */
export interface TfjsModel {
  readonly nodes: ReadonlyMap<string, TfjsNode>;
  readonly constants: ReadonlyMap<string, TfjsConstant>;
}

/**
 * Reads a TFJS graph model.
 * @param json the model file: topology, and where in the weights each constant lies
 * @param weights the contents of the weight file or files, one after the other
 * @throws VigilError `MODEL_SOURCE_INVALID`, or `MODEL_CONVERSION_UNSUPPORTED` for a type of weights that is not known
 */
export function readTfjs(json: Uint8Array, weights: Uint8Array): TfjsModel {
  const model = parse(json);
  const nodes = new Map<string, TfjsNode>();
  for (const node of model.nodes) {
    if (nodes.has(node.name)) throw invalid(`Expected each node once but ${node.name} is there twice.`);
    nodes.set(node.name, new TfjsNode(node));
  }
  const constants = new Map<string, TfjsConstant>();
  let offset = 0;
  for (const weight of model.weights) {
    const { data, bytes } = decode(weight, weights.subarray(offset));
    constants.set(weight.name, { shape: weight.shape, data });
    offset += bytes;
  }
  if (offset !== weights.length)
    throw invalid(`Expected ${offset} bytes of weights but there are ${weights.length}.`);
  return { nodes, constants };
}

function decode(weight: JsonWeight, rest: Uint8Array): { data: Float32Array | Int32Array; bytes: number } {
  const stored = weight.quantization?.dtype ?? weight.dtype;
  const size = { float16: 2, float32: 4, int32: 4 }[stored];
  if (size === undefined || (stored !== weight.dtype && stored !== 'float16'))
    throw notConverted(`weights of type ${stored}`);
  const bytes = size * weight.shape.reduce((product, length) => product * length, 1);
  if (bytes > rest.length)
    throw invalid(`Expected ${bytes} bytes for ${weight.name} but ${rest.length} are left.`);
  const own = Uint8Array.from(rest.subarray(0, bytes)); // the file's own bytes need not be aligned
  if (stored === 'float16') return { data: halfToFloat(own), bytes };
  return { data: stored === 'int32' ? new Int32Array(own.buffer) : new Float32Array(own.buffer), bytes };
}

function parse(json: Uint8Array): { nodes: readonly JsonNode[]; weights: readonly JsonWeight[] } {
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder().decode(json));
  } catch (error) {
    throw invalid(`Expected the JSON of a TFJS graph model but: ${messageOf(error)}.`);
  }
  const top = parsed as {
    format?: unknown;
    modelTopology?: { node?: unknown } | null;
    weightsManifest?: unknown;
  } | null;
  const nodes = top?.modelTopology?.node;
  const groups = top?.weightsManifest;
  if (top?.format !== 'graph-model' || !Array.isArray(nodes) || !Array.isArray(groups))
    throw invalid('Expected a TFJS graph model with nodes and a weights manifest but found none.');
  const weights = groups.flatMap((group) => (group as { weights?: unknown } | null)?.weights ?? [null]);
  if (!nodes.every(isNode)) throw invalid('Expected every node to have a name, an operator and inputs.');
  if (!weights.every(isWeight)) throw invalid('Expected every weight to have a name, a shape and a type.');
  return { nodes, weights };
}

function isNode(value: unknown): value is JsonNode {
  const node = value as Partial<JsonNode> | null;
  const inputs = node?.input ?? [];
  return (
    typeof node?.name === 'string' &&
    typeof node.op === 'string' &&
    Array.isArray(inputs) &&
    inputs.every((input) => typeof input === 'string') &&
    typeof (node.attr ?? {}) === 'object'
  );
}

function isWeight(value: unknown): value is JsonWeight {
  const weight = value as Partial<JsonWeight> | null;
  return (
    typeof weight?.name === 'string' &&
    typeof weight.dtype === 'string' &&
    Array.isArray(weight.shape) &&
    weight.shape.every((size) => Number.isInteger(size) && size >= 0)
  );
}

function fromBase64(text: unknown): string {
  return typeof text === 'string' ? Buffer.from(text, 'base64').toString('latin1') : '';
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [];
}

/** What a graph model asks for and this converter does not do. */
export function notConverted(what: string): VigilError {
  return new VigilError(
    'MODEL_CONVERSION_UNSUPPORTED',
    `The TFJS graph model uses ${what}, which the converter does not know.`,
    'Add it under models/convert, with a numeric check.',
  );
}

function invalid(message: string): VigilError {
  return new VigilError('MODEL_SOURCE_INVALID', message, 'Run `npm ci` to install the package again.');
}
