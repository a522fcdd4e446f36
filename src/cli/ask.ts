import type { Command } from 'commander';
import { idleState } from '../assistant/grammar/command-file.js';
import { compile } from '../assistant/grammar/compile.js';
import { english, languageOf } from '../assistant/grammar/language.js';
import { loadCommands } from '../assistant/grammar/load.js';
import { Follower, type Meaning } from '../assistant/grammar/match.js';
import { normalise } from '../assistant/grammar/normalise.js';
import {
  loadCommandSettings,
  SettingSuggestions,
  together,
} from '../assistant/understanding/command-settings.js';
import { NearestSentences, type Suggestion } from '../assistant/understanding/nearest.js';
import { ExitCode } from './command.js';

const examples = `
Examples:
  vigil ask "set the temperature to 21 degrees"
  vigil ask "yes please" --state confirming
  vigil ask "it's stuffy in here" --json
  vigil ask --language de "mach das Fenster auf"

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

function ask(text: string, { language: code, state, json }: Flags): number {
  const language = languageOf(code);
  const words = normalise(text, language);
  const automaton = compile(loadCommands(code), { state });
  const follower = new Follower(automaton);
  const meanings = follower.meanings(words);
  const near = meanings.length > 0 ? [] : didYouMean();
  if (json) process.stdout.write(`${JSON.stringify({ words, meanings, didYouMean: near })}\n`);
  else if (meanings.length === 0) {
    process.stdout.write('not understood\n');
    for (const { sentence, meaning } of near)
      process.stdout.write(`  did you mean "${sentence}"? (${meaningText(meaning)})\n`);
  } else for (const meaning of meanings) process.stdout.write(`${meaningText(meaning)}\n`);
  return meanings.length === 0 ? ExitCode.failure : ExitCode.ok;

  function didYouMean(): Suggestion[] {
    const sentences = new NearestSentences(automaton, language).nearest(words);
    // Names of settings are known in English only.
    if (language !== english) return sentences;
    return together(sentences, new SettingSuggestions(loadCommandSettings(), follower).suggest(text));
  }
}

function meaningText({ intent, slots }: Meaning): string {
  return [intent, ...Object.entries(slots).map(([name, value]) => `${name}=${String(value)}`)].join('  ');
}
