import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openRecording } from '../hil/recording/reader.js';
import { RecordingWriter } from '../hil/recording/writer.js';
import { outputLine } from '../hil/replay/json-lines.js';
import type { ReplayOptions } from '../hil/replay/options.js';
import type { ReplayReport, ReplayStart } from '../hil/replay/report.js';
import { runReplay } from '../hil/replay/session.js';
import { addToTally, emptyTally } from '../hil/replay/tally.js';
import type { GraphOutput } from '../src/fusion.js';
import { packageRoot } from '../src/runtime/paths.js';

const fixture = join(packageRoot, 'test', 'fixtures', 'face', 'drive.mcap');
const whole: ReplayOptions = {
  path: fixture,
  speed: 'max',
  fromMs: 0,
  toMs: Number.POSITIVE_INFINITY,
  policy: 'euroncap-2026',
};

interface Result {
  readonly start: ReplayStart;
  readonly outputs: GraphOutput[];
  readonly report: ReplayReport;
}

async function run(
  options: Partial<ReplayOptions> = {},
  signal = new AbortController().signal,
): Promise<Result> {
  const outputs: GraphOutput[] = [];
  const starts: ReplayStart[] = [];
  const report = await runReplay(
    { ...whole, ...options },
    {
      start: (start) => starts.push(start),
      post: (batch) => outputs.push(...batch.outputs),
      ready: () => Promise.resolve(),
    },
    signal,
  );
  return { start: starts[0], outputs, report };
}

function tallyOf(outputs: readonly GraphOutput[]): ReturnType<typeof addToTally> {
  return outputs.reduce(addToTally, emptyTally);
}

describe('replay in lock-step', () => {
  let result: Result;
  beforeAll(async () => {
    result = await run();
  });

  it('finds the blinks and the one microsleep of the rendered driver', () => {
    const tally = tallyOf(result.outputs);
    expect(tally.frames).toBe(120);
    expect(tally.framesWithFace).toBe(120);
    expect(tally.blinks).toBe(3);
    expect(tally.longClosures).toHaveLength(1);
    expect(tally.alerts.map(({ rule }) => rule)).toEqual(['microsleep']);
    // The lids close at frame 60 of 15 a second; the state holds from 1.0 s of closure on.
    expect(tally.alerts[0].startedMs).toBeGreaterThanOrEqual(5000);
    expect(tally.alerts[0].startedMs).toBeLessThanOrEqual(5150);
    expect(tally.alerts[0].measured['speedKmh']).toBeCloseTo(80, 0);
  });

  it('is the same, byte for byte, the second time', async () => {
    const again = await run();
    expect(again.outputs.map(outputLine).join('\n')).toBe(result.outputs.map(outputLine).join('\n'));
    expect(again.start).toEqual(result.start);
  });

  it('drops nothing and says what it used', () => {
    expect(result.report.vision.dropped).toBe(0);
    expect(result.report.vision.completed).toBe(120);
    expect(result.report.pace).toBeNull();
    expect(result.report.damaged).toBeNull();
    expect(Object.keys(result.start.models)).toEqual([
      'face_detection_short_range',
      'face_landmarks_attention',
      'canonical_face_mesh',
      'eye_state',
    ]);
    expect(result.start.policy.id).toBe('euroncap-2026');
  });

  it('says that no phone is looked for, unless asked; then looks, the same way each time', async () => {
    const phones = (outputs: readonly GraphOutput[]): string[] =>
      outputs.flatMap((output) => {
        if (output.kind !== 'vehicle') return [];
        const sample = output.samples.find(({ path }) => path === 'Vehicle.Driver.Vigil.IsPhoneInUse');
        return sample === undefined ? [] : [sample.reason === '' ? String(sample.value) : sample.reason];
      });
    expect(phones(result.outputs).at(-1)).toBe('phoneDetectorUnproven');
    const looked = await run({ phone: true, toMs: 3000 });
    expect(phones(looked.outputs).at(-1)).toBe('false');
    expect(Object.keys(looked.start.models)).toContain('object_detection');
    const again = await run({ phone: true, toMs: 3000 });
    expect(again.outputs.map(outputLine)).toEqual(looked.outputs.map(outputLine));
  });

  it('names a driver outside the window given for the seat', async () => {
    const seat = { left: 0, top: 0, right: 0.2, bottom: 0.2 };
    const { outputs } = await run({ seat });
    const faults = outputs.flatMap((output) =>
      output.kind === 'measures' ? output.measures.faults.map(({ reason }) => reason) : [],
    );
    expect(faults).toContain('wrongSeat');
    expect(
      result.outputs.some((output) => output.kind === 'measures' && output.measures.faults.length > 0),
    ).toBe(false);
  });

  it('never says attentive before the driver has been measured', () => {
    const first = result.outputs.find((output) => output.kind === 'stateChanged');
    expect(first?.kind === 'stateChanged' && first.state.kind).toBe('calibrating');
  });

  it('puts its outputs out in order of time, source by source', () => {
    for (const kind of ['observation', 'measures', 'vehicle'] as const) {
      const times = result.outputs.filter((output) => output.kind === kind).map(({ t }) => t);
      expect(times).toEqual([...times].sort((a, b) => a - b));
      expect(times.length).toBeGreaterThan(50);
    }
  });

  it('replays a part: only frames from 2 s to 3 s', async () => {
    const part = await run({ fromMs: 2000, toMs: 3000 });
    const frames = part.outputs.filter((output) => output.kind === 'observation');
    expect(frames).toHaveLength(15);
    expect(frames[0].t).toBeGreaterThanOrEqual(2000);
    expect(part.report.endedMs).toBe(3000);
  });

  it('stops in good order when asked to', async () => {
    const abort = new AbortController();
    abort.abort();
    const stopped = await run({}, abort.signal);
    expect(stopped.report.interrupted).toBe(true);
    expect(stopped.outputs.filter((output) => output.kind === 'observation').length).toBeLessThan(120);
  });

  it('says what is wrong with a policy that does not exist', async () => {
    await expect(run({ policy: 'nobody' })).rejects.toMatchObject({ code: 'POLICY_UNREADABLE' });
  });
});

describe('replay of what is not whole', () => {
  const folder = mkdtempSync(join(tmpdir(), 'vigil-replay-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('without CAN: the speed is unknown, which is said, and a microsleep still raises its alert', async () => {
    const path = join(folder, 'no-can.mcap');
    const source = await openRecording(fixture);
    const { camera } = source.metadata;
    const writer = await RecordingWriter.create(path, { camera });
    for await (const message of source.messages({ topics: ['camera'] })) {
      if (message.kind === 'camera') await writer.addCamera(message);
    }
    await writer.close();
    await source.close();
    const { outputs, start } = await run({ path });
    expect(start.hasCan).toBe(false);
    const tally = tallyOf(outputs);
    expect(tally.alerts.map(({ rule }) => rule)).toEqual(['microsleep']);
    expect(tally.alerts[0].measured['speedKmh']).toBeNull();
    expect(tally.measures?.degradedBy).toContain('speedUnknown');
  });

  it('with a camera that falls silent: never attentive after that', async () => {
    const path = join(folder, 'silent.mcap');
    const source = await openRecording(fixture);
    const { camera, mapping, vehicle } = source.metadata;
    const writer = await RecordingWriter.create(path, { camera, mapping, vehicle, dbc: await source.dbc() });
    for await (const message of source.messages()) {
      if (message.kind === 'camera' && message.t < 3000) await writer.addCamera(message);
      if (message.kind === 'can') await writer.addCan(message.frames);
    }
    await writer.close();
    await source.close();
    const { outputs } = await run({ path });
    const changes = outputs.filter((output) => output.kind === 'stateChanged');
    const last = changes.at(-1);
    expect(last?.state).toMatchObject({ kind: 'unavailable', reason: 'cameraSilent' });
    expect(last?.t).toBeLessThan(5000);
  });

  it('damaged: replayed up to the last whole chunk, and the report says so', async () => {
    const path = join(folder, 'cut.mcap');
    const { readFileSync, writeFileSync } = await import('node:fs');
    const bytes = readFileSync(fixture);
    writeFileSync(path, bytes.subarray(0, Math.floor(bytes.length * 0.98)));
    const { report } = await run({ path });
    expect(report.damaged).not.toBeNull();
  });
});
