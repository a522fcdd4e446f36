// What a processor makes of fixed inputs, as JSON: run in a package root, once on each processor. compare.mjs reads it.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = process.cwd();
const golden = join(dirname(dirname(fileURLToPath(import.meta.url))), 'golden', 'can');
const load = (path) => import(pathToFileURL(join(root, 'dist', 'src', path)).href);
const { loadAddon, onnxRuntimeLibrary } = await load('runtime/native.js');
const { OnnxSession } = await load('runtime/onnx-session.js');
const { manifest, requireModel } = await load('runtime/models.js');
const { InferenceSession, Tensor } = createRequire(join(root, 'package.json'))('onnxruntime-node');

/** Uniform numbers in [low, high), the same everywhere: integer arithmetic and one exact division. */
function numbers(count, low, high) {
  let state = 1;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return low + ((high - low) * (state >>> 8)) / 2 ** 24;
  });
}

const product = (shape) => shape.reduce((all, size) => all * size, 1);
const base64 = (array) => Buffer.from(array.buffer, array.byteOffset, array.byteLength).toString('base64');

/** A network of fixed shapes, through the sessions that the pipelines use. */
function fixedModel({ id, path }) {
  const session = new OnnxSession(path);
  const outputs = session.outputs.map(({ shape }) => new Float32Array(product(shape)));
  session.run(
    session.inputs.map(({ shape }) => numbers(product(shape), 0, 1)),
    outputs,
  );
  return { id, outputs: session.outputs.map(({ name }, i) => ({ name, values: base64(outputs[i]) })) };
}

/** What the networks whose inputs grow are given: half a second or so of noise, nothing said before. */
function growingInput({ name, type, shape }) {
  const tensor = (values, dims) => new Tensor(type, values, dims);
  if (name === 'sr') return tensor(BigInt64Array.of(16_000n), []);
  if (name === 'use_cache_branch') return tensor(Uint8Array.of(0), [1]);
  if (name.startsWith('past_key_values')) return tensor(new Float32Array(0), [0, shape[1], 1, shape[3]]);
  const dims = {
    input: [1, 576],
    state: [2, 1, 128],
    input_values: [1, 8000],
    embeddings: [1, 1, shape.at(-1)],
    encoder_hidden_states: [1, 30, shape.at(-1)],
  }[name];
  if (dims === undefined) throw new Error(`Expected a known input but received ${name}.`);
  return tensor(numbers(product(dims), -0.5, 0.5), dims);
}

/** Through onnxruntime-node, on the same library. */
async function growingModel({ id, path }) {
  const session = await InferenceSession.create(path, { intraOpNumThreads: 1, interOpNumThreads: 1 });
  const feeds = Object.fromEntries(session.inputMetadata.map((port) => [port.name, growingInput(port)]));
  const results = await session.run(feeds);
  const outputs = session.outputNames.filter((name) => results[name].data.length > 0);
  return { id, outputs: outputs.map((name) => ({ name, values: base64(results[name].data) })) };
}

async function models() {
  const found = [];
  for (const entry of manifest().models) {
    if (!entry.file.endsWith('.onnx')) continue;
    const started = process.cpuUsage();
    const { path } = requireModel(entry.id);
    const fixed = entry.inputs.length > 0;
    found.push(await (fixed ? fixedModel : growingModel)({ id: entry.id, path }));
    const { user, system } = process.cpuUsage(started);
    process.stderr.write(`${process.arch} ${entry.id}: ${((user + system) / 1e6).toFixed(1)} s of CPU\n`);
  }
  return found;
}

/** The golden frames of each message, decoded: signal -> the bits of its column as hexadecimal. */
async function can() {
  const { CanDecoder } = await load('can/decoder.js');
  const { loadDbc } = await load('can/dbc-parser.js');
  const { FrameBatchBuilder } = await load('can/frame-batch.js');
  const { FrameFlag } = await load('can/frames.js');
  const { database } = loadDbc(join(golden, 'oddities.dbc'));
  const decoder = CanDecoder.of(database);
  const messages = JSON.parse(readFileSync(join(golden, 'golden.json'), 'utf8'));
  return messages.map(({ message: name, id, extended, frames }) => {
    const builder = new FrameBatchBuilder();
    for (const [t, { data }] of frames.entries()) {
      const payload = Buffer.from(data, 'hex');
      const flags = (extended ? FrameFlag.extended : 0) | (payload.length > 8 ? FrameFlag.fd : 0);
      builder.add(t, id, payload, flags);
    }
    const decoded = decoder.decode(builder.take()).message(name);
    const { signals } = database.messages.find((message) => message.name === name);
    const columns = signals.map((signal) => [signal.name, Array.from(decoded.column(signal.name), bitsOf)]);
    return { name, frames: frames.length, signals: Object.fromEntries(columns) };
  });
}

/** Every NaN reads the same: which one it is carries nothing. */
function bitsOf(value) {
  const buffer = Buffer.alloc(8);
  buffer.writeDoubleBE(Number.isNaN(value) ? NaN : value);
  return buffer.toString('hex');
}

const addons = ['core', 'can', 'vision', 'speech'].map((name) => ({
  name,
  exports: Object.keys(loadAddon(name)).sort(),
}));
const facts = {
  arch: process.arch,
  node: process.version,
  onnxRuntime: onnxRuntimeLibrary().split('/').slice(-4).join('/'),
  addons,
  can: await can(),
  models: await models(),
};
process.stdout.write(JSON.stringify(facts));
