import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AudioBlock, CameraFrame, Output, RecordedMessage } from '../../hil/recording/message.js';
import { openRecording, type MessageSelection } from '../../hil/recording/reader.js';
import { RecordingWriter, type RecordingHeader, type WriterOptions } from '../../hil/recording/writer.js';
import { canFrames, rowsOf, type CanRow } from './frames.js';

/** A folder that `clean` removes. */
export async function scratchFolder(): Promise<{ folder: string; clean: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'vigil-test-'));
  return { folder, clean: () => rm(folder, { recursive: true, force: true }) };
}

/** Bytes that do not compress, the same every time (xorshift32). */
export function noise(length: number, seed: number): Uint8Array {
  let state = (seed * 2654435761 + 1) >>> 0;
  return Uint8Array.from({ length }, () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state & 0xff;
  });
}

export const dbcText =
  'VERSION ""\nBU_: ECU\nBO_ 256 Speed: 8 ECU\n SG_ Speed : 0|16@1+ (0.01,0) [0|300] "km/h" ECU\n';

export const header: RecordingHeader = {
  vehicle: 'test bench',
  mapping: 'vigil-demo',
  origin: 'unit test',
  camera: {
    nominalFps: 30,
    width: 640,
    height: 480,
    mount: { positionM: [0.6, -0.1, 0.25], yawDeg: -12.5, pitchDeg: 8, mirrored: true },
  },
  clockOffsetsMs: { camera: 0, audio: -12.25, can: 1500 },
  dbc: { name: 'test.dbc', data: new TextEncoder().encode(dbcText) },
};

/** Bytes that begin and end as a JPEG does and are noise between. */
function fakeJpeg(length: number, seed: number): Uint8Array {
  const bytes = noise(length, seed);
  bytes.set([0xff, 0xd8], 0);
  bytes.set([0xff, 0xd9], length - 2);
  return bytes;
}

/** Everything a drive of ours holds, `seconds` long, in the order of its stamps. */
export interface TestDrive {
  readonly camera: CameraFrame[];
  readonly audio: AudioBlock[];
  readonly can: CanRow[];
  readonly outputs: Output[];
}

export function testDrive(seconds: number, jpegBytes = 2000): TestDrive {
  const camera = Array.from({ length: Math.round(seconds * 30) }, (_, i): CameraFrame => ({
    t: (i * 1000) / 30,
    sequence: i,
    format: 'jpeg',
    data: fakeJpeg(jpegBytes + (i % 7), i),
  }));
  const audio = Array.from({ length: seconds * 50 }, (_, i): AudioBlock => ({
    t: (i + 1) * 20,
    sampleRateHz: 16_000,
    channels: 1,
    samples: Int16Array.from({ length: 320 }, (_unused, k) => Math.round(8000 * Math.sin((i * 320 + k) / 9))),
  }));
  const can = Array.from({ length: seconds * 200 }, (_, i): CanRow => ({
    t: i * 5 + 0.125,
    id: i % 3 === 0 ? 0x1abc_def0 + (i % 8) : 0x100 + (i % 16),
    flags: i % 3 === 0 ? 1 : 0,
    channel: i % 2,
    data: noise(8, i),
  }));
  const outputs = camera.map(({ t, sequence }): Output => ({
    t: t + 12.5,
    topic: 'vigil/driver_state',
    typeName: 'vigil.DriverState',
    message: { state: 'attentive', quality: 'valid', closure: 0, frame: sequence, eyesOnRoad: true },
  }));
  return { camera, audio, can, outputs };
}

/** Writes a drive in time order, as a recorder would, and closes it. */
export async function writeDrive(path: string, drive: TestDrive, options: WriterOptions = {}): Promise<void> {
  const writer = await RecordingWriter.create(path, header, options);
  const steps: [number, () => Promise<void>][] = [
    ...drive.camera.map((frame): [number, () => Promise<void>] => [frame.t, () => writer.addCamera(frame)]),
    ...drive.audio.map((block): [number, () => Promise<void>] => [block.t, () => writer.addAudio(block)]),
    ...drive.outputs.map((output): [number, () => Promise<void>] => [
      output.t,
      () => writer.addOutput(output),
    ]),
  ];
  for (let i = 0; i < drive.can.length; i += 2) {
    const rows = drive.can.slice(i, i + 2);
    steps.push([rows.at(-1)!.t, () => writer.addCan(canFrames(rows))]);
  }
  steps.sort(([a], [b]) => a - b);
  for (const [, write] of steps) await write();
  await writer.close();
}

export async function readAll(path: string, selection?: MessageSelection): Promise<RecordedMessage[]> {
  const recording = await openRecording(path);
  try {
    const messages: RecordedMessage[] = [];
    for await (const message of recording.messages(selection)) messages.push(message);
    return messages;
  } finally {
    await recording.close();
  }
}

/** Messages with their bytes as digests: quick to compare and short to show. */
export function fingerprint(messages: readonly RecordedMessage[]): unknown[] {
  const digest = (bytes: NodeJS.ArrayBufferView) =>
    createHash('sha256').update(bytes).digest('hex').slice(0, 16);
  return messages.map((message) => {
    switch (message.kind) {
      case 'camera':
      case 'output':
        return { ...message, data: digest(message.data) };
      case 'audio':
        return { ...message, samples: digest(message.samples) };
      case 'can':
        return {
          ...message,
          frames: rowsOf(message.frames).map((row) => ({ ...row, data: digest(row.data) })),
        };
    }
  });
}
