import {
  decodeOnnx,
  encodeEdited,
  invalidOnnx,
  type EditableGraph,
  type EditableModel,
  type EditableTensor,
} from './onnx-edit.js';

// Moonshine's merged decoder spends most of a step on its vocabulary: it widens the table of 32768 token embeddings and
// multiplies with it in float. Both uses of the table are moved out: tokens come in as embeddings, and out comes the
// hidden state before the projection. native/speech does the rest with the 8-bit table.

const table = 'model.decoder.embed_tokens.weight_merged_0';
const embedded = '/model/decoder/embed_tokens/Gather_output_0';
const transposed = 'model.decoder.embed_tokens.weight_transposed';
const float32 = 1;
const magic = 0x43565356; // "VSVC" in the file's byte order
const headerBytes = 20;

/**
 * The decoder without its vocabulary: `input_ids` int64 [rows, length] becomes `embeddings` float32 [rows, length,
 * width], and `logits` becomes `hidden` float32 [rows, length, width]. The rest stays as it was.
 * @throws VigilError `MODEL_SOURCE_INVALID`
 */
export function moonshineDecoder(source: Uint8Array): Uint8Array {
  const model = decodeOnnx(source);
  const { graph } = model;
  const width = Number(weights(model).dims[1]);
  for (const branch of branches(graph)) cutVocabulary(branch, width);
  const names = new Set([`${table}_quantized`, `${table}_scale`, `${table}_zero_point`]);
  graph.initializer = graph.initializer.filter(({ name }) => !names.has(name));
  const condition = graph.node[0];
  condition.output = condition.output.map((name) => (name === 'logits' ? 'hidden' : name));
  for (const output of graph.output) if (output.name === 'logits') retype(output, 'hidden', width);
  for (const input of graph.input) {
    if (input.name !== 'input_ids') continue;
    retype(input, 'embeddings', width);
  }
  return encodeEdited(model);
}

/**
 * The table of token embeddings, which is the vocabulary projection as well: five little-endian 32-bit words (magic,
 * rows, columns, scale as float, zero point), then rows x columns bytes; value = scale x (byte - zero point).
 * @throws VigilError `MODEL_SOURCE_INVALID`
 */
export function moonshineVocabulary(source: Uint8Array): Uint8Array {
  const model = decodeOnnx(source);
  const { dims, rawData } = weights(model);
  const [rows, columns] = dims.map(Number);
  const [scale] = tensor(model, `${table}_scale`).floatData;
  const [zeroPoint] = tensor(model, `${table}_zero_point`).int32Data;
  if (rawData.length !== rows * columns) throw invalidOnnx(`${rows} x ${columns} bytes`, `${rawData.length}`);
  const header = Buffer.alloc(headerBytes);
  header.writeUInt32LE(magic, 0);
  header.writeUInt32LE(rows, 4);
  header.writeUInt32LE(columns, 8);
  header.writeFloatLE(scale, 12);
  header.writeUInt32LE(zeroPoint, 16);
  return Buffer.concat([header, rawData]);
}

/** The graphs of the first step and of those that go on from one. */
function branches(graph: EditableGraph): EditableGraph[] {
  const found = graph.node.flatMap(({ attribute }) => attribute.flatMap(({ g }) => g ?? []));
  if (graph.node.length !== 1 || found.length !== 2)
    throw invalidOnnx('one If with two branches', `${graph.node.length} nodes`);
  return found;
}

function cutVocabulary(branch: EditableGraph, width: number): void {
  const gone = new Set([`${embedded}_quantized`, embedded, `${transposed}_quantized`, transposed, 'logits']);
  const projection = branch.node.find(({ output }) => output.includes('logits'));
  if (projection === undefined) throw invalidOnnx('a product that gives the logits', 'none');
  const [hidden] = projection.input;
  branch.node = branch.node.filter(({ output }) => !output.some((name) => gone.has(name)));
  for (const node of branch.node) {
    node.input = node.input.map((name) => rename(name, hidden));
    node.output = node.output.map((name) => rename(name, hidden));
  }
  for (const output of branch.output) if (output.name === 'logits') retype(output, 'hidden', width);
}

function rename(name: string, hidden: string): string {
  if (name === embedded) return 'embeddings';
  return name === hidden ? 'hidden' : name;
}

function retype(value: EditableGraph['output'][number], name: string, width: number): void {
  value.name = name;
  const { tensorType } = value.type;
  tensorType.elemType = float32;
  tensorType.shape.dim = [...tensorType.shape.dim.slice(0, 2), { dimValue: width }];
}

function weights(model: EditableModel): EditableTensor {
  return tensor(model, `${table}_quantized`);
}

function tensor(model: EditableModel, name: string): EditableTensor {
  const found = model.graph.initializer.find((one) => one.name === name);
  if (found === undefined) throw invalidOnnx(`a tensor ${name}`, 'none');
  return found;
}
