import type { Command } from 'commander';

const examples = `
SIGHUP reads the configuration again: policies change at the next standstill, the log level at once; what else has changed
is named in the log and counts after a restart. SIGTERM ends in good order.

Examples:
  vigil config example > vigil.yaml
  vigil run --config vigil.yaml
  vigil status --socket /run/vigil/control.sock     in another terminal
  systemctl enable --now vigil                      deploy/ has the unit`;

export function register(program: Command): void {
  program
    .command('run')
    .description('Run the live service: bus, camera, driver states and alerts.')
    .requiredOption('--config <vigil.yaml>', 'the configuration; vigil config example prints one')
    .addHelpText('after', examples)
    .action(async ({ config }: { config: string }) => {
      const { runService } = await import('../service/run.js');
      const stop = new AbortController();
      for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort());
      await runService(config, stop.signal, (reload) => process.on('SIGHUP', reload));
    });
}
