#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { VigilError, messageOf } from '../runtime/errors.js';
import { packageRoot } from '../runtime/paths.js';
import { ExitCode, type CommandModule } from './command.js';

/** Commands by name; the bench's live in hil/cli and are mounted by name, so that src never imports hil. */
const commands: Record<string, string> = {
  models: './models.js',
  send: './send.js',
  dump: './dump.js',
  convert: './convert.js',
  map: './map.js',
  decode: './decode.js',
  monitor: './monitor.js',
  plot: './plot.js',
  feed: '../../hil/cli/feed.js',
  import: '../../hil/cli/import.js',
  demo: '../../hil/cli/demo.js',
  replay: '../../hil/cli/replay.js',
  explain: '../../hil/cli/explain.js',
  commands: './commands.js',
  ask: './ask.js',
  dialog: '../../hil/cli/dialog.js',
  listen: './listen.js',
  talk: '../../hil/cli/talk.js',
  wake: './wake.js',
  config: './config.js',
  run: './run.js',
  status: './status.js',
  doctor: './doctor.js',
};

async function main(argv: string[]): Promise<number> {
  const { version } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as {
    version: string;
  };
  const program = new Command('vigil')
    .description("Watches the driver and talks with the driver, on the vehicle's own computer.")
    .version(version)
    .showHelpAfterError('(see --help)')
    .exitOverride();
  const wanted = argv.find((word) => Object.hasOwn(commands, word));
  const names = wanted === undefined ? Object.keys(commands) : [wanted];
  for (const name of names) {
    const module = (await import(commands[name])) as CommandModule;
    module.register(program);
  }
  for (const command of program.commands) command.exitOverride();
  try {
    await program.parseAsync(argv, { from: 'user' });
    return typeof process.exitCode === 'number' ? process.exitCode : ExitCode.ok;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.ok : ExitCode.usage;
    const code = error instanceof VigilError ? `${error.code}: ` : '';
    process.stderr.write(`vigil: ${code}${messageOf(error)}\n`);
    if (process.env['VIGIL_DEBUG'] !== undefined && error instanceof Error)
      process.stderr.write(`${error.stack}\n`);
    return error instanceof VigilError && error.code === 'INVALID_ARGUMENT'
      ? ExitCode.usage
      : ExitCode.failure;
  }
}

// A reader that has seen enough (`| head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(ExitCode.ok);
  throw error;
});

process.exitCode = await main(process.argv.slice(2));
