import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { openRecording } from '../hil/recording/reader.js';
import type { RecordedCamera, RecordedCan } from '../hil/recording/message.js';
import { readCanonicalMesh } from '../hil/synthetic/canonical-mesh.js';
import {
  closedAbove,
  closureAt,
  frameTime,
  lidTruth,
  microsleepScript,
  poseAt,
} from '../hil/synthetic/drive-script.js';
import { fixtureFolder, fixtureTruth } from '../hil/synthetic/fixture-truth.js';
import { FaceRenderer } from '../hil/synthetic/renderer.js';
import { FaceTracker } from '../src/camera/face-tracker.js';
import { meanOpenness, type FaceObservation } from '../src/camera/observation.js';
import { CanDecoder } from '../src/can/decoder.js';
import { loadDbc } from '../src/can/dbc-parser.js';
import { modelsDir, signalsDir } from '../src/runtime/paths.js';

const path = join(fixtureFolder, 'drive.mcap');
const truth = fixtureTruth();
const camera: RecordedCamera[] = [];
const can: RecordedCan[] = [];

beforeAll(async () => {
  const recording = await openRecording(path);
  expect(recording.damaged).toBeNull();
  expect(recording.metadata.camera?.nominalFps).toBe(truth.framesPerSecond);
  expect(recording.metadata.mapping).toBe('vigil-demo');
  for await (const message of recording.messages()) {
    if (message.kind === 'camera') camera.push({ ...message, data: message.data.slice() });
    if (message.kind === 'can') can.push(message);
  }
  await recording.close();
});

describe('script', () => {
  it('has three blinks of about 200 ms and one microsleep of 1.4 s from 4.0 s on', () => {
    const seconds = (frames: number) => frames / truth.framesPerSecond;
    const of = (kind: string) => truth.lids.filter((event) => event.kind === kind);
    expect(of('blink').map((event) => seconds(event.end - event.start))).toEqual([0.2, 0.2, 0.2]);
    expect(of('microsleep').map((event) => [seconds(event.start), seconds(event.end - event.start)])).toEqual(
      [[4, 1.4]],
    );
  });

  it('derives its truth from the commands', () => {
    const closed = (frame: number) =>
      closureAt(microsleepScript, frameTime(microsleepScript, frame)) > closedAbove;
    const events = lidTruth(microsleepScript);
    for (let frame = 0; frame < truth.frameCount; frame++)
      expect(closed(frame)).toBe(events.some(({ start, end }) => frame >= start && frame < end));
    expect(closed(truth.frameCount - 1)).toBe(false);
  });
});

describe('committed drive', () => {
  it('is small and says what the script says', () => {
    expect(statSync(path).size).toBeLessThan(700_000);
    expect(JSON.parse(readFileSync(join(fixtureFolder, 'drive.json'), 'utf8'))).toEqual(truth);
  });

  it('holds every camera frame at its time', () => {
    expect(camera.map((frame) => frame.sequence)).toEqual(
      Array.from({ length: truth.frameCount }, (_, i) => i),
    );
    for (const frame of camera) {
      expect(frame.t).toBeCloseTo((frame.sequence * 1000) / truth.framesPerSecond, 5);
      expect([...frame.data.subarray(0, 2), ...frame.data.subarray(-2)]).toEqual([0xff, 0xd8, 0xff, 0xd9]);
    }
  });

  it('shows what this renderer draws', () => {
    const { width, height } = truth;
    const mesh = readCanonicalMesh(join(modelsDir, 'canonical_face_mesh.json'));
    const renderer = new FaceRenderer(mesh, { width, height });
    for (const number of [0, 18, 48, 75, 119]) {
      const decoded = spawnSync(
        'ffmpeg',
        ['-v', 'error', '-f', 'mjpeg', '-i', 'pipe:0', '-f', 'rawvideo', '-pix_fmt', 'rgb24', 'pipe:1'],
        { input: camera[number].data },
      ).stdout;
      const drawn = renderer.render(poseAt(microsleepScript, number)).data;
      expect(decoded).toHaveLength(drawn.length);
      let squares = 0;
      for (let i = 0; i < drawn.length; i++) squares += (drawn[i] - decoded[i]) ** 2;
      const psnrDb = 10 * Math.log10((255 * 255 * drawn.length) / squares);
      expect(psnrDb).toBeGreaterThan(33);
    }
  });
});

describe('CAN beside it', () => {
  it('says a constant speed, at the periods of the DBC', () => {
    const { database } = loadDbc(join(signalsDir, 'dbc', 'vigil-demo.dbc'));
    const decoder = CanDecoder.of(database);
    const counts = new Map<string, number>();
    for (const { frames } of can)
      for (const message of decoder.decode(frames).messages) {
        counts.set(message.message.name, (counts.get(message.message.name) ?? 0) + message.rows);
        if (message.message.name === 'VehicleMotion')
          expect([...message.column('VehicleSpeed')]).toEqual(
            Array.from({ length: message.rows }, () => truth.speedKmh),
          );
      }
    for (const message of database.messages)
      expect(counts.get(message.name)).toBe(8000 / (message.cycleTimeMs ?? Number.NaN));
  });

  it('protects every frame by counter and checksum', () => {
    // CRC-8 with polynomial 0x1D by long division over bits, most significant first.
    const remainder = (bytes: number[]) => {
      const bits = [...bytes, 0].flatMap((byte) =>
        Array.from({ length: 8 }, (_, k) => (byte >> (7 - k)) & 1),
      );
      for (let i = 0; i + 8 < bits.length; i++)
        if (bits[i] === 1) [1, 0, 0, 0, 1, 1, 1, 0, 1].forEach((bit, k) => (bits[i + k] ^= bit));
      return parseInt(bits.slice(-8).join(''), 2);
    };
    expect(remainder([...Buffer.from('123456789')])).toBe(0x37); // catalogued as CRC-8/GSM-A
    const next = new Map<number, number>();
    for (const { frames } of can)
      for (let i = 0; i < frames.count; i++) {
        const payload = [...frames.data.subarray(frames.offset[i], frames.offset[i] + frames.length[i])];
        const id = frames.id[i];
        expect(remainder([id & 0xff, id >> 8, ...payload.slice(1)])).toBe(payload[0]);
        const counter = payload[1] & 15;
        expect(counter).toBe(next.get(id) ?? 0);
        next.set(id, (counter + 1) % 15);
      }
    expect(next.size).toBe(7);
  });
});

describe('vision on it', () => {
  it('finds every closing of the lids in the very frames, and nothing else', async () => {
    const tracker = new FaceTracker({ dropPolicy: 'block' });
    const seen: FaceObservation[] = [];
    tracker.frames.subscribe(({ observation }) => seen.push(observation));
    for (const { t, sequence, data } of camera)
      await tracker.pushWhenFree({ t, number: sequence, format: 'jpeg', data });
    await tracker.idle();
    tracker.close();
    const faces = seen.filter((observation) => observation.kind === 'face');
    expect(faces).toHaveLength(truth.frameCount);
    expect(Math.min(...faces.map((face) => face.presence))).toBeGreaterThan(0.9);
    const openness = faces.map((face) => meanOpenness(face.eyes));
    const open = [...openness].sort((a, b) => a - b)[Math.floor(0.8 * openness.length)];
    const events: { start: number; end: number }[] = [];
    for (const [frame, value] of openness.entries()) {
      if (value >= 0.6 * open) continue;
      const last = events.at(-1);
      if (last?.end === frame) last.end = frame + 1;
      else events.push({ start: frame, end: frame + 1 });
    }
    expect(events).toEqual(truth.lids.map(({ start, end }) => ({ start, end })));
  });
});
