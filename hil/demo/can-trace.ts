import { candumpText } from '../../src/can/candump-text.js';
import type { DbcDatabase, DbcMessage } from '../../src/can/dbc.js';
import { encodeMessage } from '../../src/can/encode.js';
import type { MessageValues } from '../../src/can/encode.js';
import { FrameBatchBuilder } from '../../src/can/frame-batch.js';
import type { CanFrames } from '../../src/can/frames.js';
import { VigilError } from '../../src/runtime/errors.js';
import { schedule } from './bus.js';
import { counterValues, profile1Checksum } from '../../src/can/validity/profile1.js';
import { signalModels } from './message-values.js';
import type { SignalModel } from './message-values.js';
import { randomUniform } from './noise.js';
import { distanceTable } from './speed-profile.js';

export interface DemoTraceOptions {
  /** The demo vehicle's DBC (signals/dbc/vigil-demo.dbc). */
  readonly database: DbcDatabase;
  /** Length of the drive, ms; after 200 s the last speed holds. */
  readonly durationMs?: number;
  /** Of the sensors' noise and the senders' jitter. */
  readonly seed?: number;
  /** Time of the drive's start on the drive clock, ms. */
  readonly startMs?: number;
  /** A sender wakes up within this share of its period around the nominal instant. */
  readonly jitterShare?: number;
}

/** One message at the instant it was on the bus, as physical values or names of values. */
export interface DemoMessage {
  /** Drive clock, ms. */
  readonly t: number;
  readonly message: DbcMessage;
  readonly values: MessageValues;
}

interface Sender {
  readonly id: number;
  readonly length: number;
  readonly periodMs: number;
  readonly message: DbcMessage;
  readonly model: SignalModel;
  readonly uniform: () => number;
}

const distanceStepS = 0.01;

function senderOf(message: DbcMessage, seed: number): Sender[] {
  const { id, length, name, cycleTimeMs } = message;
  if (cycleTimeMs === undefined) return [];
  const model = signalModels.get(name);
  if (model === undefined) {
    throw new VigilError(
      'DEMO_MESSAGE_UNKNOWN',
      `Expected a message that the demo drive knows how to fill but the DBC has ${name}.`,
      'Describe it in hil/demo/message-values.ts.',
      { message: name },
    );
  }
  return [
    {
      id,
      length,
      periodMs: cycleTimeMs,
      message,
      model,
      uniform: randomUniform(Math.imul(seed + 1, 0x85ebca6b) ^ id),
    },
  ];
}

/**
 * The synthetic CAN traffic of the demo drive: every cyclic message of the demo vehicle at its period (with a
 * little jitter), filled from one model of the drive, so that speed, wheels, pedals, steering and yaw agree. Pure:
 * the same options give the same trace.
 *
 * Speed is at least 50 km/h for the first 30 s and at least 100 km/h from 110 s to 180 s; the car stands only
 * between 52.2 s and 57.4 s. The alive counter is filled in; the checksum is left 0 for the encoder.
 * @throws VigilError `DEMO_MESSAGE_UNKNOWN`.
 */
export function* demoTrace(options: DemoTraceOptions): Generator<DemoMessage> {
  const { database, durationMs = 200_000, seed = 1, startMs = 0, jitterShare = 0.01 } = options;
  const senders = database.messages.flatMap((message) => senderOf(message, seed));
  const distances = distanceTable(durationMs / 1000, distanceStepS);
  for (const { t, message: sender, count } of schedule(senders, { startMs, durationMs, seed, jitterShare })) {
    const s = (t - startMs) / 1000;
    const distanceM = distances[Math.min(distances.length - 1, Math.round(s / distanceStepS))];
    const values = sender.model({ s, distanceM, uniform: sender.uniform });
    yield { t, message: sender.message, values: { ...values, AliveCounter: count % counterValues, Crc: 0 } };
  }
}

/** Payload of a message with its checksum, when the DBC gives it a Data ID. */
function protectedPayload({ message, values }: DemoMessage): Uint8Array {
  const payload = encodeMessage(message, values);
  const dataId = message.attributes.get('E2EDataId');
  return typeof dataId === 'number'
    ? encodeMessage(message, { Crc: profile1Checksum(dataId, payload) }, payload)
    : payload;
}

/**
 * The demo drive's traffic as frames of one channel, in order of time.
 * @throws VigilError as `demoTrace` and `encodeMessage`.
 */
export function demoCanFrames(options: DemoTraceOptions): CanFrames {
  const builder = new FrameBatchBuilder(65_536);
  for (const item of demoTrace(options)) builder.add(item.t, item.message.id, protectedPayload(item));
  return builder.take();
}

/** The demo drive's traffic as text, in the form of `candump -L`. */
export function demoCandump(options: DemoTraceOptions): string {
  return candumpText(demoCanFrames(options));
}
