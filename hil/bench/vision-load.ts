import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { FaceTracker } from '../../src/camera/face-tracker.js';
import { benchFrames } from './frames.js';

const periodMs = 33;
const frameCount = 60;

/** Driver monitoring on a thread of its own at 30 frames a second, until it is closed. */
export class VisionLoad {
  private constructor(private readonly worker: Worker) {}

  /** @throws VigilError those of `benchFrames` */
  static async start(): Promise<VisionLoad> {
    const { jpegs } = await benchFrames(frameCount);
    const worker = new Worker(new URL(import.meta.url), { workerData: jpegs });
    await new Promise((resolve) => worker.once('message', resolve));
    return new VisionLoad(worker);
  }

  async close(): Promise<void> {
    await this.worker.terminate();
  }
}

if (!isMainThread && parentPort !== null) {
  const jpegs = workerData as readonly Uint8Array[];
  const tracker = new FaceTracker();
  const beginMs = performance.now();
  let number = 0;
  setInterval(() => {
    const due = Math.floor((performance.now() - beginMs) / periodMs);
    for (; number <= due; number++)
      tracker.push({ t: number * periodMs, number, format: 'jpeg', data: jpegs[number % jpegs.length] });
  }, 5);
  parentPort.postMessage('ready');
}
