import { parseDbc } from '../src/can/dbc-parser.js';
import { FrameBatchBuilder } from '../src/can/frame-batch.js';
import type { CanFrames } from '../src/can/frames.js';
import { joinDatabases } from '../src/cli/monitor/databases.js';

/** A DBC with both byte orders, a cascade of multiplexers and an extended identifier. */
export const text = `VERSION ""
BU_: ECU
BO_ 37 STEER: 8 ECU
 SG_ ANGLE : 3|12@0- (1.5,0) [-500|500] "deg" ECU
 SG_ RATE : 35|12@0- (1,0) [0|0] "deg/s" ECU
BO_ 100 MIX: 8 ECU
 SG_ Kind M : 0|8@1+ (1,0) [0|0] "" ECU
 SG_ Pressure m1 : 8|16@1+ (0.1,0) [0|0] "bar" ECU
 SG_ Page m2M : 8|8@1+ (1,0) [0|0] "" ECU
 SG_ Deep m3 : 16|8@1+ (1,0) [0|0] "" ECU
BO_ 2566848512 J1: 8 ECU
 SG_ State : 0|2@1+ (1,0) [0|0] "" ECU
SG_MUL_VAL_ 100 Pressure Kind 1-1;
SG_MUL_VAL_ 100 Page Kind 2-2;
SG_MUL_VAL_ 100 Deep Page 3-3;
VAL_ 2566848512 State 0 "off" 1 "on" ;
`;
export const { database } = parseDbc(text, 'test.dbc');
export const databases = joinDatabases([database]);

/** A frame: time in ms, identifier, payload, `FrameFlag`s, channel. */
export type Row = readonly [
  t: number,
  id: number,
  bytes: readonly number[],
  flags?: number,
  channel?: number,
];

export function framesOf(rows: readonly Row[]): CanFrames {
  const builder = new FrameBatchBuilder();
  for (const [t, id, bytes, flags = 0, channel = 0] of rows)
    builder.add(t, id, Uint8Array.from(bytes), flags, channel);
  return builder.take();
}
