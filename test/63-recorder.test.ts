import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { VigilError } from '../src/runtime/errors.js';
import { openRecording } from '../hil/recording/reader.js';
import { Recorder, type RecorderOptions } from '../hil/recording/recorder.js';
import type { RecorderInput } from '../hil/recording/recorder-protocol.js';
import {
  fingerprint,
  header,
  noise,
  readAll,
  scratchFolder,
  testDrive,
  writeDrive,
} from './60-support/drive.js';
import { canFrames } from './60-support/frames.js';

let folder: string;
let clean: () => Promise<void>;

beforeAll(async () => {
  ({ folder, clean } = await scratchFolder());
});

afterAll(() => clean());

/** The worker as it is in the product, run from TypeScript. */
const fromSource: RecorderOptions = {
  startWorker: () =>
    new Worker(new URL('../hil/recording/recorder-worker.ts', import.meta.url), {
      execArgv: ['--import', new URL('./60-support/typescript-loader.mjs', import.meta.url).href],
    }),
};

function frame(sequence: number, bytes = 100): RecorderInput {
  return { kind: 'camera', t: sequence, sequence, format: 'jpeg', data: noise(bytes, sequence) };
}

describe('the recorder', () => {
  it('writes in its worker what the writer writes directly', async () => {
    const drive = testDrive(2);
    const direct = join(folder, 'direct.mcap');
    await writeDrive(direct, drive);
    const path = join(folder, 'recorded.mcap');
    const recorder = await Recorder.open(path, header, { ...fromSource, queueInputs: 4 });
    // In another order than the stamps': what comes out is in order all the same.
    for (const camera of drive.camera)
      await recorder.write({ kind: 'camera', ...camera, data: camera.data.slice() });
    for (const audio of drive.audio)
      await recorder.write({ kind: 'audio', ...audio, samples: audio.samples.slice() });
    for (const output of drive.outputs) await recorder.write({ kind: 'output', ...output });
    for (let i = 0; i < drive.can.length; i += 2) {
      await recorder.write({ kind: 'can', frames: canFrames(drive.can.slice(i, i + 2)) });
    }
    expect(await recorder.close()).toEqual({ camera: 60, audio: 100, can: 200, 'vigil/driver_state': 60 });
    expect(recorder.counters).toMatchObject({
      accepted: 420,
      dropped: 0,
      rejected: 0,
      waiting: 0,
      waitingBytes: 0,
    });
    const byKindAndTime = (all: Awaited<ReturnType<typeof readAll>>) =>
      fingerprint(all.toSorted((a, b) => a.t - b.t || a.kind.localeCompare(b.kind)));
    expect(byKindAndTime(await readAll(path))).toEqual(byKindAndTime(await readAll(direct)));
  });

  it('drops and counts when offered more than its queue holds, and notes it in the recording', async () => {
    const path = join(folder, 'flood.mcap');
    const recorder = await Recorder.open(path, {}, { ...fromSource, queueInputs: 4 });
    // Nothing can be taken from the queue while this loop runs.
    const taken = Array.from({ length: 20 }, (_, i) => recorder.offer(frame(i)));
    expect(taken).toEqual([true, true, true, true, ...Array<boolean>(16).fill(false)]);
    expect(
      recorder.offer({
        kind: 'can',
        frames: canFrames([{ t: 1, id: 1, flags: 0, channel: 0, data: new Uint8Array(1) }]),
      }),
    ).toBe(false);
    expect(recorder.counters).toMatchObject({ accepted: 4, dropped: 17, waiting: 4, waitingBytes: 400 });
    expect(await recorder.close()).toEqual({ camera: 4 });
    const recording = await openRecording(path);
    expect(recording.counters?.get('dropped_camera')).toBe('16');
    expect(recording.counters?.get('dropped_can')).toBe('1');
    await recording.close();
  });

  it('bounds its queue in bytes, yet takes an input larger than the whole queue', async () => {
    const recorder = await Recorder.open(join(folder, 'bytes.mcap'), {}, { ...fromSource, queueBytes: 1000 });
    expect([0, 1, 2].map((i) => recorder.offer(frame(i, 600)))).toEqual([true, true, false]);
    await recorder.write(frame(3, 5000));
    expect(await recorder.close()).toEqual({ camera: 3 });
  });

  it('takes over memory of its own and leaves shared memory alone', async () => {
    const recorder = await Recorder.open(join(folder, 'memory.mcap'), {}, fromSource);
    const own = noise(64, 1);
    const shared = noise(64, 2);
    const part = shared.subarray(8, 24);
    recorder.offer({ kind: 'camera', t: 1, sequence: 1, format: 'jpeg', data: own });
    recorder.offer({ kind: 'camera', t: 2, sequence: 2, format: 'jpeg', data: part });
    recorder.offer({ kind: 'camera', t: 3, sequence: 3, format: 'jpeg', data: Buffer.from('pooled') });
    expect(own.length).toBe(0);
    expect(part.length).toBe(16);
    expect(await recorder.close()).toEqual({ camera: 3 });
    const [first, second, third] = await readAll(join(folder, 'memory.mcap'));
    expect(first).toMatchObject({ data: noise(64, 1) });
    expect(second).toMatchObject({ data: noise(64, 2).subarray(8, 24) });
    expect(third).toMatchObject({ data: new TextEncoder().encode('pooled') });
  });

  it('leaves out what does not fit, counts it and goes on', async () => {
    const recorder = await Recorder.open(join(folder, 'misfit.mcap'), {}, fromSource);
    recorder.offer({ ...frame(1), t: -5 } as RecorderInput);
    recorder.offer(frame(2));
    expect(await recorder.close()).toEqual({ camera: 1 });
    expect(recorder.counters.rejected).toBe(1);
    expect(recorder.firstRejection?.code).toBe('INVALID_ARGUMENT');
    expect(recorder.failure).toBeNull();
  });

  it('overwrites nothing', async () => {
    const path = join(folder, 'mine.mcap');
    await writeFile(path, 'mine');
    await expect(Recorder.open(path, {}, fromSource)).rejects.toMatchObject({ code: 'RECORDING_EXISTS' });
  });

  it('says when its worker dies, and drops from then on', async () => {
    const failures: VigilError[] = [];
    const worker = `require('node:worker_threads').parentPort.on('message', ({ type }) => {
      if (type === 'write') process.exit(7);
      require('node:worker_threads').parentPort.postMessage({ type: 'opened' });
    });`;
    const recorder = await Recorder.open(
      join(folder, 'dead.mcap'),
      {},
      {
        startWorker: () => new Worker(worker, { eval: true }),
        onFailure: (error) => failures.push(error),
      },
    );
    expect(recorder.offer(frame(1))).toBe(true);
    await expect(recorder.close()).rejects.toMatchObject({ code: 'RECORDER_FAILED' });
    expect(recorder.offer(frame(2))).toBe(false);
    expect(recorder.counters.droppedByKind.camera).toBe(1);
    await expect(recorder.write(frame(3))).rejects.toMatchObject({ name: 'VigilError' });
    expect(failures).toHaveLength(1);
  });
});
