import { InvalidArgumentError, type Command } from 'commander';
import type { MessageValues } from '../can/encode.js';
import { FrameFlag } from '../can/frames.js';
import type { CanBus, CanFrame, CyclicCounters } from '../can/live/can-bus.js';
import { parseFrameText } from '../can/live/frame-text.js';
import { openBus } from '../can/live/open-bus.js';
import { VigilError, invalidArgument } from '../runtime/errors.js';
import { ExitCode } from './command.js';
import { cycleTimeOf, messagePayloads } from './send/message-payloads.js';

interface Options {
  readonly dbc?: string;
  readonly message?: string;
  readonly set: readonly string[];
  readonly validity?: string;
  readonly cyclic?: boolean;
  readonly every?: number;
  readonly count?: number;
  readonly json?: boolean;
}

const examples = `
Frames are written as cansend takes them: 123#DEADBEEF, 18DAF110#0102, 123#R4 (remote), 123##1AABB (CAN FD; the digit
holds 1 for bit rate switch, 2 for error state indicator). With --message a frame is encoded; signals that no --set
covers have the DBC's start value. --validity takes rules (a file, or the name of one in signals/validity) and fills in
counter and checksum; --cyclic sends with the DBC's cycle time. Several frames with --every are sent in turn, one a period, when they have one identifier; else each has its period.

Examples:
  vigil send socketcan:can0 123#DEADBEEF 124#00
  vigil send socketcan:can0 --dbc car.dbc --message Speed --set VehicleSpeed=87.5 --every 20 --count 500
  vigil send socketcan:can0 --dbc car.dbc --message Speed --set VehicleSpeed=30 --validity toyota --cyclic
  vigil send socketcan:vcan0 321#00 321#01 321#02 321#03 --every 10
  vigil send socketcand://192.168.7.2:29536/can0 7DF#02010D
  vigil send 'slcan:/dev/ttyACM0?bitrate=500000' 123#01

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 done but some frames could not be sent.`;

function number(low: number, high: number, whole: boolean): (text: string) => number {
  return (text) => {
    const value = Number(text);
    const fits = text.trim() !== '' && value >= low && value <= high && (!whole || Number.isInteger(value));
    if (fits) return value;
    throw new InvalidArgumentError(`Expected a ${whole ? 'whole ' : ''}number from ${low} to ${high}.`);
  };
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

/** `Name=value`: a number, or else the name of a value. */
function assignments(texts: readonly string[]): MessageValues {
  return Object.fromEntries(
    texts.map((text) => {
      const [, name, value] = /^([^=\s]+)=(.+)$/.exec(text) ?? [];
      if (name === '' || value === '' || !text.includes('=')) {
        throw invalidArgument('--set', 'SIGNAL=VALUE', text);
      }
      return [name, Number.isFinite(Number(value)) ? Number(value) : value];
    }),
  );
}

interface Encoded {
  readonly frames: readonly CanFrame[];
  /** The DBC's period, where it was asked for. */
  readonly periodMs: number | undefined;
}

function encoded({ dbc, message: name, set, validity, cyclic, every, count }: Options): Encoded {
  const said = [name, validity, cyclic].some((option) => option !== undefined) || set.length > 0;
  if (dbc === undefined && !said) return { frames: [], periodMs: undefined };
  if (dbc === undefined || name === undefined) {
    throw new VigilError('INVALID_ARGUMENT', 'Expected --dbc and --message together.');
  }
  const { message, payloads } = messagePayloads({
    dbc,
    message: name,
    values: assignments(set),
    // Once without --count is one frame.
    ...(count === undefined && every === undefined && cyclic !== true ? { count: 1 } : {}),
    ...(count === undefined ? {} : { count }),
    ...(validity === undefined ? {} : { validity }),
  });
  const flags = (message.extended ? FrameFlag.extended : 0) | (message.length > 8 ? FrameFlag.fd : 0);
  const periodMs = cyclic === true && every === undefined ? cycleTimeOf(message) : undefined;
  return { frames: payloads.map((data) => ({ id: message.id, flags, data })), periodMs };
}

interface Outcome {
  readonly sent: number;
  readonly failed: number;
  readonly lastError: string;
  readonly cyclic: readonly CyclicCounters[];
}

/** Frames of one identifier, kind and length make one cyclic message with several payloads. */
function grouped(frames: readonly CanFrame[]): CanFrame[][] {
  const groups = new Map<string, CanFrame[]>();
  for (const frame of frames) {
    const key = `${frame.id} ${frame.flags} ${frame.data.length}`;
    groups.set(key, [...(groups.get(key) ?? []), frame]);
  }
  return [...groups.values()];
}

async function sendCyclic(
  bus: CanBus,
  frames: readonly CanFrame[],
  periodMs: number,
  count: number | undefined,
): Promise<Outcome> {
  const sends = grouped(frames).map((group) =>
    bus.startCyclic({
      id: group[0].id,
      flags: group[0].flags,
      payloads: group.map(({ data }) => data),
      periodMs,
      ...(count === undefined ? {} : { count }),
    }),
  );
  const interrupt = (): void => {
    for (const send of sends) send.stop();
  };
  process.once('SIGINT', interrupt);
  process.once('SIGTERM', interrupt);
  const cyclic = await Promise.all(sends.map((send) => send.done));
  process.removeListener('SIGINT', interrupt);
  process.removeListener('SIGTERM', interrupt);
  return {
    sent: cyclic.reduce((sum, { sent }) => sum + sent, 0),
    failed: cyclic.reduce((sum, { failed }) => sum + failed, 0),
    lastError: cyclic.find(({ lastError }) => lastError !== '')?.lastError ?? '',
    cyclic,
  };
}

/** Each frame `count` times, those of one message (whose counters count) in turn. */
async function sendAtOnce(
  bus: CanBus,
  frames: readonly CanFrame[],
  message: readonly CanFrame[],
  count: number,
): Promise<Outcome> {
  let sent = 0;
  for (let i = 0; i < count; i++) {
    const each = message.length === 0 ? frames : [...frames, message[i % message.length]];
    for (const frame of each) await bus.send(frame);
    sent += each.length;
  }
  return { sent, failed: 0, lastError: '', cyclic: [] };
}

function outcomeText({ sent, failed, lastError, cyclic }: Outcome): string {
  const late = cyclic.reduce((sum, counters) => sum + counters.late, 0);
  const skipped = cyclic.reduce((sum, counters) => sum + counters.skipped, 0);
  const maxLateMs = Math.max(0, ...cyclic.map((counters) => counters.maxLateMs));
  const timing =
    cyclic.length === 0
      ? ''
      : `; ${late} late by more than 1 ms, at most ${maxLateMs.toFixed(2)} ms; ${skipped} deadlines skipped`;
  return `sent ${sent}${failed === 0 ? '' : `, failed ${failed} (${lastError})`}${timing}\n`;
}

async function run(address: string, texts: readonly string[], options: Options): Promise<void> {
  const frames = texts.map(parseFrameText);
  const message = encoded(options);
  if (frames.length + message.frames.length === 0) {
    throw new VigilError(
      'INVALID_ARGUMENT',
      'Expected a frame, or --dbc and --message.',
      'See `vigil send --help`.',
    );
  }
  const periodMs = options.every ?? message.periodMs;
  const bus = await openBus(address);
  try {
    const outcome =
      periodMs === undefined
        ? await sendAtOnce(bus, frames, message.frames, options.count ?? 1)
        : await sendCyclic(bus, [...frames, ...message.frames], periodMs, options.count);
    process.stdout.write(options.json === true ? `${JSON.stringify(outcome)}\n` : outcomeText(outcome));
    if (outcome.failed > 0) process.exitCode = outcome.sent > 0 ? ExitCode.dataLoss : ExitCode.failure;
  } finally {
    await bus.close();
  }
}

export function register(program: Command): void {
  program
    .command('send')
    .description('Send CAN frames, once or cyclically')
    .argument('<bus>', 'socketcan:can0, socketcand://host:port/can0, slcan:PATH or slcan://host:port')
    .argument('[frame...]', 'frames as cansend takes them')
    .option('--dbc <file>', 'DBC file of the message to encode')
    .option('--message <name>', 'message to encode')
    .option(
      '--set <signal=value>',
      "a signal's physical value, or the name of a value; repeatable",
      collect,
      [],
    )
    .option('--validity <rules>', 'fill in counter and checksum by these validity rules')
    .option('--cyclic', "send cyclically with the DBC's cycle time")
    .option('--every <ms>', 'send cyclically, by absolute deadlines', number(0.1, 86_400_000, false))
    .option('--count <n>', 'so many times; with --every until interrupted when absent', number(1, 1e12, true))
    .option('--json', 'print the outcome as one JSON object')
    .addHelpText('after', examples)
    .action(run);
}
