import { InvalidArgumentError, type Command } from 'commander';
import { monotonicClock } from '../../src/runtime/clock.js';
import { invalidArgument } from '../../src/runtime/errors.js';
import { parseSocketEndpoint, type SocketEndpoint } from '../../src/runtime/sources/endpoint.js';
import { DriveFeeder } from '../feed/drive-feeder.js';
import { openRecording } from '../recording/reader.js';

const examples = `
Camera readers get a length (u32), a time stamp (f64, ms) and a JPEG for each picture; CAN readers an slcan adapter.

Examples:
  vigil feed drive.mcap --camera unix:/tmp/camera.sock --can tcp://127.0.0.1:7010
  vigil feed drive.mcap --camera tcp://127.0.0.1:7011 --loop
  vigil feed drive.mcap --camera unix:/tmp/camera.sock --from 30 --to 60 --speed 2

In the service's configuration: camera.source is the camera address, can.address is slcan://127.0.0.1:7010.`;

interface Flags {
  readonly camera?: SocketEndpoint;
  readonly can?: SocketEndpoint;
  readonly speed: number;
  readonly from: number;
  readonly to: number;
  readonly loop: boolean;
}

export function register(program: Command): void {
  program
    .command('feed')
    .description('Play a recording through sockets, as a camera and a CAN adapter would.')
    .argument('<drive.mcap>', 'a recording')
    .option('--camera <address>', 'where the camera server listens', endpoint)
    .option('--can <address>', 'where the slcan adapter listens', endpoint)
    .option('--speed <factor>', 'how fast', positive, 1)
    .option('--from <seconds>', 'of the drive', seconds, 0)
    .option('--to <seconds>', 'of the drive', seconds, Infinity)
    .option('--loop', 'again and again, until it is stopped', false)
    .addHelpText('after', examples)
    .action(async (file: string, flags: Flags) => {
      await feed(file, flags);
    });
}

async function feed(file: string, { camera, can, speed, from, to, loop }: Flags): Promise<void> {
  if (camera === undefined && can === undefined)
    throw invalidArgument('--camera or --can', 'at least one address', undefined);
  const recording = await openRecording(file);
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  process.once('SIGTERM', () => stop.abort());
  const feeder = await DriveFeeder.listen(
    { ...(camera === undefined ? {} : { camera }), ...(can === undefined ? {} : { can }) },
    monotonicClock,
  );
  for (const server of [feeder.camera, feeder.can])
    if (server !== null) process.stderr.write(`listening at ${server.address}\n`);
  try {
    const window = {
      speed,
      fromMs: recording.startMs + from * 1000,
      toMs: Math.min(recording.endMs, recording.startMs + to * 1000),
    };
    do await feeder.play(recording, window, stop.signal);
    while (loop && !stop.signal.aborted);
  } finally {
    await feeder.close();
    await recording.close();
    process.stdout.write(`${JSON.stringify(feeder.counters())}\n`);
  }
}

function endpoint(text: string): SocketEndpoint {
  try {
    return parseSocketEndpoint(text);
  } catch {
    throw new InvalidArgumentError('Expected unix:/path/to/socket or tcp://host:port.');
  }
}

function positive(text: string): number {
  const value = Number(text);
  if (value > 0 && value <= 1000) return value;
  throw new InvalidArgumentError('Expected a factor above 0 and up to 1000.');
}

function seconds(text: string): number {
  const value = Number(text);
  if (value >= 0) return value;
  throw new InvalidArgumentError('Expected seconds, not negative.');
}
