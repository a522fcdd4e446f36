import { readFileSync } from 'node:fs';
import { messageOf, VigilError } from '../runtime/errors.js';
import { atSpeechRate } from './resampler.js';

export interface Recording {
  /** Hz. */
  readonly rate: number;
  /** Channels averaged; -1 to 1. */
  readonly samples: Float32Array;
}

const pcm = 1;
const float = 3;
const extensible = 0xfffe;

/**
 * Reads a RIFF WAVE file: PCM of 8, 16, 24 or 32 bits or 32-bit floats, any rate and number of channels. A data chunk
 * longer than the file, as recorders that were cut off leave it, ends with the file.
 * @param source named in errors
 * @throws VigilError `AUDIO_INVALID`
 */
export function parseWav(bytes: Uint8Array, source: string): Recording {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const tag = (at: number): string =>
    at + 4 > bytes.length ? '' : Buffer.from(bytes.subarray(at, at + 4)).toString('latin1');
  if (tag(0) !== 'RIFF' || tag(8) !== 'WAVE') throw invalid(source, 'a RIFF WAVE file', 'another');
  let format: { kind: number; channels: number; rate: number; bits: number } | undefined;
  for (let at = 12; at + 8 <= bytes.length;) {
    const name = tag(at);
    const from = at + 8;
    const size = Math.min(view.getUint32(at + 4, true), bytes.length - from);
    if (name === 'fmt ' && size >= 16) {
      const kind = view.getUint16(from, true);
      format = {
        kind: kind === extensible && size >= 26 ? view.getUint16(from + 24, true) : kind,
        channels: view.getUint16(from + 2, true),
        rate: view.getUint32(from + 4, true),
        bits: view.getUint16(from + 14, true),
      };
    } else if (name === 'data') {
      if (format === undefined) throw invalid(source, 'a format before the data', 'none');
      const { kind, channels, rate, bits } = format;
      const sample = reader(kind, bits, view);
      if (sample === undefined || channels === 0 || rate === 0)
        throw invalid(source, 'PCM or 32-bit floats', `format ${kind} of ${bits} bits, ${channels} channels`);
      const bytesPerFrame = (channels * bits) / 8;
      const samples = new Float32Array(Math.floor(size / bytesPerFrame));
      for (let i = 0; i < samples.length; i++) {
        let sum = 0;
        for (let c = 0; c < channels; c++) sum += sample(from + i * bytesPerFrame + (c * bits) / 8);
        samples[i] = sum / channels;
      }
      return { rate, samples };
    }
    at = from + size + (size & 1);
  }
  throw invalid(source, 'a data chunk', 'none');
}

/** A file as it is. @throws VigilError `AUDIO_UNREADABLE`, `AUDIO_INVALID` */
export function readWav(path: string): Recording {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw new VigilError(
      'AUDIO_UNREADABLE',
      `Expected a recording at ${path} but: ${messageOf(error)}.`,
      '',
      { path },
      { cause: error },
    );
  }
  return parseWav(bytes, path);
}

/** A file at 16 kHz. @throws VigilError `AUDIO_UNREADABLE`, `AUDIO_INVALID`, `INVALID_ARGUMENT` for its rate */
export function readSpeech(path: string): Float32Array {
  const { rate, samples } = readWav(path);
  return atSpeechRate(samples, rate);
}

/** Reads one sample at a byte position as -1 to 1. */
function reader(kind: number, bits: number, view: DataView): ((at: number) => number) | undefined {
  if (kind === float && bits === 32) return (at) => view.getFloat32(at, true);
  if (kind !== pcm) return undefined;
  switch (bits) {
    case 8:
      return (at) => (view.getUint8(at) - 128) / 128;
    case 16:
      return (at) => view.getInt16(at, true) / 32_768;
    case 24:
      return (at) => ((view.getInt8(at + 2) << 16) | view.getUint16(at, true)) / 8_388_608;
    case 32:
      return (at) => view.getInt32(at, true) / 2_147_483_648;
    default:
      return undefined;
  }
}

function invalid(source: string, expected: string, came: string): VigilError {
  return new VigilError(
    'AUDIO_INVALID',
    `Expected ${expected} in ${source} but found ${came}.`,
    'Convert the recording to 16-bit PCM WAVE.',
    { source },
  );
}
