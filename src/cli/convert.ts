import type { Command } from 'commander';
import { convertLog, type ConvertSummary } from '../can/logs/convert.js';
import { logFormats } from '../can/logs/registry.js';
import { ExitCode } from './command.js';
import { interruptible, progress } from './progress.js';

interface CliOptions {
  readonly from?: string;
  readonly to?: string;
  readonly channel?: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

function formatTable(): string {
  return logFormats
    .map((format) => {
      const uses = [format.open ? 'read' : '', format.create ? 'write' : ''].filter(Boolean).join(', ');
      return `  ${format.name.padEnd(16)} ${uses.padEnd(12)} ${format.title}`;
    })
    .join('\n');
}

function help(): string {
  return `
The input's format is recognised from its content, compressed (gzip, zstd) or not. The output's follows from its
name; .gz and .zst behind it compress.

Formats:
${formatTable()}

Examples:
  vigil convert drive.blf drive.log                  Vector binary log to candump's
  vigil convert drive.log.zst drive.asc --force
  vigil convert drive.asc drive.trc --to trc-1.3
  vigil convert two.log one.csv --channel can1=0,can0=-   only can1, as channel 0

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 done but something of the input is missing, 130 interrupted.`;
}

/** The summary for people. */
export function convertText(summary: ConvertSummary): string {
  const { output, from, to, framesWritten, bytes, seconds, losses, notes } = summary;
  return [
    `${output}: ${framesWritten} frames, ${seconds.toFixed(3)} s, ${(bytes / 1e6).toFixed(1)} MB (${from} to ${to})`,
    ...notes.map((note) => `  note: ${note}`),
    ...losses.map((loss) => `  lost: ${loss}`),
    '',
  ].join('\n');
}

async function run(input: string, output: string, options: CliOptions): Promise<void> {
  const bar = progress('convert', (frames) => `${(frames / 1e6).toFixed(2)} million frames`);
  const summary = await interruptible(async (signal) => {
    try {
      return await convertLog({
        ...{ input, output, from: options.from, to: options.to, channels: options.channel },
        force: options.force ?? false,
        signal,
        onProgress: (frames, share) =>
          bar.update(frames, share === null || share === 0 ? null : frames / share),
      });
    } finally {
      bar.stop();
    }
  });
  if (!summary) return;
  process.stdout.write(options.json === true ? `${JSON.stringify(summary)}\n` : convertText(summary));
  process.exitCode = summary.losses.length > 0 ? ExitCode.dataLoss : ExitCode.ok;
}

export function register(program: Command): void {
  program
    .command('convert <input> <output>')
    .description('Write a CAN log in another format')
    .option('--to <format>', "format of the output; else its name's extension says it")
    .option('--from <format>', 'read the input as this format; else its content says it')
    .option('--channel <map>', 'FROM=TO,... new channel numbers; - leaves a channel out')
    .option('--force', 'overwrite the output')
    .option('--json', 'print the summary as one JSON object')
    .addHelpText('after', help)
    .action(run);
}
