import type { Command } from 'commander';
import { askLocal } from '../service/local-server.js';
import type { ServiceStatus } from '../service/service.js';
import { statusText } from '../service/status-text.js';

const examples = `
Examples:
  vigil status
  vigil status --socket /tmp/vigil.sock --json`;

export function register(program: Command): void {
  program
    .command('status')
    .description('How the running service is: sources, stages against their budgets, heartbeat.')
    .option('--socket <path>', "the service's controlSocket", '/run/vigil/control.sock')
    .option('--json', 'one JSON object', false)
    .addHelpText('after', examples)
    .action(async ({ socket, json }: { socket: string; json: boolean }) => {
      const body = await askLocal(socket, '/status');
      process.stdout.write(json ? `${body}\n` : statusText(JSON.parse(body) as ServiceStatus));
    });
}
