import { existsSync } from 'node:fs';
import { readFile, readdir, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { importDrive, type ImportOptions } from '../hil/import/import-drive.js';
import { Lookahead, interleave } from '../hil/import/interleave.js';
import { jpegSize, splitJpegs } from '../hil/import/jpeg-stream.js';
import type { RecordedMessage } from '../hil/recording/message.js';
import { openRecording } from '../hil/recording/reader.js';
import { dbcText, readAll } from './60-support/drive.js';
import { rowsOf } from './60-support/frames.js';
import { probedStamps } from './60-support/media.js';
import { canLog, importInputs } from './64-support.js';

let folder: string;
let clean: () => Promise<void>;
const at = (name: string) => join(folder, name);

beforeAll(async () => {
  ({ folder, clean } = await importInputs());
});

afterAll(() => clean());

function ofKind<K extends RecordedMessage['kind']>(messages: RecordedMessage[], kind: K) {
  return messages.filter(
    (message): message is Extract<RecordedMessage, { kind: K }> => message.kind === kind,
  );
}

let outputs = 0;

/** Imports to a new file and gives what is in it. */
async function imported(options: Omit<ImportOptions, 'output'>) {
  const output = at(`out-${outputs++}.mcap`);
  const summary = await importDrive({ ...options, output });
  return { summary, output, messages: await readAll(output) };
}

async function failure(options: Partial<ImportOptions>): Promise<unknown> {
  const output = options.output ?? at(`failed-${outputs++}.mcap`);
  const before = existsSync(output);
  const error = await importDrive({ output, ...options }).then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(existsSync(output)).toBe(before);
  expect((await readdir(folder)).filter((name) => name.includes('.partial-'))).toEqual([]);
  return error;
}

describe('import', () => {
  it('puts video, CAN and sound into one recording', async () => {
    const { summary, output, messages } = await imported({
      ...{ video: at('video.mp4'), audio: at('video.mp4'), can: at('drive.log'), dbc: at('car.dbc') },
      ...{
        vehicle: 'bench car',
        mapping: 'bench',
        mount: { yawDeg: 12, rollDeg: -3, horizontalFovDeg: 70, mirrored: true, positionM: [0.5, 0.1, 0.2] },
        cabin: 'generic-rhd',
        seat: { left: 0.4, top: 0, right: 1, bottom: 0.9 },
        startedAt: { utcMs: 1_780_000_000_000, utcOffsetMin: -300 },
      },
    });
    const frames = ofKind(messages, 'camera');
    expect(frames.map(({ t }) => t)).toEqual(await probedStamps(at('video.mp4')));
    expect(frames.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 20 }, (_, i) => i));
    expect(jpegSize(frames[7].data)).toEqual({ width: 96, height: 64 });
    const rows = ofKind(messages, 'can').flatMap(({ frames: batch }) => rowsOf(batch));
    expect(rows.map(({ t, id, flags, channel }) => ({ t, id, flags, channel }))).toEqual([
      { t: 0, id: 0x123, flags: 0, channel: 0 },
      { t: 10, id: 0x1abcdef0, flags: 1, channel: 0 },
      { t: 1500, id: 0x100, flags: 8 + 16, channel: 1 },
      { t: 1499.8, id: 0x7ff, flags: 0, channel: 0 },
      { t: 2500.1, id: 0x123, flags: 0, channel: 0 },
    ]);
    const sound = ofKind(messages, 'audio');
    expect(sound[0]).toMatchObject({ t: 20, sampleRateHz: 16000, channels: 1 });
    const samples = sound.flatMap((block) => Array.from(block.samples));
    expect(samples.length / 16000).toBeCloseTo(2, 1);
    // 440 Hz: it passes 0 upwards 440 times a second.
    const second = samples.slice(8000, 24000);
    const passes = second.filter((value, i) => value >= 0 && (second[i - 1] ?? 0) < 0).length;
    expect(Math.abs(passes - 440)).toBeLessThanOrEqual(1);
    const recording = await openRecording(output);
    expect(recording.metadata).toMatchObject({
      vehicle: 'bench car',
      mapping: 'bench',
      cabin: 'generic-rhd',
      wallClock: { utcMs: 1_780_000_000_000, utcOffsetMin: -300 },
      origin: 'imported from video.mp4, drive.log',
      camera: {
        nominalFps: 10,
        width: 96,
        height: 64,
        seat: { left: 0.4, top: 0, right: 1, bottom: 0.9 },
        mount: {
          yawDeg: 12,
          pitchDeg: 0,
          rollDeg: -3,
          horizontalFovDeg: 70,
          mirrored: true,
          positionM: [0.5, 0.1, 0.2],
        },
      },
      clockOffsetsMs: { camera: 0, audio: 0, can: -1700000000000.1 },
    });
    expect(new TextDecoder().decode((await recording.dbc())?.data)).toBe(dbcText);
    expect(recording.damaged).toBeNull();
    await recording.close();
    expect(summary.losses).toEqual([]);
    expect(summary.bytes).toBe((await stat(output)).size);
    expect(summary.sources).toMatchObject({ camera: { frames: 20, fps: 10 }, can: { frames: 5 } });
  });

  it('keeps the stamps of a video with an uneven rate', async () => {
    const { messages } = await imported({ video: at('uneven.mkv') });
    const expected = await probedStamps(at('uneven.mkv'));
    expect(expected.at(-1)! - expected.at(-2)!).toBeCloseTo(350, 3);
    expect(messages.map(({ t }) => t)).toEqual(expected);
  });

  it('scales pictures', async () => {
    const { messages } = await imported({ video: at('video.mp4'), width: 48, jpegQuality: 10 });
    expect(jpegSize(ofKind(messages, 'camera')[0].data)).toEqual({ width: 48, height: 32 });
  });

  it('places the sources by their offsets', async () => {
    const { messages, summary } = await imported({
      ...{ video: at('video.mp4'), can: at('drive.log'), audio: at('video.mp4') },
      ...{ videoOffsetMs: 3000, canOffsetMs: 250.5, audioOffsetMs: 1000 },
    });
    expect(ofKind(messages, 'camera')[0].t).toBe(3000);
    expect(ofKind(messages, 'audio')[0].t).toBe(1020);
    expect(ofKind(messages, 'can')[0].frames.t[0]).toBe(250.5);
    expect(summary.clockOffsetsMs).toMatchObject({ camera: 3000, audio: 1000 });
    for (let i = 1; i < messages.length; i++) expect(messages[i].t).toBeGreaterThanOrEqual(messages[i - 1].t);
  });

  it('moves the whole drive when something would begin before 0', async () => {
    const { messages, summary } = await imported({
      video: at('video.mp4'),
      can: at('drive.log'),
      canOffsetMs: -750,
    });
    expect(ofKind(messages, 'can')[0].frames.t[0]).toBe(0);
    expect(ofKind(messages, 'camera')[0].t).toBe(750);
    expect(ofKind(messages, 'camera')).toHaveLength(20);
    expect(summary.clockOffsetsMs['camera']).toBe(750);
    expect(summary.durationMs).toBeCloseTo(2650, 3);
  });

  it("takes a log's own stamps when they are the drive's, and refuses dates", async () => {
    const { messages } = await imported({
      can: at('drive.log'),
      canAbsolute: true,
      canOffsetMs: -1699999990_000,
    });
    expect(ofKind(messages, 'can')[0].frames.t[0]).toBe(10_000.1);
    expect(await failure({ can: at('drive.log'), canAbsolute: true })).toMatchObject({
      code: 'CAN_LOG_STAMPS',
    });
  });

  it('gives the same bytes again', async () => {
    const options = {
      video: at('video.mp4'),
      audio: at('video.mp4'),
      can: at('drive.log'),
      dbc: at('car.dbc'),
    };
    const [first, second] = [await imported(options), await imported(options)];
    expect((await readFile(first.output)).equals(await readFile(second.output))).toBe(true);
  });
});

describe('import of damaged files', () => {
  it('goes on after damaged CAN lines and says how many', async () => {
    await writeFile(
      at('damaged.log'),
      `${canLog.split('\n').slice(0, 2).join('\n')}\nnonsense\n(12) can0 12\n(1700000003.0) can0 12`,
    );
    const { summary, messages } = await imported({ can: at('damaged.log') });
    expect(ofKind(messages, 'can').flatMap(({ frames }) => rowsOf(frames))).toHaveLength(2);
    expect(summary.losses[0]).toMatch(/CAN log: \d damaged records left out, first at line 3/);
    expect(summary.losses).toContain('CAN log: the end is cut off; what is whole was read');
  });

  it('keeps what a video that was cut off still has', async () => {
    await writeFile(at('cut.mp4'), await readFile(at('video.mp4')));
    await truncate(at('cut.mp4'), Math.round((await stat(at('video.mp4'))).size * 0.7));
    const { summary, messages } = await imported({ video: at('cut.mp4') });
    expect(messages.length).toBeGreaterThan(2);
    expect(messages.length).toBeLessThan(20);
    expect(summary.losses).toEqual([
      expect.stringMatching(/^video damaged; \d+ frames up to [\d.]+ s were read; ffmpeg says: .*$/),
    ]);
    expect(summary.losses[0]).not.toMatch(/0x[0-9a-f]{6}/);
  });

  it('leaves out frames that a log stamps before its start', async () => {
    const late = Array.from({ length: 5000 }, (_, i) => `(${(1000 + i / 1000).toFixed(6)}) can0 100#00`);
    await writeFile(
      at('restarted.log'),
      `${late.join('\n')}\n(1.000000) can0 100#00\n(1006.000000) can0 100#00\n`,
    );
    const { summary, messages } = await imported({ can: at('restarted.log') });
    expect(summary.losses).toEqual(['CAN log steps back to before its start: 1 frames left out']);
    expect(messages.at(-1)?.t).toBe(6000);
  });
});

describe('import refuses', () => {
  it('to start without an input', async () => {
    expect(await failure({})).toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  it.each([
    ['video', 'VIDEO_UNREADABLE', 'ffmpeg'],
    ['audio', 'AUDIO_UNREADABLE', 'ffmpeg'],
    ['can', 'LOG_FORMAT_UNKNOWN', 'candump'],
    ['dbc', 'DBC_UNREADABLE', 'BO_'],
  ])('a %s that is none', async (kind, code, hint) => {
    await writeFile(at('rubbish'), 'this is nothing\nat all\n');
    const error = await failure({ can: at('drive.log'), [kind]: at('rubbish') });
    expect(error).toMatchObject({
      name: 'VigilError',
      code,
      message: expect.stringContaining(hint) as string,
    });
  });

  it.each(['video', 'audio', 'can', 'dbc'])('a %s that is not there, or is a folder', async (kind) => {
    expect(
      await failure({ [kind]: at('nowhere'), can: kind === 'can' ? at('nowhere') : at('drive.log') }),
    ).toMatchObject({ code: 'FILE_NOT_FOUND' });
    expect(await failure({ [kind]: folder, ...(kind !== 'can' && { can: at('drive.log') }) })).toMatchObject({
      code: 'FILE_NOT_FOUND',
    });
  });

  it('a video without sound as sound, with the reason', async () => {
    expect(await failure({ audio: at('uneven.mkv') })).toMatchObject({
      code: 'AUDIO_UNREADABLE',
      message: expect.stringContaining('it has no audio stream') as string,
    });
  });

  it('to overwrite, unless forced', async () => {
    const output = at('mine.mcap');
    await writeFile(output, 'mine');
    expect(await failure({ can: at('drive.log'), output })).toMatchObject({ code: 'OUTPUT_EXISTS' });
    expect(await readFile(output, 'utf8')).toBe('mine');
    await importDrive({ can: at('drive.log'), output, force: true });
    expect(await readAll(output)).not.toHaveLength(0);
  });

  it('to overwrite what appears while it works', async () => {
    const output = at('race.mcap');
    const error = await importDrive({
      ...{ can: at('drive.log'), video: at('video.mp4'), output },
      onProgress: () => void (existsSync(output) || writeFile(output, 'theirs')),
    }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'OUTPUT_EXISTS' });
    expect(await readFile(output, 'utf8')).toBe('theirs');
  });

  it('to write over an input, even when forced', async () => {
    const error = await failure({ can: at('drive.log'), output: at('drive.log'), force: true });
    expect(error).toMatchObject({ code: 'OUTPUT_IS_INPUT' });
    expect(await readFile(at('drive.log'), 'utf8')).toBe(`${canLog}\n`);
  });

  it('a folder that is not there', async () => {
    expect(await failure({ can: at('drive.log'), output: at('no/such/out.mcap') })).toMatchObject({
      code: 'OUTPUT_FOLDER',
    });
  });

  it('to go on when told to stop, and leaves nothing', async () => {
    const controller = new AbortController();
    const error = await failure({
      video: at('video.mp4'),
      signal: controller.signal,
      onProgress: () => controller.abort(),
    });
    expect(error).toMatchObject({ code: 'INTERRUPTED' });
    expect(await failure({ video: at('video.mp4'), signal: AbortSignal.abort() })).toMatchObject({
      code: 'INTERRUPTED',
    });
  });
});

describe('the pieces', () => {
  it('cut a stream of pictures at the same places however it arrives', async () => {
    const pictures = await importedPictures();
    const stream = Buffer.concat(pictures);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: stream.length }), { maxLength: 30 }),
        async (cuts) => {
          const edges = [0, ...cuts.toSorted((a, b) => a - b), stream.length];
          async function* parts() {
            for (let i = 1; i < edges.length; i++)
              yield Promise.resolve(stream.subarray(edges[i - 1], edges[i]));
          }
          const found: Uint8Array[] = [];
          for await (const picture of splitJpegs(parts())) found.push(picture);
          expect(found.map((picture) => picture.length)).toEqual(pictures.map((picture) => picture.length));
          expect(Buffer.concat(found).equals(stream)).toBe(true);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('interleave streams by time, first named first, each in its own order', async () => {
    const stream = fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(fc.array(stream, { maxLength: 4 }), async (streams) => {
        const sorted = streams.map((times, index) =>
          times.toSorted((a, b) => a - b).map((t) => ({ t, index })),
        );
        async function* items(list: { t: number; index: number }[]) {
          for (const item of list) yield await Promise.resolve(item);
        }
        const opened = await Promise.all(sorted.map((list) => Lookahead.open(items(list))));
        const merged: { t: number; index: number }[] = [];
        for await (const item of interleave(opened)) merged.push(item);
        expect(merged).toEqual(sorted.flat().toSorted((a, b) => a.t - b.t || a.index - b.index));
      }),
    );
  });
});

async function importedPictures(): Promise<Uint8Array[]> {
  const { messages } = await imported({ video: at('uneven.mkv') });
  return ofKind(messages, 'camera').map(({ data }) => data);
}
