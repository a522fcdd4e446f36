import type { Command } from 'commander';
import { ExitCode } from '../../src/cli/command.js';
import { runScenarios, scenarioJson, scenarioText, transcript } from '../eval/dialogs.js';
import { readScenario } from '../eval/dialog-scenario.js';

const examples = `
Examples:
  vigil dialog test/data/dialogs/safety.yaml
  vigil dialog my-dialog.yaml --transcript
  vigil dialog my-dialog.yaml --json

docs/dialog.md describes scenario files.
Exit codes: 0 as expected, 1 otherwise, 2 wrong usage.`;

interface Flags {
  transcript: boolean;
  json: boolean;
}

export function register(program: Command): void {
  program
    .command('dialog')
    .description('Run spoken dialogs from scenario files.')
    .argument('<scenario.yaml...>', 'files with one scenario or a list of them')
    .option('--transcript', 'what was said and moved', false)
    .option('--json', 'one JSON object', false)
    .addHelpText('after', examples)
    .action(async (files: string[], flags: Flags) => {
      process.exitCode = await dialog(files, flags);
    });
}

async function dialog(files: readonly string[], flags: Flags): Promise<number> {
  const results = await runScenarios(files.flatMap(readScenario));
  if (flags.json) process.stdout.write(`${JSON.stringify(scenarioJson(results))}\n`);
  else {
    if (flags.transcript) process.stdout.write(`${results.map(transcript).join('\n\n')}\n\n`);
    process.stdout.write(`${scenarioText(results)}\n`);
  }
  return results.every(({ passed }) => passed) ? ExitCode.ok : ExitCode.failure;
}
