import { parseDbc } from '../../src/can/dbc-parser.js';
import type { DbcDatabase } from '../../src/can/dbc.js';
import { FrameBatchBuilder } from '../../src/can/frame-batch.js';
import type { CanFrames } from '../../src/can/frames.js';
import type { ValidityChecker } from '../../src/can/validity/checker.js';
import { parseValidity } from '../../src/can/validity/rules-file.js';
import type { ValidityRules } from '../../src/can/validity/rules.js';

const messages = 40;
export const batchFrames = 4096;

/** 40 messages of 8 bytes with 6 signals: both byte orders, a sign, a counter and a checksum. */
export const trafficDbc = Array.from(
  { length: messages },
  (_, m) => `BO_ ${0x100 + 16 * m} M${m}: 8 A
 SG_ Crc : 0|8@1+ (1,0) [0|0] "" A
 SG_ Counter : 8|4@1+ (1,0) [0|0] "" A
 SG_ Gear : 12|4@1+ (1,0) [0|0] "" A
 SG_ Torque : 16|16@1- (0.5,-10) [0|0] "" A
 SG_ Speed : 39|16@0+ (0.01,0) [0|0] "" A
 SG_ Angle : 48|16@1- (0.1,0) [0|0] "" A
`,
).join('');

export const signalsPerFrame = 6;

export function trafficDatabase(): DbcDatabase {
  return parseDbc(trafficDbc).database;
}

/** AUTOSAR E2E profile 1 on every message. */
export function trafficRules(): ValidityRules {
  const text = `validity: traffic
about: Benchmark traffic.
rules:
  - messages: all
    checksum: { kind: e2e-p01, signal: Crc, dataId: 0x123 }
    counter: { signal: Counter, maxDelta: 1 }
`;
  return parseValidity(text, 'traffic.yaml');
}

/** Batches with the checker's messages in turn, counters running, checksums right, the rest pseudo-random. */
export function protectedTraffic(checker: ValidityChecker, frames: number): CanFrames[] {
  const { messages: known } = checker.plan;
  const builder = new FrameBatchBuilder(batchFrames);
  const batches: CanFrames[] = [];
  let state = 0x9e3779b9;
  for (let i = 0; i < frames; i++) {
    const message = known[i % known.length];
    const payload = new Uint8Array(message.length);
    for (let k = 0; k < payload.length; k++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      payload[k] = state >>> 24;
    }
    checker.protect(message.name, payload, Math.floor(i / known.length));
    builder.add(i * 0.25, message.id, payload);
    if (builder.count === batchFrames || i === frames - 1) batches.push(builder.take());
  }
  return batches;
}
