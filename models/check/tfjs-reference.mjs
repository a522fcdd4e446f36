/**
 * Computes the golden outputs under test/golden/object-detection with TensorFlow.js itself: the graph model inside npm
 * @vladmandic/human, which our converter reads, run by another program and another engine (its plain JavaScript
 * kernels). Images are made without randomness of any library, so that the test makes the same ones. Of the outputs,
 * 1.4 million numbers an image, every STEP-th is kept.
 *
 *   mkdir /tmp/tfjs && cd /tmp/tfjs && npm init -y
 *   npm install @tensorflow/tfjs-core@4.22.0 @tensorflow/tfjs-converter@4.22.0 @tensorflow/tfjs-backend-cpu@4.22.0
 *   node models/check/tfjs-reference.mjs /tmp/tfjs            # from the project's folder, after `npm ci`
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(join(process.argv[2] ?? '.', 'package.json'));
const tf = require('@tensorflow/tfjs-core');
const converter = require('@tensorflow/tfjs-converter');
require('@tensorflow/tfjs-backend-cpu');

const root = join(import.meta.dirname, '..', '..');
const golden = join(root, 'test', 'golden', 'object-detection');
const models = join(root, 'node_modules', '@vladmandic', 'human', 'models');
const side = 512;

/** Outputs, and which share of each is kept; the steps have no factor in common with rows and channels. */
const outputs = [
  { name: 'scores', node: 'tower_0/keypoints', step: 257 },
  { name: 'extents', node: 'tower_0/wh', step: 13 },
];

/** Top bytes of a 32-bit linear congruential generator (a = 1664525, c = 1013904223, seed 7). */
function noise() {
  let state = 7;
  return Float32Array.from({ length: side * side * 3 }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  });
}

/** The photo of 256 x 256 pixels, each of them four times. */
function face() {
  const file = readFileSync(join(root, 'test', 'golden', 'models', 'astronaut.ppm'));
  const pixels = file.subarray(file.length - 256 * 256 * 3);
  return Float32Array.from({ length: side * side * 3 }, (_, i) => {
    const pixel = Math.floor(i / 3);
    const [y, x] = [Math.floor(pixel / side) >> 1, (pixel % side) >> 1];
    return pixels[(y * 256 + x) * 3 + (i % 3)];
  });
}

const json = readFileSync(join(models, 'centernet.json'));
const weights = readFileSync(join(models, 'centernet.bin'));
const { modelTopology, weightsManifest, format, signature } = JSON.parse(json.toString('utf8'));
await tf.setBackend('cpu');
const model = await converter.loadGraphModel({
  load: async () => ({
    modelTopology,
    format,
    signature,
    weightSpecs: weightsManifest.flatMap((group) => group.weights),
    weightData: Uint8Array.from(weights).buffer,
  }),
});

mkdirSync(golden, { recursive: true });
const cases = [];
for (const [image, pixels] of Object.entries({ noise: noise(), face: face() })) {
  const tensors = model.execute(
    tf.tensor4d(pixels, [1, side, side, 3]),
    outputs.map(({ node }) => node),
  );
  const file = `${image}.f32`;
  const kept = outputs.map(({ step }, i) => tensors[i].dataSync().filter((_, at) => at % step === 0));
  writeFileSync(
    join(golden, file),
    Buffer.concat(kept.map((values) => Buffer.from(Float32Array.from(values).buffer))),
  );
  cases.push({
    image,
    imageSha256: createHash('sha256').update(Uint8Array.from(pixels)).digest('hex'),
    file,
    outputs: outputs.map(({ name, step }, i) => ({ name, step, length: kept[i].length })),
  });
}
const sourceSha256 = createHash('sha256').update(json).update(weights).digest('hex');
const runtime = `TensorFlow.js ${tf.version_core}, ${tf.getBackend()} backend`;
writeFileSync(join(golden, 'index.json'), `${JSON.stringify({ runtime, sourceSha256, cases }, null, 1)}\n`);
