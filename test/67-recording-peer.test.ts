import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../src/runtime/paths.js';
import { wholeNs } from '../hil/recording/drive-time.js';
import type { Output, RecordedMessage } from '../hil/recording/message.js';
import { openRecording } from '../hil/recording/reader.js';
import { dbcText, scratchFolder, testDrive, writeDrive } from './60-support/drive.js';
import { rowsOf } from './60-support/frames.js';

const golden = join(packageRoot, 'test', 'golden', 'recording');
const goldenReport = join(golden, 'test-drive.json');

interface TopicReport {
  readonly type: string;
  readonly messages: number;
  readonly items: number;
  readonly first_ns: number;
  readonly last_ns: number;
  readonly hash: string;
  readonly first?: Record<string, unknown>;
}

interface Report {
  readonly topics: Record<string, TopicReport>;
  readonly attachments: Record<string, { readonly bytes: number; readonly sha256: string }>;
}

/** One of every output, with fields of every kind: optional ones at 0 and absent, a choice, lists, text, floats. */
const outputs: Output[] = [
  {
    t: 100.25,
    topic: 'vigil/face',
    typeName: 'vigil.FaceObservation',
    message: {
      ...{ t: 100.25, frame: 3, kind: 'face', presence: 0.98, mouthOpening: 0 },
      box: { x: 10.5, y: 20, width: 100, height: 120.25 },
      eyes: { left: { openness: 0.28, weight: 1 }, right: { openness: 0.27, weight: 0.5 } },
      head: { yawDeg: -12.5, pitchDeg: 3, rollDeg: 0.125 },
      gaze: { azimuthDeg: 5, elevationDeg: -4, confidence: 0.75 },
      image: { brightness: 0.4, contrast: 0.2, sharpness: 150.5, saturatedShare: 0 },
      landmarks: Float32Array.of(0.5, -1.25, 3e7),
    },
  },
  {
    t: 101,
    topic: 'vigil/driver_state_full',
    typeName: 'vigil.DriverState',
    message: {
      state: 'microsleep',
      reason: 'eyes closed',
      quality: 'valid',
      perclos: 0,
      closedForMs: 1012.5,
      eyesOnRoad: false,
      policy: 'euroncap-2026',
    },
  },
  {
    t: 102,
    topic: 'vigil/event',
    typeName: 'vigil.Event',
    message: {
      kind: 'blink',
      name: '',
      startMs: 50,
      endMs: 101.5,
      detail: 'ein Lidschlag: 51,5 ms – kurz',
      source: 'driver',
      measures: [{ name: 'closure', value: 0.9, unit: '' }],
    },
  },
  {
    t: 103,
    topic: 'vigil/alert',
    typeName: 'vigil.Alert',
    message: {
      id: 'a1',
      change: 'raised',
      policy: 'euroncap-2026',
      rule: 'microsleep',
      clause: '4.2',
      level: 2,
      text: 'Wake up',
      sinceMs: 99,
      measures: [],
    },
  },
  {
    t: 104,
    topic: 'vigil/vehicle',
    typeName: 'vigil.VehicleSamples',
    message: {
      samples: [
        { path: 'Vehicle.Speed', t: 103.5, number: 51.25, quality: 'valid', source: 'can0', unit: 'km/h' },
        {
          path: 'Vehicle.IsMoving',
          t: 103.5,
          boolean: false,
          quality: 'stale',
          reason: 'silent',
          source: 'can0',
        },
        { path: 'Vehicle.VIN', t: 0, text: 'X', quality: 'valid' },
        { path: 'Vehicle.Cabin.Door', t: 0, quality: 'unavailable', reason: 'no source' },
      ],
    },
  },
  {
    t: 105,
    topic: 'vigil/timings',
    typeName: 'vigil.StageTimings',
    message: {
      stages: [{ stage: 'vision.frame', count: 5, p50Ms: 9.5, p99Ms: 20.25, maxMs: 30, dropped: 0, late: 1 }],
    },
  },
];

let folder: string;
let path: string;
let clean: () => Promise<void>;

beforeAll(async () => {
  ({ folder, clean } = await scratchFolder());
  path = join(folder, 'test-drive.mcap');
  const drive = testDrive(2);
  await writeDrive(path, { ...drive, outputs: [...drive.outputs, ...outputs] }, { chunkBytes: 32 * 1024 });
});

afterAll(() => clean());

function contentOf(message: RecordedMessage): Buffer[] {
  const prefix = Buffer.from(`${wholeNs(message.t)} `);
  switch (message.kind) {
    case 'camera':
    case 'output':
      return [prefix, Buffer.from(message.data)];
    case 'audio':
      return [
        prefix,
        Buffer.from(message.samples.buffer, message.samples.byteOffset, message.samples.byteLength),
      ];
    case 'can':
      return rowsOf(message.frames).map(({ t, id, flags, channel, data }) =>
        Buffer.from(`${wholeNs(t)} ${id} ${flags} ${channel} ${Buffer.from(data).toString('hex')}\n`),
      );
  }
}

/** The same report as the script's, by our own reader. */
async function ourReport(): Promise<Report['topics']> {
  const recording = await openRecording(path);
  const found = new Map<string, { report: Omit<TopicReport, 'hash'>; hash: ReturnType<typeof createHash> }>();
  for await (const message of recording.messages()) {
    const topic = message.kind === 'output' ? message.topic : message.kind;
    const ns = wholeNs(message.t);
    const type = recording.topics.find((info) => info.topic === topic)!.typeName;
    const entry = found.get(topic) ?? {
      report: {
        ...{ type, messages: 0, items: 0, first_ns: ns, last_ns: ns },
        ...(message.kind === 'output' && { first: recording.decode(message) }),
      },
      hash: createHash('sha256'),
    };
    for (const bytes of contentOf(message)) entry.hash.update(bytes);
    const items = message.kind === 'can' ? message.frames.count : 1;
    const { report } = entry;
    found.set(topic, {
      hash: entry.hash,
      report: { ...report, messages: report.messages + 1, items: report.items + items, last_ns: ns },
    });
  }
  await recording.close();
  return Object.fromEntries(
    [...found].map(([topic, { report, hash }]) => [topic, { ...report, hash: hash.digest('hex') }]),
  );
}

/**
 * Fields as both runtimes give them: proto3's JSON leaves out plain fields at their default, writes 64-bit
 * integers as text and stamps as dates.
 */
function normal(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map(normal);
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value)
      .filter(([name]) => name !== 'timestamp')
      .map(([name, field]): [string, unknown] => [name, normal(field)])
      .filter(([, field]) => field !== undefined && field !== 0 && field !== '' && field !== false);
    return Object.fromEntries(entries.sort(([a], [b]) => a.localeCompare(b)));
  }
  return typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
}

function comparable(topics: Report['topics']): unknown {
  return Object.fromEntries(
    Object.entries(topics).map(([topic, report]) => [
      topic,
      { ...report, first: normal(report.first ?? {}) },
    ]),
  );
}

const python = process.env['VIGIL_PEER_PYTHON'];

async function pythonReport(): Promise<Report> {
  const script = join(golden, 'check_with_python.py');
  const { stdout } = await promisify(execFile)(python!, [script, path], { maxBuffer: 1 << 24 });
  return JSON.parse(stdout) as Report;
}

describe('a recording, to an independent MCAP reader and protobuf runtime', () => {
  it('holds what our reader says', async () => {
    if (python !== undefined && process.env['VIGIL_UPDATE_GOLDEN'] === '1') {
      const { topics, attachments } = await pythonReport();
      await writeFile(goldenReport, `${JSON.stringify({ topics, attachments }, null, 1)}\n`);
    }
    const expected = JSON.parse(await readFile(goldenReport, 'utf8')) as Report;
    expect(Object.keys(expected.topics)).toHaveLength(4 + outputs.length);
    expect(comparable(await ourReport())).toEqual(comparable(expected.topics));
    expect(expected.attachments['test.dbc']).toEqual({
      bytes: dbcText.length,
      sha256: createHash('sha256').update(dbcText).digest('hex'),
    });
  });

  it('tells optional fields at 0 from absent ones, and the members of a choice apart', async () => {
    const { topics } = JSON.parse(await readFile(goldenReport, 'utf8')) as Report;
    const state = topics['vigil/driver_state_full'].first!;
    expect(state).toMatchObject({ perclos: 0, eyesOnRoad: false, closedForMs: 1012.5 });
    expect(state).not.toHaveProperty('closedShare');
    const { samples } = topics['vigil/vehicle'].first as { samples: Record<string, unknown>[] };
    expect(samples.map((sample) => ['number', 'boolean', 'text'].filter((name) => name in sample))).toEqual([
      ['number'],
      ['boolean'],
      ['text'],
      [],
    ]);
  });

  if (python !== undefined) {
    it('is read by it now as it was when the golden report was made', async () => {
      const report = await pythonReport();
      const expected = JSON.parse(await readFile(goldenReport, 'utf8')) as Report;
      expect({ topics: report.topics, attachments: report.attachments }).toEqual(expected);
    });
  }
});
