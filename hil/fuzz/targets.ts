import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { decodeDbcBytes, parseDbc } from '../../src/can/dbc-parser.js';
import { writeDbc } from '../../src/can/dbc-writer.js';
import type { CanFrames } from '../../src/can/frames.js';
import { Slcan } from '../../src/can/live/slcan.js';
import { Socketcand } from '../../src/can/live/socketcand.js';
import type { TextProtocol } from '../../src/can/live/text-protocol.js';
import type { LogFormat, LogSource } from '../../src/can/logs/log-format.js';
import { logFormats } from '../../src/can/logs/registry.js';
import { parseValidity } from '../../src/can/validity/rules-file.js';
import { VigilError } from '../../src/runtime/errors.js';
import { packageRoot, signalsDir } from '../../src/runtime/paths.js';
import { parseMapping } from '../../src/vehicle/mapping-file.js';
import type { Random } from './mutate.js';

/** A parser under test: whatever the bytes, it reads them or throws a `VigilError`; anything else is a finding. */
export interface Target {
  readonly name: string;
  readonly samples: readonly Buffer[];
  /** Longer inputs are cut. */
  readonly longest?: number;
  run(bytes: Buffer, random: Random): Promise<void> | void;
}

function expect(condition: boolean, what: string): void {
  if (!condition) throw new Error(`expected ${what}`);
}

function filesIn(folder: string, ending: RegExp): Buffer[] {
  return readdirSync(folder)
    .filter((name) => ending.test(name))
    .sort()
    .map((name) => readFileSync(join(folder, name)));
}

const golden = join(packageRoot, 'test', 'golden', 'can');

const dbc: Target = {
  name: 'dbc',
  samples: [...filesIn(golden, /\.dbc$/), ...filesIn(join(signalsDir, 'dbc'), /\.dbc$/)],
  run(bytes) {
    const { database } = parseDbc(decodeDbcBytes(bytes), 'fuzz.dbc');
    const again = parseDbc(writeDbc(database), 'fuzz.dbc').database;
    expect(isDeepStrictEqual(again, database), 'the database back that was written');
  },
};

/** Bytes as a file, in pieces cut anywhere. */
function sourceOf(bytes: Buffer, random: Random): LogSource {
  const piece = 1 + random.whole(random.pick([3, 100, 10_000, bytes.length + 1]));
  return {
    path: 'fuzz.log',
    head: bytes.subarray(0, 65_536),
    async *stream() {
      for (let at = 0; at < bytes.length; at += piece) {
        yield await Promise.resolve(bytes.subarray(at, at + piece));
      }
    },
    randomAccess: () =>
      Promise.resolve({
        size: bytes.length,
        read: (position: number, length: number) =>
          Promise.resolve(bytes.subarray(position, position + length)),
        close: () => Promise.resolve(),
      }),
  };
}

function checkFrames({ count, t, id, length, offset, data }: CanFrames): void {
  for (let i = 0; i < count; i++) {
    expect(Number.isFinite(t[i]), 'times that are numbers');
    expect(id[i] <= 0x1fffffff && length[i] <= 64, 'identifiers of 29 bits and 64 bytes at most');
    expect(offset[i] + length[i] <= data.length, 'payloads inside the data');
  }
}

async function read(format: LogFormat, source: LogSource): Promise<number> {
  const log = await format.open!(source, { batchFrames: 64 });
  let frames = 0;
  for await (const batch of log) {
    checkFrames(batch);
    frames += batch.count;
  }
  expect(log.summary.frames === frames, 'a summary that counts what came');
  return frames;
}

/** Formats that have a native parser have a fuzzer of their own; their way through here is tried all the same. */
function logTarget(format: LogFormat, samples: readonly Buffer[]): Target {
  const own = samples.filter((bytes) => format.sniff(bytes.subarray(0, 65_536)) >= 0.5);
  return {
    name: format.name,
    samples: own.length > 0 ? own : samples,
    async run(bytes, random) {
      for (const candidate of logFormats) candidate.sniff(bytes.subarray(0, 65_536));
      await read(format, sourceOf(bytes, random));
    },
  };
}

function protocolTarget(name: string, create: () => TextProtocol, samples: readonly string[]): Target {
  return {
    name,
    samples: samples.map((text) => Buffer.from(text, 'latin1')),
    run(bytes, random) {
      const protocol = create();
      const text = bytes.toString('latin1');
      const piece = 1 + random.whole(random.pick([3, 100, text.length + 1]));
      for (let at = 0; at < text.length; at += piece) {
        for (const event of protocol.feed(text.slice(at, at + piece), () => undefined)) {
          if (event.kind !== 'frame') continue;
          const { id, data } = event.frame;
          expect(id >= 0 && id <= 0x1fffffff && data.length <= 64, 'frames that a bus can carry');
        }
      }
    },
  };
}

/**
 * Files that come with the vehicle's configuration, not from a bus or a stranger's logger. The library that reads YAML
 * takes time that grows faster than its input; ours are below 10 KiB.
 */
const longestYaml = 16_384;

/** Shapes that no file in the repository has. */
const shapes = [
  'Time Stamp,ID,Extended,Dir,Bus,LEN,D1,D2,D3\n166064123,0000021A,false,Rx,0,2,FE,36,\n5,18EFC034,true,Tx,1,1,7,\n',
  'ID,Data Bytes\n0000021A,FE 36 \n0000021B,00 \n',
  '0.0 CXX OVMS\n12.25 R11 402 FA 01\n12.5 2T29 18EFC034 00\n12.6 CEV event\n',
  '//---\nCAN BUS Analyzer\nLogging Started: 23/9/2015 22:17:43\n//---\n166064;RX;0x0000021A;2;0xFE;0x36;\n166065;TX;0x18EFC034;0;\n',
  '***BUSMASTER Ver 2.4.0***\n***START DATE AND TIME 23:9:2015 23:59:59:500***\n***HEX***\n***SYSTEM MODE***\n' +
    '23:59:59:9990 Rx 1 0x21A s 2 FE 36 \n00:00:00:0010 Tx 2 0x18EFC034 xr 1 \n',
  '@ TEXT @ 2 @ 64 @ 0 @ 2 @ 718 @ 00:00:00.718 @\r46,016\t1\t0004\t45A\t3\t5A 04 00\t00000000\tZ\t\r46,734\t2\t0004\t18EFC034\t0\t\t0\t\t\r',
  '@ TEXT @ 3 @ 64 @ 0 @ 1 @ 0 @ 00:00:00.000 @\n# $LocalTime=12:05:10.123\n26,678369\t1\t0004\t001\t2\t01 02\t0\t\t\n',
  '(1.000000) vcan12 18FEF100#FFFFFFFFFFFFFFFF\n(1.5) can1 123##1112233445566778899AABBCC\n(1.7) can0 123#R8\n',
  " can0  123   [8]  11 22 33 44 55 66 77 88\n (001.5)  can1  RX B -  18FEF100  [2]  11 22   '..'\n",
].map((text) => Buffer.from(text, 'latin1'));

/** All targets. */
export function fuzzTargets(): Target[] {
  const folder = join(golden, 'logs');
  const logs = [...filesIn(join(folder, 'text'), /^[^.]/), ...filesIn(folder, /\.(blf|mf4)$/), ...shapes];
  const formats = logFormats.filter((format) => format.open !== undefined);
  return [
    dbc,
    ...formats.map((format) => logTarget(format, logs)),
    protocolTarget('slcan', () => new Slcan(500_000), [
      't12380011223344556677\rT1ABCDEF02AABB\rr1238\rR000000018\r\r\u0007z\rZ\rV1013\r',
      'd12391122334455667788990011\rD1ABCDEF0F00\rb123F\rt1232AABB1234\r',
    ]),
    protocolTarget('socketcand', () => new Socketcand('can0'), [
      '< hi >< ok >< ok >< frame 123 23.424242 11 22 33 44 >< frame 1ABCDEF0 1.5 >',
      '< hi >< ok >< ok >< frame 123 1.0 1122AABB >< error could not open bus >< frame 7FF 0.000001 0 1 2 >',
    ]),
    {
      name: 'validity',
      longest: longestYaml,
      samples: filesIn(join(signalsDir, 'validity'), /\.yaml$/),
      run: (bytes) => void parseValidity(bytes.toString('utf8'), 'fuzz.yaml'),
    },
    {
      name: 'mapping',
      longest: longestYaml,
      samples: filesIn(join(signalsDir, 'mappings'), /\.yaml$/),
      run: (bytes) => void parseMapping(bytes.toString('utf8'), 'fuzz.yaml'),
    },
  ];
}

/** Null when the target kept its promise; what went wrong otherwise. */
export async function attempt(target: Target, bytes: Buffer, random: Random): Promise<string | null> {
  try {
    await target.run(bytes, random);
    return null;
  } catch (error) {
    if (error instanceof VigilError) return null;
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
}
