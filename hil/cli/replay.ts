import type { Command } from 'commander';
import { ExitCode } from '../../src/cli/command.js';
import type { SeatWindow } from '../../src/camera/seat-window.js';
import { invalidArgument } from '../../src/runtime/errors.js';
import { diagnosticsLine, outputLine, startLine, summaryLine } from '../replay/json-lines.js';
import type { ReplayOptions } from '../replay/options.js';
import { OutputRecorder } from '../replay/output-recorder.js';
import { replay } from '../replay/replay.js';
import type { ReplayBatch, ReplayReport, ReplayStart } from '../replay/report.js';
import { lostData, summary } from '../replay/summary.js';
import { addToTally, emptyTally } from '../replay/tally.js';
import { seatOf } from './seat.js';
import { Terminal } from '../replay/terminal.js';

interface Flags {
  speed: string;
  from?: string;
  to?: string;
  policy: string;
  phone: boolean;
  seat?: SeatWindow;
  assistant: boolean;
  press?: string;
  wake?: string;
  gaze?: string;
  speechModel: 'tiny' | 'base';
  output?: string;
  force: boolean;
  json: boolean;
  diagnostics: boolean;
}

const examples = `
Examples:
  vigil replay build/demo.mcap                          watch it in real time
  vigil replay drive.mcap --speed max --json > out.jsonl     as fast as it goes, the same bytes every time
  vigil replay drive.mcap --from 60 --to 1:30 --speed 2
  vigil replay drive.mcap --speed max -o with-outputs.mcap   outputs beside the inputs, opens in MCAP viewers
  vigil replay talk.mcap --assistant --press 1.2,8      the recorded microphone is heard; the button is pressed twice
  vigil replay talk.mcap --assistant --wake hey-vigil.wake.json

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 done but frames were dropped or the recording is damaged,
130 interrupted.`;

export function register(program: Command): void {
  program
    .command('replay')
    .description('Replay a recorded drive and tell the state of its driver.')
    .argument('<drive.mcap>', 'a recording, see `vigil import`')
    .option('--speed <factor|max>', '1 follows the clock, 2 is twice as fast, max is lock-step', '1')
    .option('--from <time>', 'start there: seconds or minutes:seconds on the drive')
    .option('--to <time>', 'stop before that')
    .option('--policy <name>', 'rules: a file in signals/policies, or several: a+b', 'euroncap-2026')
    .option('--phone', 'look for a phone in hand or at the ear; not proven on drivers', false)
    .option('--seat <l,t,r,b>', "where the driver's face belongs, in shares of the picture", seatOf)
    .option('--assistant', 'listen to the recorded microphone, in a cabin that does what it is asked', false)
    .option('--press <times>', 'when the button is pressed that opens the microphone; several with commas')
    .option('--wake <head.json>', 'a wake phrase, see `vigil wake train`')
    .option('--gaze <seconds>', 'a look at the screen for so long, then speech, opens the microphone')
    .option('--speech-model <size>', 'tiny or base', modelOf, 'tiny')
    .option('-o, --output <file>', 'write a recording with the outputs beside the inputs')
    .option('--force', 'overwrite the output file', false)
    .option('--json', 'one JSON object a line, the deterministic part only', false)
    .option('--diagnostics', 'more timings, which differ from run to run; with --json a last line', false)
    .addHelpText('after', examples)
    .action(async (path: string, flags: Flags) => {
      process.exitCode = await run(readOptions(path, flags), flags);
    });
}

function readOptions(path: string, flags: Flags): ReplayOptions {
  const fromMs = flags.from === undefined ? 0 : driveMs('--from', flags.from);
  const toMs = flags.to === undefined ? Number.POSITIVE_INFINITY : driveMs('--to', flags.to);
  if (!(toMs > fromMs)) throw invalidArgument('--to', 'a time after --from', flags.to);
  const { phone, seat } = flags;
  const replayed = {
    ...{ path, speed: speedOf(flags.speed), fromMs, toMs, policy: flags.policy, phone },
    ...(seat === undefined ? {} : { seat }),
  };
  if (!flags.assistant) {
    const needing = [flags.press, flags.wake, flags.gaze].find((flag) => flag !== undefined);
    if (needing === undefined) return replayed;
    throw invalidArgument('--press, --wake and --gaze', 'to go with --assistant', needing);
  }
  const pressMs = flags.press?.split(',').map((time) => driveMs('--press', time)) ?? [];
  const gazeMs = flags.gaze === undefined ? null : driveMs('--gaze', flags.gaze);
  const { speechModel: model, wake: wakeHead = null } = flags;
  return { ...replayed, assistant: { model, pressMs, wakeHead, gazeMs } };
}

function modelOf(text: string): 'tiny' | 'base' {
  if (text === 'tiny' || text === 'base') return text;
  throw invalidArgument('--speech-model', 'tiny or base', text);
}

function speedOf(text: string): number | 'max' {
  if (text === 'max') return 'max';
  const speed = Number(text);
  if (!(speed > 0 && speed <= 100)) throw invalidArgument('--speed', 'a factor up to 100, or max,', text);
  return speed;
}

/** "83.5" or "1:23.5" as ms. */
function driveMs(option: string, text: string): number {
  const match = /^(?:(\d+):)?(\d+(?:\.\d+)?)$/.exec(text);
  if (!match) throw invalidArgument(option, 'seconds (83.5) or minutes:seconds (1:23.5)', text);
  const [, minutes, seconds] = match as unknown as [string, string | undefined, string];
  return (Number(minutes ?? 0) * 60 + Number(seconds)) * 1000;
}

async function run(options: ReplayOptions, flags: Flags): Promise<number> {
  const interrupt = new AbortController();
  const onSignal = (): void => interrupt.abort();
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  const terminal = new Terminal(process.stdout, process.stderr, !flags.json && process.stderr.isTTY);
  let tally = emptyTally;
  let recorder: OutputRecorder | undefined;
  try {
    const report = await replay(
      options,
      {
        start: async (start: ReplayStart) => {
          if (flags.json) await terminal.line(startLine(start));
          if (flags.output !== undefined) {
            recorder = await OutputRecorder.open(flags.output, options, start, flags.force);
          }
        },
        batch: async ({ outputs, timings }: ReplayBatch) => {
          for (const output of outputs) {
            tally = addToTally(tally, output);
            if (flags.json) await terminal.line(outputLine(output));
            else await terminal.event(output);
          }
          terminal.status(tally, timings);
          await recorder?.add(outputs);
        },
      },
      interrupt.signal,
    );
    terminal.endStatus();
    await recorder?.finish(!report.interrupted);
    recorder = undefined;
    if (flags.json) {
      await terminal.line(summaryLine(tally, report));
      if (flags.diagnostics) await terminal.line(diagnosticsLine(report));
    } else {
      await terminal.line(`\n${summary(tally, report, flags.diagnostics)}`);
    }
    return exitCodeOf(report);
  } finally {
    terminal.endStatus();
    await recorder?.discard();
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
}

const interruptedExitCode = 130;

function exitCodeOf(report: ReplayReport): number {
  if (report.interrupted) return interruptedExitCode;
  return lostData(report) ? ExitCode.dataLoss : ExitCode.ok;
}
