import { join } from 'node:path';
import type { Command } from 'commander';
import type { CommandSet } from '../assistant/grammar/command-file.js';
import { lint, type Finding } from '../assistant/grammar/lint.js';
import { commandsDir, loadCommands } from '../assistant/grammar/load.js';
import { differences, missingIntents } from '../assistant/grammar/reference.js';
import { isNotBuilt, unheardWords, unspeltWords } from '../assistant/grammar/words-lint.js';
import { Tokenizer } from '../assistant/speech/tokenizer.js';
import { readSentenceTests, runSentenceTests } from '../assistant/grammar/sentence-tests.js';
import { colors } from './colors.js';
import { ExitCode } from './command.js';

const examples = `
Examples:
  vigil commands list                       every intent, by what it does
  vigil commands lint                       sentences that two intents claim, words nobody can hear, and the like
  vigil commands lint --language de         the same, and what means something that English does not know
  vigil commands test                       the sentences of signals/commands/tests/en.yaml
  vigil commands test my-sentences.yaml --json

Exit codes: 0 done, 1 findings or failed sentences, 2 wrong usage.`;

interface Flags {
  language: string;
  folder?: string;
  json: boolean;
}

export function register(program: Command): void {
  const commands = program
    .command('commands')
    .description('Look after the spoken commands.')
    .addHelpText('after', examples);
  const options = (command: Command): Command =>
    command
      .option('--language <code>', 'folder below signals/commands', 'en')
      .option('--folder <path>', 'command files elsewhere')
      .option('--json', 'one JSON object', false);
  options(commands.command('list').description('List the intents.')).action((flags: Flags) => list(flags));
  options(commands.command('lint').description('Tell what is probably not meant.')).action((flags: Flags) => {
    process.exitCode = lintCommands(flags);
  });
  options(commands.command('test').description('Check that sentences mean what they must.'))
    .argument('[sentences.yaml]', "default: the language's own")
    .action((file: string | undefined, flags: Flags) => {
      process.exitCode = testCommands(file, flags);
    });
}

function load({ language, folder }: Flags): ReturnType<typeof loadCommands> {
  return folder === undefined ? loadCommands(language) : loadCommands(language, folder);
}

function list(flags: Flags): void {
  const { intents } = load(flags);
  if (flags.json) {
    const facts = intents.map(({ name, about, states }) => ({ name, about, states }));
    process.stdout.write(`${JSON.stringify({ intents: facts })}\n`);
    return;
  }
  const width = Math.max(...intents.map(({ name }) => name.length));
  for (const { name, about } of intents) process.stdout.write(`${name.padEnd(width)}  ${about}\n`);
  process.stderr.write(`${intents.length} intents\n`);
}

/** Intents and slots are those of this language in every language. */
const referenceLanguage = 'en';

function lintCommands(flags: Flags): number {
  const commands = load(flags);
  const translated = flags.folder === undefined && flags.language !== referenceLanguage;
  const reference = translated ? loadCommands(referenceLanguage) : commands;
  const spelt = spelling(commands);
  const findings = [
    ...lint(commands),
    ...unheardWords(commands),
    ...(spelt ?? []),
    ...(translated ? differences(commands, reference) : []),
  ];
  const missing = translated ? missingIntents(commands, reference) : [];
  if (flags.json)
    process.stdout.write(`${JSON.stringify({ findings, missing, speechChecked: spelt !== null })}\n`);
  else for (const { kind, text } of findings) process.stdout.write(`${colors.yellow(kind)}  ${text}\n`);
  if (!flags.json && missing.length > 0)
    process.stdout.write(`Not said in ${flags.language}: ${missing.join(', ')}\n`);
  if (!flags.json && spelt === null)
    process.stdout.write('Not checked: how the recogniser spells them, for its tokens are not built.\n');
  if (!flags.json && findings.length === 0) process.stdout.write('Nothing found.\n');
  return findings.length === 0 ? ExitCode.ok : ExitCode.failure;
}

/** Null where the recogniser's tokens are not built. */
function spelling(commands: CommandSet): Finding[] | null {
  let tokenizer: Tokenizer;
  try {
    tokenizer = Tokenizer.load();
  } catch (error) {
    if (isNotBuilt(error)) return null;
    throw error;
  }
  return unspeltWords(commands, (word) => tokenizer.encode(word));
}

function testCommands(file: string | undefined, flags: Flags): number {
  const tests = readSentenceTests(file ?? join(commandsDir, 'tests', `${flags.language}.yaml`));
  const results = runSentenceTests(load(flags), tests);
  const failed = results.filter(({ passed }) => !passed);
  if (flags.json) {
    const facts = failed.map(({ test, meanings }) => ({ ...test, meanings }));
    process.stdout.write(`${JSON.stringify({ sentences: results.length, failed: facts })}\n`);
    return failed.length === 0 ? ExitCode.ok : ExitCode.failure;
  }
  for (const { test, meanings } of failed) {
    const wanted = test.intent === null ? 'nothing' : `${test.intent} ${JSON.stringify(test.slots)}`;
    const came = meanings.map(({ intent, slots }) => `${intent} ${JSON.stringify(slots)}`).join(' or ');
    process.stdout.write(
      `${colors.red('wrong')}  ${JSON.stringify(test.say)}: expected ${wanted} but found ${came === '' ? 'nothing' : came}\n`,
    );
  }
  process.stdout.write(`${results.length - failed.length} of ${results.length} sentences right\n`);
  return failed.length === 0 ? ExitCode.ok : ExitCode.failure;
}
