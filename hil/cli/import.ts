import { InvalidArgumentError, type Command } from 'commander';
import type { SeatWindow } from '../../src/camera/seat-window.js';
import { wallClock, type WallClock } from '../../src/driver/trip/time-of-day.js';
import { ExitCode } from '../../src/cli/command.js';
import { importDrive, type ImportOptions, type ImportSummary } from '../import/import-drive.js';
import { interruptible, progress } from '../../src/cli/progress.js';
import { seatOf } from './seat.js';

interface CliOptions {
  output: string;
  video?: string;
  can?: string;
  dbc?: string;
  audio?: string;
  videoOffset: number;
  canOffset: number;
  audioOffset: number;
  canAbsolute?: boolean;
  width?: number;
  jpegQuality: number;
  vehicle?: string;
  mapping?: string;
  mirrored?: boolean;
  cameraYaw: number;
  cameraPitch: number;
  cameraRoll?: number;
  cameraFov?: number;
  cabin?: string;
  seat?: SeatWindow;
  startedAt?: WallClock;
  cameraPosition?: [number, number, number];
  force?: boolean;
  json?: boolean;
}

function numberIn(low: number, high: number, whole = false): (text: string) => number {
  return (text) => {
    const value = Number(text);
    const fits = text.trim() !== '' && value >= low && value <= high && (!whole || Number.isInteger(value));
    if (fits) return value;
    throw new InvalidArgumentError(`Expected a ${whole ? 'whole ' : ''}number from ${low} to ${high}.`);
  };
}

function position(text: string): [number, number, number] {
  const numbers = text.split(',').map(Number);
  if (numbers.length !== 3 || !numbers.every(Number.isFinite)) {
    throw new InvalidArgumentError('Expected three numbers with commas between: x,y,z in metres.');
  }
  const [x, y, z] = numbers;
  return [x, y, z];
}

function startOf(text: string): WallClock {
  const clock = wallClock(text);
  if (clock !== null) return clock;
  throw new InvalidArgumentError('Expected a time such as 2026-06-01T08:15:00+02:00.');
}

/** Offsets reach from years back (a log with dates) to years ahead. */
const offset = numberIn(-1e10, 1e10);
const angle = numberIn(-180, 180);

const examples = `
Offsets are seconds added to a source's own stamps. A video and a sound file begin at 0, a CAN log at its first
frame unless --can-absolute is given. If an offset puts something before 0, the whole drive moves to begin at 0.

Examples:
  vigil import --video drive.mp4 --can drive.log --dbc car.dbc -o drive.mcap
  vigil import --video cabin.mkv --audio cabin.mkv --can drive.log --can-offset 1.35 -o drive.mcap
  vigil import --can drive.log --can-absolute --can-offset -1735689600.25 --video cabin.mp4 -o drive.mcap

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 done but something in the inputs was damaged, 130 interrupted.`;

function importOptions(options: CliOptions): Omit<ImportOptions, 'signal' | 'onProgress'> {
  const { output, video, can, dbc, audio, width } = options;
  return {
    ...{ output, video, can, dbc, audio, width, jpegQuality: options.jpegQuality },
    videoOffsetMs: options.videoOffset * 1000,
    canOffsetMs: options.canOffset * 1000,
    audioOffsetMs: options.audioOffset * 1000,
    canAbsolute: options.canAbsolute ?? false,
    vehicle: options.vehicle ?? '',
    mapping: options.mapping ?? '',
    mount: {
      positionM: options.cameraPosition ?? null,
      yawDeg: options.cameraYaw,
      pitchDeg: options.cameraPitch,
      mirrored: options.mirrored ?? false,
      ...(options.cameraRoll === undefined ? {} : { rollDeg: options.cameraRoll }),
      ...(options.cameraFov === undefined ? {} : { horizontalFovDeg: options.cameraFov }),
    },
    cabin: options.cabin,
    seat: options.seat,
    startedAt: options.startedAt,
    force: options.force ?? false,
  };
}

/** The summary for people. */
export function summaryText(summary: ImportSummary): string {
  const { output, bytes, durationMs, sources, losses, notes } = summary;
  const lines = [`${output}: ${(durationMs / 1000).toFixed(2)} s, ${(bytes / 1e6).toFixed(1)} MB`];
  for (const [name, facts] of Object.entries(sources)) {
    const shown = Object.entries(facts).map(([fact, value]) => `${fact} ${value}`);
    lines.push(`  ${name.padEnd(7)}${shown.join(', ')}`);
  }
  lines.push(...notes.slice(0, 5).map((note) => `  note: ${note}`));
  if (notes.length > 5) lines.push(`  note: and ${notes.length - 5} more`);
  lines.push(...losses.map((loss) => `  lost: ${loss}`));
  return `${lines.join('\n')}\n`;
}

async function run(options: CliOptions): Promise<void> {
  const bar = progress('import');
  const summary = await interruptible(async (signal) => {
    try {
      const onProgress = (done: number, total: number | null) =>
        bar.update(done / 1000, total === null ? null : total / 1000);
      return await importDrive({ ...importOptions(options), signal, onProgress });
    } finally {
      bar.stop();
    }
  });
  if (!summary) return;
  process.stdout.write(options.json ? `${JSON.stringify(summary)}\n` : summaryText(summary));
  process.exitCode = summary.losses.length > 0 ? ExitCode.dataLoss : ExitCode.ok;
}

export function register(program: Command): void {
  program
    .command('import')
    .description('Make one recording of a video, a CAN log and a sound file')
    .requiredOption('-o, --output <file>', 'recording to write (.mcap)')
    .option('--video <file>', 'any video that ffmpeg reads')
    .option('--can <log>', 'CAN log of any format that `vigil convert` reads')
    .option('--dbc <file>', "the CAN frames' DBC; kept inside the recording")
    .option('--audio <file>', 'any file with sound that ffmpeg reads; may be the video')
    .option('--video-offset <seconds>', "added to the video's stamps", offset, 0)
    .option('--can-offset <seconds>', "added to the log's stamps", offset, 0)
    .option('--audio-offset <seconds>', "added to the sound's stamps", offset, 0)
    .option('--can-absolute', "take the log's stamps as they are; else it begins at 0")
    .option('--width <pixels>', 'scale pictures to this width', numberIn(16, 8192, true))
    .option('--jpeg-quality <2-31>', "ffmpeg's scale: 2 is best, 31 smallest", numberIn(2, 31, true), 2)
    .option('--vehicle <text>', 'which vehicle')
    .option('--mapping <name>', 'CAN to VSS mapping in signals/mappings')
    .option('--mirrored', 'the video is a mirror image')
    .option('--camera-yaw <degrees>', "direction of the camera, positive to the driver's left", angle, 0)
    .option('--camera-pitch <degrees>', 'direction of the camera, positive up', angle, 0)
    .option('--camera-roll <degrees>', 'how far an upright head leans in the picture', angle)
    .option('--camera-fov <degrees>', 'horizontal field of view of the whole picture', numberIn(10, 150))
    .option('--cabin <name>', 'where mirrors and displays are: a file in signals/cabin')
    .option('--seat <l,t,r,b>', "where the driver's face belongs, in shares of the picture", seatOf)
    .option('--started-at <time>', 'when that was, ISO 8601 with the local offset or Z', startOf)
    .option('--camera-position <x,y,z>', "metres from the driver's eye point: forward, left, up", position)
    .option('--force', 'overwrite the output')
    .option('--json', 'print the summary as one JSON object')
    .addHelpText('after', examples)
    .action(run);
}
