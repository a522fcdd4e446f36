import { VigilError } from '../../src/runtime/errors.js';
import { decodeFrames } from './can-batch.js';
import { nsPerMs } from './drive-time.js';
import type { RawMessage } from './merge.js';
import { topics, type RecordedAudio, type RecordedCamera, type RecordedMessage } from './message.js';
import { messageType } from './schemas.js';

/** Field values as protobufjs gives them for the two input types that we read by our own schema. */
interface CompressedImage {
  readonly data: Uint8Array;
  readonly format: string;
}

interface RawAudio {
  readonly data: Uint8Array;
  readonly format: string;
  readonly sampleRate: number;
  readonly numberOfChannels: number;
}

function wrongFormat(topic: string, expected: string, actual: string): VigilError {
  return new VigilError(
    'RECORDING_UNSUPPORTED',
    `Expected ${expected} on topic ${topic} but found ${JSON.stringify(actual)}.`,
    'Import it again with `vigil import`.',
    { topic },
  );
}

function readCamera(message: RawMessage): RecordedCamera {
  const { data, format } = messageType('foxglove.CompressedImage').decode(
    message.data,
  ) as unknown as CompressedImage;
  if (format !== 'jpeg') throw wrongFormat(topics.camera, 'JPEG frames', format);
  return { kind: 'camera', t: message.ns / nsPerMs, sequence: message.sequence, format, data };
}

/** Samples need an address that is a multiple of two, which a field of a message may not have. */
function samplesOf(data: Uint8Array): Int16Array {
  const aligned = data.byteOffset % 2 === 0 ? data : Uint8Array.from(data);
  return new Int16Array(aligned.buffer, aligned.byteOffset, aligned.byteLength >> 1);
}

function readAudio(message: RawMessage): RecordedAudio {
  const audio = messageType('foxglove.RawAudio').decode(message.data) as unknown as RawAudio;
  if (audio.format !== 'pcm-s16') throw wrongFormat(topics.audio, '16-bit samples (pcm-s16)', audio.format);
  return {
    kind: 'audio',
    t: message.ns / nsPerMs,
    sampleRateHz: audio.sampleRate,
    channels: audio.numberOfChannels,
    samples: samplesOf(audio.data),
  };
}

/** How messages of a topic are read: inputs into what they are, everything else stays encoded. */
export function messageReader(topic: string, typeName: string): (message: RawMessage) => RecordedMessage {
  if (topic === topics.camera && typeName === 'foxglove.CompressedImage') return readCamera;
  if (topic === topics.audio && typeName === 'foxglove.RawAudio') return readAudio;
  if (topic === topics.can && typeName === 'vigil.CanFrames') {
    return (message) => ({ kind: 'can', t: message.ns / nsPerMs, frames: decodeFrames(message.data) });
  }
  return (message) => ({ kind: 'output', t: message.ns / nsPerMs, topic, typeName, data: message.data });
}
