import { readFileSync } from 'node:fs';
import { InvalidArgumentError, type Command } from 'commander';
import { compile } from '../assistant/grammar/compile.js';
import { loadCommands, readCommands } from '../assistant/grammar/load.js';
import { CompiledGrammar } from '../assistant/speech/compiled-grammar.js';
import { hear, type Heard } from '../assistant/speech/hear.js';
import { SpeechRecogniser, type SpeechModel } from '../assistant/speech/speech-recogniser.js';
import { VoiceActivity } from '../audio/voice-activity.js';
import { readSpeech } from '../audio/wav.js';
import { messageOf, VigilError } from '../runtime/errors.js';
import { ExitCode } from './command.js';

const examples = `
Examples:
  vigil listen order.wav                            what it means in a car
  vigil listen order.wav --grammar coffee.yaml      with other commands
  vigil listen note.wav --grammar none              only the free text
  vigil listen order.wav --json

Exit codes: 0 understood (to act on or to confirm), 1 rejected or no speech, 2 wrong usage.`;

interface Flags {
  grammar: string;
  language: string;
  model: SpeechModel;
  json: boolean;
}

export function register(program: Command): void {
  program
    .command('listen')
    .description('Understand a recorded command.')
    .argument('<recording.wav>', 'one utterance; any sample rate and number of channels')
    .option('--grammar <file>', 'commands (those of signals/commands), none, or a command file', 'commands')
    .option('--language <code>', 'of the commands', 'en')
    .option('--model <size>', 'tiny or base', modelOf, 'tiny')
    .option('--json', 'one JSON object', false)
    .addHelpText('after', examples)
    .action(async (file: string, flags: Flags) => {
      process.exitCode = await listen(file, flags);
    });
}

function modelOf(text: string): SpeechModel {
  if (text === 'tiny' || text === 'base') return text;
  throw new InvalidArgumentError('Expected tiny or base.');
}

async function listen(file: string, flags: Flags): Promise<number> {
  const samples = readSpeech(file);
  const recogniser = new SpeechRecogniser({ model: flags.model });
  try {
    const heard = await hear(recogniser, new VoiceActivity(), samples, grammarOf(flags, recogniser));
    if (flags.json) process.stdout.write(`${JSON.stringify(heard)}\n`);
    else process.stdout.write(`${linesOf(heard).join('\n')}\n`);
    return flags.grammar !== 'none' && heard.zone === 'reject' ? ExitCode.failure : ExitCode.ok;
  } finally {
    recogniser.close();
  }
}

function grammarOf({ grammar, language }: Flags, { tokenizer }: SpeechRecogniser): CompiledGrammar | null {
  if (grammar === 'none') return null;
  if (grammar === 'commands') return new CompiledGrammar(compile(loadCommands(language)), tokenizer);
  let text: string;
  try {
    text = readFileSync(grammar, 'utf8');
  } catch (error) {
    throw new VigilError(
      'COMMANDS_UNREADABLE',
      `Expected a command file at ${grammar} but: ${messageOf(error)}.`,
      'Name a YAML file, or "commands" for those of the product.',
      { grammar },
      { cause: error },
    );
  }
  return new CompiledGrammar(compile(readCommands(text, grammar, language)), tokenizer);
}

function linesOf({ hypotheses, freeText, llr, zone, timings, fromS, toS }: Heard): string[] {
  const slots = (values: object): string =>
    Object.entries(values)
      .map(([slot, value]) => ` ${slot}=${String(value)}`)
      .join('');
  return [
    `free text  ${freeText}`,
    ...hypotheses
      .slice(0, 2)
      .map(
        ({ text, meaning, logProb }, i) =>
          `${i === 0 ? 'command    ' : 'or         '}${text}  ->  ${meaning.intent}${slots(meaning.slots)}  (log P ${logProb.toFixed(2)})`,
      ),
    `score      ${llr === null ? 'no command fits' : llr.toFixed(2)}: ${zone}`,
    `time       speech from ${fromS.toFixed(2)} to ${toS.toFixed(2)} s; encoder ${timings.encodeCpuMs.toFixed(0)} ms, ` +
      `${timings.steps} steps ${timings.decodeCpuMs.toFixed(0)} ms of CPU`,
  ];
}
