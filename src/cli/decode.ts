import { existsSync } from 'node:fs';
import { InvalidArgumentError, type Command } from 'commander';

interface Flags {
  readonly dbc?: readonly string[];
  readonly message?: readonly string[];
  readonly signal?: readonly string[];
  readonly channel?: readonly ChannelFile[];
  readonly json?: boolean;
}

interface ChannelFile {
  readonly channel: number;
  readonly file: string;
}

const examples = `
LOG is any format that Vigil reads, compressed or not; what it is follows from its content.
One line a frame, in the order of the log; frames that no database knows are left out and counted at the end (stderr).
Of two databases that know a frame the last one counts.

With --json, one object a frame:
  {"t":1533224087.000028,"channel":0,"id":37,"message":"STEER_ANGLE_SENSOR","signals":{"STEER_ANGLE":0,...}}
  t in seconds as the log has it; "extended":true for 29-bit identifiers; "truncated":true when the frame is shorter than
  its message; signals that are not in the frame (multiplexed away, beyond its end) are left out.

Examples:
  vigil decode drive.log --dbc car.dbc
  vigil decode drive.blf.gz --dbc car.dbc --signal '*SPEED*' | head
  vigil decode drive.log --dbc car.dbc --message 'STEER*' --json | jq .signals.STEER_ANGLE
  vigil decode drive.mf4 --channel 0=powertrain.dbc --channel 1=body.dbc

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 done but the log is damaged or cut off.`;

function channelFile(text: string, before: readonly ChannelFile[] = []): readonly ChannelFile[] {
  const match = /^(\d{1,3})=(.+)$/.exec(text);
  const channel = Number(match?.[1]);
  if (match === null || channel > 255)
    throw new InvalidArgumentError('Expected a channel number and a DBC file, such as 1=body.dbc.');
  return [...before, { channel, file: match[2] }];
}

export function register(program: Command): void {
  program
    .command('decode')
    .description('Decode a CAN log to text, or to one JSON object a frame')
    .argument('[log]', 'a log file')
    .option('--dbc <file...>', 'databases for all channels without one of their own')
    .option('--channel <n=file>', 'the database of channel n; may be repeated', channelFile)
    .option('--message <glob...>', 'only messages of these names (* and ?)')
    .option('--signal <glob...>', 'only signals of these names, SIGNAL or MESSAGE.SIGNAL')
    .option('--json', 'one JSON object a frame and line')
    .addHelpText('after', examples)
    .action(async (given: string | undefined, flags: Flags, command: Command) => {
      const { log, dbc = [], channel = [], message = [], signal = [], json = false } = withLog(given, flags);
      if (log === undefined) return command.error('error: expected a log file', { exitCode: 2 });
      if (dbc.length === 0 && channel.length === 0)
        return command.error('error: expected a database: --dbc FILE or --channel N=FILE', { exitCode: 2 });
      const { decode } = await import('./decode/run.js');
      process.exitCode = await decode(
        { log, dbc, channels: channel, messages: message, signals: signal, json },
        { output: process.stdout, notes: process.stderr },
      );
    });
}

/** `--dbc a.dbc drive.log`: an option that takes several values has taken the log as its last one; give it back. */
function withLog(given: string | undefined, flags: Flags): Flags & { readonly log: string | undefined } {
  if (given !== undefined) return { ...flags, log: given };
  for (const key of ['dbc', 'signal', 'message'] as const) {
    const values = flags[key] ?? [];
    const last = values.at(-1);
    if (values.length > 1 && last !== undefined && existsSync(last))
      return { ...flags, [key]: values.slice(0, -1), log: last };
  }
  return { ...flags, log: undefined };
}
