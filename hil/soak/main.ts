import { setTimeout as sleep } from 'node:timers/promises';
import { Command, InvalidArgumentError } from 'commander';
import { monotonicClock } from '../../src/runtime/clock.js';
import { messageOf } from '../../src/runtime/errors.js';
import { parseConfig } from '../../src/service/config/load.js';
import { VigilService } from '../../src/service/service.js';
import { demoDrivePath } from '../demo/demo-drive.js';
import { DriveFeeder } from '../feed/drive-feeder.js';
import { openRecording } from '../recording/reader.js';
import { HumServer } from './hum.js';
import { probe, type Probe } from './probe.js';
import { soakRows, type SoakRow } from './verdict.js';

// The live service for hours on a looped drive, fed through sockets, with all parts on.

interface Flags {
  readonly minutes: number;
  readonly drive: string;
  readonly json: boolean;
}

const program = new Command('soak')
  .description('Run the live service on a looped drive and see whether anything grows, drops or is late.')
  .option('--minutes <n>', 'how long', minutes, 120)
  .option(
    '--drive <drive.mcap>',
    'what is looped; default the demo drive (./run demo makes it)',
    demoDrivePath,
  )
  .option('--json', 'one JSON object', false)
  .addHelpText('after', '\nExample:\n  npm run soak -- --minutes 10');

program.parse();
process.exitCode = await soak(program.opts<Flags>()).catch((error: unknown) => {
  process.stderr.write(`soak: ${messageOf(error)}\n`);
  return 1;
});

async function soak({ minutes: total, drive, json }: Flags): Promise<number> {
  const anyPort = { kind: 'tcp', host: '127.0.0.1', port: 0 } as const;
  const recording = await openRecording(drive);
  const feeder = await DriveFeeder.listen({ camera: anyPort, can: anyPort }, monotonicClock);
  const hum = await HumServer.listen(monotonicClock);
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  const service = await VigilService.start(configOf(feeder, hum, recording.metadata.mapping));
  const startMs = monotonicClock.now();
  const probes: Probe[] = [];
  const feeding = loop(feeder, recording, stop.signal);
  try {
    const everyMs = Math.min(10_000, (total * 60_000) / 20);
    while (!stop.signal.aborted && probes.length * everyMs < total * 60_000) {
      await sleep(Math.max(0, startMs + (probes.length + 1) * everyMs - monotonicClock.now()));
      const passed = (monotonicClock.now() - startMs) / 60_000;
      const taken = probe(passed, await service.status());
      probes.push(taken);
      if (!json) process.stderr.write(progress(taken, total));
    }
  } finally {
    stop.abort();
    await feeding;
    await service.close();
    await Promise.all([feeder.close(), hum.close(), recording.close()]);
  }
  const rows = soakRows(probes);
  process.stdout.write(
    json ? `${JSON.stringify({ minutes: total, rows })}\n` : `\n${rows.map(line).join('')}`,
  );
  return rows.every(({ passed }) => passed) ? 0 : 1;
}

function configOf(feeder: DriveFeeder, hum: HumServer, mapping: string) {
  const can = feeder.can!.address.replace('tcp:', 'slcan:');
  return parseConfig(
    [
      `can: [{ address: "${can}", mapping: ${mapping} }]`,
      `camera: { source: "${feeder.camera!.address}" }`,
      `assistant: { microphones: [{ source: "${hum.server.address}" }], voice: none }`,
    ].join('\n'),
  );
}

async function loop(
  feeder: DriveFeeder,
  recording: Awaited<ReturnType<typeof openRecording>>,
  signal: AbortSignal,
): Promise<void> {
  const whole = { speed: 1, fromMs: recording.startMs, toMs: recording.endMs };
  while (!signal.aborted) await feeder.play(recording, whole, signal);
}

function progress({ minutes: passed, residentMiB, descriptors, status }: Probe, total: number): string {
  const camera = status.driver.status?.camera;
  return (
    `${passed.toFixed(1)} of ${total} min: ${residentMiB.toFixed(0)} MiB, ${descriptors} descriptors, ` +
    `${camera?.received ?? 0} pictures, ${camera?.dropped ?? 0} dropped\n`
  );
}

function line({ what, value, unit, limit, passed }: SoakRow): string {
  return `${passed ? 'ok  ' : 'MISS'} ${what.padEnd(28)} ${value.toFixed(2)} ${unit} (at most ${limit})\n`;
}

function minutes(text: string): number {
  const value = Number(text);
  if (value > 0 && value <= 10_000) return value;
  throw new InvalidArgumentError('Expected minutes, more than 0.');
}
