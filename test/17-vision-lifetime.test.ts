import { join } from 'node:path';
import { expect, it } from 'vitest';
import { loadCanonicalFace } from '../src/camera/canonical-face.js';
import { requireModel } from '../src/runtime/models.js';
import { onnxRuntimeLibrary } from '../src/runtime/native.js';
import { buildDir } from '../src/runtime/paths.js';
import { runScript } from './10-support.js';

// The ends of life of 13-worker-lifetime once more with the real worker: ONNX sessions on its thread, results that
// are being turned into arrays while their environment goes away.

function script(): string {
  const { vertices, anchors } = loadCanonicalFace();
  const config = {
    onnxLibrary: onnxRuntimeLibrary(),
    detectorModel: requireModel('face_detection_short_range').path,
    meshModel: requireModel('face_landmarks_attention').path,
    canonicalVertices: [...vertices],
    canonicalAnchors: [...anchors],
    mirrored: false,
    detectEveryFrame: false,
    landmarks: true,
    queueLength: 2,
    dropPolicy: 0,
    deadlineMs: 66,
  };
  // FaceTracker.push(t, number, format, width, height, bytes): grey pixels, one frame each millisecond.
  return `
    const { FaceTracker } = require(${JSON.stringify(join(buildDir, 'native', 'Release', 'vision.node'))});
    const config = ${JSON.stringify(config)};
    config.canonicalVertices = Float64Array.from(config.canonicalVertices);
    config.canonicalAnchors = Float64Array.from(config.canonicalAnchors);
    const pixels = new Uint8Array(320 * 240).map((_, i) => (i * 7) % 251);
    const watch = (onBatch) => {
      const tracker = new FaceTracker(config, onBatch);
      let number = 0;
      setInterval(() => tracker.push(number, number++, 2, 320, 240, pixels), 1);
      return tracker;
    };
  `;
}

it('a worker_thread that watches is terminated at many moments', async () => {
  const thread = `${script()} watch(() => require('node:worker_threads').parentPort.postMessage('seen'));`;
  const { code, signal, stdout, stderr } = await runScript(`
    const { Worker } = require('node:worker_threads');
    const threads = () => require('node:fs').readdirSync('/proc/self/task').length;
    (async () => {
      let before;
      for (let delay = 0; delay < 12; delay++) {
        const worker = new Worker(${JSON.stringify(thread)}, { eval: true });
        await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
        await new Promise((resolve) => setTimeout(resolve, delay));
        await worker.terminate();
        before ??= threads(); // after the first, as Node keeps some threads of its own
      }
      // A joined thread leaves /proc a moment later.
      for (let i = 0; i < 200 && threads() > before; i++) await new Promise((resolve) => setTimeout(resolve, 10));
      process.stdout.write(JSON.stringify({ leaked: Math.max(0, threads() - before) }));
    })();
  `);
  expect({ code, signal, stdout }, stderr).toEqual({ code: 0, signal: null, stdout: '{"leaked":0}' });
});

it('a process that watches exits', async () => {
  const { code, signal, stderr } = await runScript(`${script()} watch(() => process.exit(4));`);
  expect({ code, signal }, stderr).toEqual({ code: 4, signal: null });
});
