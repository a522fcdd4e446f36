// Writes the first inputs of the fuzzers into corpus/: one of each shape a parser knows. Run from anywhere:
// `node native/test/fuzz/make_corpus.mjs`; needs ffmpeg (JPEG) and zstd. Control bytes stand at an input's end, where
// FuzzedDataProvider takes numbers from.
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const corpus = join(dirname(fileURLToPath(import.meta.url)), 'corpus');

function seed(target, name, content, control = []) {
  const folder = join(corpus, target);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), Buffer.concat([Buffer.from(content), Buffer.from(control)]));
}

const candump = {
  classic: '(1631416514.717133) can0 0D2#0000FFFF10000000\n(1631416514.717134) can0 0D3#0006E00F\n',
  extended: '(1.000000) vcan12 18FEF100#FFFFFFFFFFFFFFFF\n(1.000001) can0 00000001#\n',
  fd: '(1.5) can1 123##1112233445566778899AABBCC\n(1.6) can1 123##5\n',
  remote: '(1.7) can0 123#R\n(1.8) can0 123#R8\n(1.9) can0 20000080#0000000000000000\n',
  direction: '(1.7) can0 123#1122 R\n(1.8) can0 123#1122 T\n(1.8) can0 123#11_8\r\n',
  odd: 'no frame\n\n(1) can0 1#\n(1631416514.717133456) x 12345678#1\n(9e9) can0 123#GG\n(1.0) can0 123#11',
};
for (const [name, text] of Object.entries(candump)) seed('candump_fuzz', name, text, [10, 0, 3]);

for (const level of [0, 1]) {
  const bytes = new Uint8Array(160).map((_, i) => (i * (level === 0 ? 37 : 101) + (i >> 3)) & 255);
  seed('decode_plan_fuzz', `bytes${level}`, bytes);
}

const ffmpeg = (args) =>
  execFileSync('ffmpeg', [
    '-v',
    'error',
    '-f',
    'lavfi',
    '-i',
    'testsrc=s=32x16:d=1',
    '-frames:v',
    '1',
    ...args,
    '-',
  ]);
for (const [name, format] of Object.entries({ yuv420: 'yuvj420p', yuv444: 'yuvj444p', grey: 'gray' })) {
  const jpeg = ffmpeg(['-pix_fmt', format, '-q:v', '10', '-f', 'image2pipe', '-c:v', 'mjpeg']);
  seed('image_reader_fuzz', name, jpeg, [0, 0]);
  seed('image_reader_fuzz', `${name}-eighth`, jpeg, [3, 0]);
}
seed('image_reader_fuzz', 'pixels', new Uint8Array(64), [20, 0, 20, 0, 0, 2]);

const text = 'vigil '.repeat(40);
seed('zstd_fuzz', 'plain', text, [0, 0, 0, 9, 240, 0, 0, 8]);
const frame = execFileSync('zstd', ['-q', '-c', '--no-check'], { input: text });
seed('zstd_fuzz', 'frame', frame, [0, 0, 0, 9, 0, 0, 240, 8]);

/** An object with a 32-byte header, padded as Vector pads. */
function blfObject(type, body) {
  const bytes = Buffer.alloc(32 + body.length + ((32 + body.length) % 4));
  bytes.write('LOBJ');
  bytes.writeUInt16LE(32, 4);
  bytes.writeUInt16LE(1, 6);
  bytes.writeUInt32LE(32 + body.length, 8);
  bytes.writeUInt32LE(type, 12);
  bytes.writeUInt32LE(2, 16);
  bytes.writeBigUInt64LE(1_500_000_000n, 24);
  return bytes;
}
for (const [type, length] of [
  [1, 16],
  [86, 24],
  [100, 84],
  [101, 56],
  [73, 32],
  [104, 60],
  [2, 8],
  [65, 24],
]) {
  const object = blfObject(type, Buffer.alloc(length));
  object.set([1, 0, 1, 8], 32);
  seed('blf_fuzz', `type${type}`, Buffer.concat([object, object]), [0, 40, 0, 3]);
}

seed('mf4_fuzz', 'zeros', Buffer.alloc(300));

seed(
  'validity_fuzz',
  'bytes',
  new Uint8Array(300).map((_, i) => (i * 73 + (i >> 2)) & 255),
);
seed('zstd_stream_fuzz', 'plain', text, [40, 0, 8, 100, 0, 50, 0]);
seed('zstd_stream_fuzz', 'frame', frame, [5, 0, 8, 100, 0, 50, 0]);
