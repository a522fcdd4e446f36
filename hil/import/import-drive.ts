import { access, constants, readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { describeProblem } from '../../src/can/dbc.js';
import { loadDbc, type ParsedDbc } from '../../src/can/dbc-parser.js';
import { writeDbc } from '../../src/can/dbc-writer.js';
import type { SeatWindow } from '../../src/camera/seat-window.js';
import type { WallClock } from '../../src/driver/trip/time-of-day.js';
import { VigilError } from '../../src/runtime/errors.js';
import type { CameraMount } from '../recording/metadata.js';
import { RecordingWriter, type EmbeddedFile, type RecordingHeader } from '../recording/writer.js';
import { AudioSource } from './audio.js';
import { CanLogSource } from './can-log.js';
import { Lookahead, interleave } from './interleave.js';
import { OutputFile } from '../../src/runtime/output-file.js';
import type { ImportItem, ImportSource } from './source.js';
import { VideoSource } from './video.js';

export interface ImportOptions {
  readonly output: string;
  readonly video?: string | undefined;
  readonly can?: string | undefined;
  readonly dbc?: string | undefined;
  readonly audio?: string | undefined;
  /** Added to a source's stamps, ms. */
  readonly videoOffsetMs?: number;
  readonly canOffsetMs?: number;
  readonly audioOffsetMs?: number;
  /** Take the log's stamps as they are instead of letting it begin at 0. */
  readonly canAbsolute?: boolean;
  /** Scale pictures to this width. */
  readonly width?: number | undefined;
  /** ffmpeg's scale, 2 (best, default) to 31. */
  readonly jpegQuality?: number;
  readonly vehicle?: string;
  readonly mapping?: string;
  readonly mount?: Partial<CameraMount>;
  /** Geometry in signals/cabin. */
  readonly cabin?: string | undefined;
  /** Where in the picture the driver's face belongs. */
  readonly seat?: SeatWindow | undefined;
  /** What time it was when offsets count from: at the beginning of a video, sound or CAN log without an offset. */
  readonly startedAt?: WallClock | undefined;
  readonly force?: boolean;
  readonly signal?: AbortSignal;
  /** @param doneMs drive time written; @param totalMs expected end, null when not known */
  readonly onProgress?: (doneMs: number, totalMs: number | null) => void;
}

export interface ImportSummary {
  readonly output: string;
  readonly bytes: number;
  readonly durationMs: number;
  /** What each source came to. */
  readonly sources: Readonly<Record<string, Readonly<Record<string, number | string>>>>;
  /** Added to the sources' own stamps, ms. */
  readonly clockOffsetsMs: Readonly<Record<string, number>>;
  /** What was lost on the way, one sentence each. */
  readonly losses: readonly string[];
  /** What may be of interest and cost nothing. */
  readonly notes: readonly string[];
}

async function requireReadable(what: string, file: string): Promise<void> {
  try {
    await access(file, constants.R_OK);
    if ((await stat(file)).isFile()) return;
  } catch {
    // Said below in the same words.
  }
  throw new VigilError(
    'FILE_NOT_FOUND',
    `Expected ${what} at ${file} but there is no readable file.`,
    'Check the path.',
    { file },
  );
}

async function openSources(options: ImportOptions): Promise<ImportSource[]> {
  const { signal, video, audio, can } = options;
  const sources: ImportSource[] = [];
  if (can !== undefined) {
    sources.push(
      new CanLogSource({
        file: can,
        offsetMs: options.canOffsetMs ?? 0,
        absolute: options.canAbsolute ?? false,
        signal,
      }),
    );
  }
  if (audio !== undefined)
    sources.push(await AudioSource.open({ file: audio, offsetMs: options.audioOffsetMs ?? 0, signal }));
  if (video !== undefined) {
    const { width = null, jpegQuality = 2, videoOffsetMs: offsetMs = 0 } = options;
    sources.push(await VideoSource.open({ file: video, offsetMs, width, jpegQuality, signal }));
  }
  return sources;
}

/** An item later by `shiftMs`, which keeps a drive from beginning before 0. */
async function writeItem(writer: RecordingWriter, item: ImportItem, shiftMs: number): Promise<void> {
  const t = item.t + shiftMs;
  switch (item.kind) {
    case 'camera':
      return writer.addCamera({ ...item.frame, t });
    case 'audio':
      return writer.addAudio({ ...item.block, t });
    case 'can':
      return writer.addCan(
        shiftMs === 0 ? item.frames : { ...item.frames, t: item.frames.t.map((stamp) => stamp + shiftMs) },
      );
  }
}

function offsetsOf(
  sources: readonly ImportSource[],
  shiftMs: number,
): Record<'camera' | 'audio' | 'can', number> {
  const offsets = { camera: 0, audio: 0, can: 0 };
  for (const source of sources) offsets[source.name] = source.offsetMs() + shiftMs;
  return offsets;
}

function earlier({ utcMs, utcOffsetMin }: WallClock, byMs: number): WallClock {
  return { utcMs: utcMs - byMs, utcOffsetMin };
}

function headerOf(
  options: ImportOptions,
  sources: readonly ImportSource[],
  dbc: EmbeddedFile | null,
  shiftMs: number,
): RecordingHeader {
  const video = sources.find((source) => source instanceof VideoSource);
  const files = [options.video, options.can, options.audio].filter((file) => file !== undefined);
  return {
    vehicle: options.vehicle ?? '',
    mapping: options.mapping ?? '',
    origin: `imported from ${[...new Set(files.map((file) => basename(file)))].join(', ')}`,
    dbc,
    ...(options.cabin === undefined ? {} : { cabin: options.cabin }),
    ...(options.startedAt === undefined ? {} : { wallClock: earlier(options.startedAt, shiftMs) }),
    camera: video?.format
      ? {
          ...video.format,
          ...(options.seat === undefined ? {} : { seat: options.seat }),
          mount: { positionM: null, yawDeg: 0, pitchDeg: 0, mirrored: false, ...options.mount },
        }
      : null,
    clockOffsetsMs: offsetsOf(sources, shiftMs),
  };
}

interface Written {
  readonly durationMs: number;
  readonly clockOffsetsMs: Readonly<Record<string, number>>;
}

async function writeAll(
  options: ImportOptions,
  sources: readonly ImportSource[],
  dbc: EmbeddedFile | null,
  path: string,
): Promise<Written> {
  const streams: Lookahead<ImportItem>[] = [];
  let writer: RecordingWriter | undefined;
  try {
    for (const { items } of sources) streams.push(await Lookahead.open(items));
    // What an offset would put before the drive moves the whole drive instead: nothing is cut away.
    const shiftMs = Math.max(0, ...sources.map((source) => -source.firstMs()));
    writer = await RecordingWriter.create(path, headerOf(options, sources, dbc, shiftMs), {
      overwrite: true,
    });
    const known = sources.map(({ durationMs }) => durationMs).filter((ms) => ms !== null);
    const totalMs = known.length === 0 ? null : Math.max(...known) + shiftMs;
    let durationMs = 0;
    for await (const item of interleave(streams)) {
      options.signal?.throwIfAborted();
      await writeItem(writer, item, shiftMs);
      durationMs = Math.max(durationMs, item.t + shiftMs);
      options.onProgress?.(durationMs, totalMs);
    }
    await writer.close();
    return { durationMs, clockOffsetsMs: offsetsOf(sources, shiftMs) };
  } finally {
    for (const stream of streams) await stream.close();
    await writer?.abort();
  }
}

function interrupted(options: ImportOptions): VigilError {
  return new VigilError(
    'INTERRUPTED',
    `Expected to finish ${options.output} but was interrupted; nothing is left of it.`,
  );
}

/** As it lies on disk; one that imports others is written out whole, as a recording holds one file. */
async function embeddedDbc({ dbc }: ImportOptions, loaded: ParsedDbc | null): Promise<EmbeddedFile | null> {
  if (dbc === undefined || loaded === null) return null;
  const whole = loaded.imports.length > 0;
  const data = whole ? new TextEncoder().encode(writeDbc(loaded.database)) : await readFile(dbc);
  return { name: basename(dbc), data };
}

/** Problems shown one by one; a large DBC can have hundreds. */
const maxDbcNotes = 10;

function dbcNotes({ problems }: ParsedDbc): string[] {
  const notes = problems.slice(0, maxDbcNotes).map((problem) => `DBC ${describeProblem(problem)}`);
  const more = problems.length - notes.length;
  return more > 0 ? [...notes, `DBC: ${more} more problems; \`vigil dump\` lists them`] : notes;
}

/**
 * Makes one recording of a video, a CAN log and a sound file, each optional. The drive's clock begins at 0 with
 * whatever comes first; offsets place the sources against each other.
 * @throws VigilError `INVALID_ARGUMENT`, `FILE_NOT_FOUND`, `OUTPUT_EXISTS`, `OUTPUT_IS_INPUT`, `OUTPUT_FOLDER`,
 *   `FFMPEG_MISSING`, `VIDEO_UNREADABLE`, `AUDIO_UNREADABLE`, `CAN_LOG_EMPTY`, `CAN_LOG_STAMPS`, `INTERRUPTED`,
 *   `RECORDING_WRITE_FAILED`
 */
export async function importDrive(options: ImportOptions): Promise<ImportSummary> {
  const { video, can, audio, dbc } = options;
  if (video === undefined && can === undefined && audio === undefined) {
    throw new VigilError(
      'INVALID_ARGUMENT',
      'Expected at least one of --video, --can and --audio but received none.',
    );
  }
  const inputs = Object.entries({
    'a video': video,
    'a CAN log': can,
    'a sound file': audio,
    'a DBC file': dbc,
  });
  const files: string[] = [];
  for (const [what, file] of inputs) {
    if (file === undefined) continue;
    await requireReadable(what, file);
    files.push(file);
  }
  // Read now, so that a file that is no DBC is found before an hour of video is.
  const loaded = dbc === undefined ? null : loadDbc(dbc);
  const output = await OutputFile.plan(options.output, options.force ?? false, files);
  try {
    const sources = await openSources(options);
    const written = await writeAll(options, sources, await embeddedDbc(options, loaded), output.temporary);
    await output.publish();
    return {
      output: output.path,
      bytes: (await stat(output.path)).size,
      ...written,
      sources: Object.fromEntries(sources.map((source) => [source.name, source.facts()])),
      losses: sources.flatMap((source) => source.losses()),
      notes: loaded === null ? [] : dbcNotes(loaded),
    };
  } catch (error) {
    await output.discard();
    throw options.signal?.aborted ? interrupted(options) : error;
  }
}
