import type { Command } from 'commander';
import { idleState } from '../assistant/grammar/command-file.js';
import { compile } from '../assistant/grammar/compile.js';
import { loadCommands } from '../assistant/grammar/load.js';
import { Follower } from '../assistant/grammar/match.js';
import { normalise } from '../assistant/grammar/normalise.js';
import { ExitCode } from './command.js';

const examples = `
Examples:
  vigil ask "set the temperature to 21 degrees"
  vigil ask "yes please" --state confirming
  vigil ask "it's stuffy in here" --json

Exit codes: 0 understood, 1 not understood, 2 wrong usage.`;

interface Flags {
  language: string;
  state: string;
  json: boolean;
}

export function register(program: Command): void {
  program
    .command('ask')
    .description('Tell what a typed sentence means to the assistant.')
    .argument('<text>', 'what somebody says')
    .option('--language <code>', 'folder below signals/commands', 'en')
    .option('--state <name>', 'dialog state: what is being waited for', idleState)
    .option('--json', 'one JSON object', false)
    .addHelpText('after', examples)
    .action((text: string, flags: Flags) => {
      process.exitCode = ask(text, flags);
    });
}

function ask(text: string, { language, state, json }: Flags): number {
  const words = normalise(text);
  const meanings = new Follower(compile(loadCommands(language), { state })).meanings(words);
  if (json) process.stdout.write(`${JSON.stringify({ words, meanings })}\n`);
  else if (meanings.length === 0) process.stdout.write('not understood\n');
  else {
    for (const { intent, slots } of meanings) {
      const values = Object.entries(slots).map(([name, value]) => `  ${name}=${String(value)}`);
      process.stdout.write(`${intent}${values.join('')}\n`);
    }
  }
  return meanings.length === 0 ? ExitCode.failure : ExitCode.ok;
}
