import { VigilError } from '../../src/runtime/errors.js';
import { MediaProgram, inputArguments } from './ffmpeg.js';

/** What ffprobe says about a file's first video or audio stream. */
export interface MediaFacts {
  /** Length in ms; null when the file does not say. */
  readonly durationMs: number | null;
  /** Nominal frame rate; null for sound and where it is not known. */
  readonly fps: number | null;
  readonly codec: string;
}

interface ProbeOutput {
  readonly streams?: readonly { codec_name?: string; avg_frame_rate?: string; duration?: string }[];
  readonly format?: { readonly duration?: string };
}

/** "30000/1001" -> 29.97; null for "0/0". */
function rateOf(text: string | undefined): number | null {
  const [numerator, denominator] = (text ?? '').split('/').map(Number);
  const rate = numerator / denominator;
  return Number.isFinite(rate) && rate > 0 ? rate : null;
}

function durationOf(...texts: (string | undefined)[]): number | null {
  for (const text of texts) {
    const seconds = Number.parseFloat(text ?? '');
    if (seconds > 0) return seconds * 1000;
  }
  return null;
}

async function textOf(stream: AsyncIterable<Buffer>): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts).toString('utf8');
}

/**
 * @param kind which stream must be there
 * @throws VigilError `FFMPEG_MISSING`, `VIDEO_UNREADABLE`, `AUDIO_UNREADABLE`
 */
export async function probe(
  file: string,
  kind: 'video' | 'audio',
  signal?: AbortSignal,
): Promise<MediaFacts> {
  const select = kind === 'video' ? 'v:0' : 'a:0';
  const entries = 'format=duration:stream=codec_name,avg_frame_rate,duration';
  const options = ['-v', 'error', '-select_streams', select, '-show_entries', entries, '-of', 'json'];
  const program = new MediaProgram('ffprobe', [...options, ...inputArguments(file)], 1, signal);
  const text = await textOf(program.stdout);
  const { code, complaints } = await program.end;
  signal?.throwIfAborted();
  const { streams, format } = code === 0 ? (JSON.parse(text) as ProbeOutput) : {};
  const stream = streams?.at(0);
  if (!stream) {
    const reason = complaints.at(-1) ?? `it has no ${kind} stream`;
    throw new VigilError(
      kind === 'video' ? 'VIDEO_UNREADABLE' : 'AUDIO_UNREADABLE',
      `Expected ${kind} that ffmpeg can read in ${file} but: ${reason}.`,
      '',
      { file },
    );
  }
  return {
    durationMs: durationOf(stream.duration, format?.duration),
    fps: rateOf(stream.avg_frame_rate),
    codec: stream.codec_name ?? '',
  };
}
