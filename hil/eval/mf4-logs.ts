import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { loadDbc } from '../../src/can/dbc-parser.js';
import { CanDecoder } from '../../src/can/decoder.js';
import type { CanFrames } from '../../src/can/frames.js';
import { openLog } from '../../src/can/logs/registry.js';
import { messageOf, VigilError } from '../../src/runtime/errors.js';
import { packageRoot } from '../../src/runtime/paths.js';
import type { Evaluation } from './evaluation.js';

interface FileResult {
  readonly file: string;
  readonly frames: number;
  readonly damaged: number;
  readonly cutOff: boolean;
  /** Frames that each database has a message for. */
  readonly known: Readonly<Record<string, number>>;
  /** Frames that python-can reads otherwise, more or fewer; null where it is not at hand. */
  readonly different: number | null;
}

/** Each frame as the peer's program writes it. */
function* lines(frames: CanFrames): Generator<string> {
  const data = Buffer.from(frames.data.buffer, frames.data.byteOffset, frames.data.byteLength);
  for (let i = 0; i < frames.count; i++) {
    const payload = data.toString('hex', frames.offset[i], frames.offset[i] + frames.length[i]);
    // Bus channels count from 1 in MF4.
    const channel = frames.channel[i] + 1;
    yield JSON.stringify([Math.round(frames.t[i] * 1e6), frames.id[i], frames.flags[i], channel, payload]);
  }
}

function peerLines(file: string): { version: string; lines: string[] } | null {
  const program = join(packageRoot, 'hil', 'bench', 'peers', 'can_frames.py');
  const python = process.env['VIGIL_PEER_PYTHON'] ?? 'python3';
  const { status, stdout } = spawnSync(python, [program, file], {
    encoding: 'utf8',
    maxBuffer: 1024 * 1024 * 1024,
  });
  if (status !== 0) return null;
  const [version = '""', ...rest] = stdout.trimEnd().split('\n');
  return { version: JSON.parse(version) as string, lines: rest.map((line) => line.replaceAll(' ', '')) };
}

function namesIn(folder: string, ending: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.toLowerCase().endsWith(ending))
      .sort();
  } catch (error) {
    throw new VigilError(
      'EVAL_DATA_MISSING',
      `Expected a folder with MF4 files at ${folder} but: ${messageOf(error)}.`,
      'Set VIGIL_DATA.',
      { folder },
      { cause: error },
    );
  }
}

async function evaluate(folder: string, name: string, peer: readonly string[] | null): Promise<FileResult> {
  const decoders = namesIn(folder, '.dbc').map((dbc) => ({
    dbc,
    decoder: CanDecoder.of(loadDbc(join(folder, dbc)).database),
  }));
  const known: Record<string, number> = Object.fromEntries(decoders.map(({ dbc }) => [dbc, 0]));
  let row = 0;
  let different = 0;
  const log = await openLog(join(folder, name));
  for await (const frames of log) {
    for (const { dbc, decoder } of decoders) {
      for (const message of decoder.decode(frames).messages) known[dbc] += message.rows;
    }
    if (peer === null) continue;
    for (const line of lines(frames)) if (line !== peer.at(row++)) different += 1;
  }
  const { frames, damaged, cutOff } = log.summary;
  if (peer !== null) different += Math.max(0, peer.length - row);
  return { file: name, frames, damaged, cutOff, known, different: peer === null ? null : different };
}

/** Every MF4 file of real loggers against python-can with asammdf, frame for frame. */
export const mf4Logs: Evaluation = {
  name: 'mf4',
  about: 'MF4 files of a CANedge logger, frame for frame against python-can (VIGIL_PEER_PYTHON)',
  async run({ dataDir, progress }) {
    const folder = join(dataDir, 'can', 'css-electronics');
    const results: FileResult[] = [];
    let version: string | null = null;
    for (const name of namesIn(folder, '.mf4')) {
      progress(name);
      const peer = peerLines(join(folder, name));
      version ??= peer?.version ?? null;
      results.push(await evaluate(folder, name, peer?.lines ?? null));
    }
    const text = results.map(({ file, frames, damaged, cutOff, known, different }) => {
      const databases = Object.entries(known).map(([dbc, count]) => `${count} in ${dbc}`);
      const against =
        different === null ? 'no python-can to compare with' : `${different} different from python-can`;
      const whole = damaged === 0 && !cutOff ? 'whole' : `${damaged} damaged${cutOff ? ', cut off' : ''}`;
      return `${file}: ${frames} frames, ${whole}, ${against}; ${databases.join(', ')}`;
    });
    return { text: text.join('\n'), json: { pythonCan: version, files: results } };
  },
};
