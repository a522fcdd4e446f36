import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { OnnxSession } from '../../src/runtime/onnx-session.js';
import { packageRoot } from '../../src/runtime/paths.js';

/**
 * Compares the CPU time of ONNX files with one image input [1,S,S,3]: `node dist/models/check/speed.js A.onnx B.onnx`.
 * The files take turns, as a shared machine drifts; the ratio to the first file is the median over the rounds.
 */
const rounds = 60;
const runsPerRound = 10;

/** The photo of a face in test/golden/models, its middle S x S pixels, 0..1: the data, not the contents, matter. */
function photo(size: number): Float32Array {
  const file = readFileSync(join(packageRoot, 'test', 'golden', 'models', 'astronaut.ppm'));
  const side = 256;
  const pixels = file.subarray(file.length - side * side * 3);
  const first = (side - size) >> 1;
  return Float32Array.from({ length: size * size * 3 }, (_, i) => {
    const row = Math.floor(i / (size * 3));
    return pixels[((first + row) * side + first) * 3 + (i % (size * 3))] / 255;
  });
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}

const files = process.argv.slice(2).map((path) => {
  const session = new OnnxSession(path, { warmUpRuns: runsPerRound });
  const input = photo(session.inputs[0].shape[1]);
  const outputs = session.outputs.map(
    ({ shape }) => new Float32Array(shape.reduce((n, size) => n * size, 1)),
  );
  const cpuMs: number[] = [];
  return { path, cpuMs, run: () => session.run([input], outputs) };
});
for (let round = 0; round < rounds; round++) {
  for (const { cpuMs, run } of files) {
    const before = process.cpuUsage();
    for (let i = 0; i < runsPerRound; i++) run();
    const { user, system } = process.cpuUsage(before);
    cpuMs.push((user + system) / 1000 / runsPerRound);
  }
}
for (const { path, cpuMs } of files) {
  const ratio = median(cpuMs.map((value, i) => value / files[0].cpuMs[i]));
  process.stdout.write(`${median(cpuMs).toFixed(2)} ms  x ${ratio.toFixed(2)}  ${path}\n`);
}
