import { readFileSync } from 'node:fs';
import { InvalidArgumentError, type Command } from 'commander';
import { compile } from '../assistant/grammar/compile.js';
import { loadCommands, readCommands } from '../assistant/grammar/load.js';
import { CompiledGrammar } from '../assistant/speech/compiled-grammar.js';
import { hear, type Heard } from '../assistant/speech/hear.js';
import { SpeechRecogniser, type SpeechModel } from '../assistant/speech/speech-recogniser.js';
import { VoiceActivity } from '../audio/voice-activity.js';
import { readSpeech, readWav } from '../audio/wav.js';
import { invalidArgument, messageOf, VigilError } from '../runtime/errors.js';
import { withPhrase } from '../assistant/listening/wake-phrase.js';
import { normalise } from '../assistant/grammar/normalise.js';
import type { Automaton } from '../assistant/grammar/automaton.js';
import { readWakeHead } from '../assistant/wake/head-file.js';
import { ExitCode } from './command.js';
import {
  isMicrophone,
  lineOfEvent,
  listenLive,
  listenToRecording,
  type StreamOptions,
} from './listen-stream.js';

const examples = `
Examples:
  vigil listen order.wav                            what it means in a car
  vigil listen order.wav --grammar coffee.yaml      with other commands
  vigil listen note.wav --grammar none              only the free text
  vigil listen order.wav --json
  vigil listen drive.wav --stream                   as a microphone would hear it, open all the time
  vigil listen drive.wav --stream --wake hey-vigil.wake.json
  vigil listen alsa:default                         a microphone, until Ctrl-C

Nothing is acted upon. Microphones: alsa:DEVICE, pipewire, unix:/path or tcp://host:port (16-bit samples, 16 kHz).
Exit codes: 0 understood (to act on or to confirm; of a stream: anything), 1 rejected or no speech, 2 wrong usage.`;

interface Flags {
  grammar: string;
  language: string;
  model: SpeechModel;
  json: boolean;
  stream: boolean;
  wake?: string;
}

export function register(program: Command): void {
  program
    .command('listen')
    .description('Understand a recorded command, or what a microphone hears.')
    .argument('<source>', 'a WAVE file of any sample rate and number of channels, or a microphone')
    .option('--grammar <file>', 'commands (those of signals/commands), none, or a command file', 'commands')
    .option('--language <code>', 'of the commands', 'en')
    .option('--model <size>', 'tiny or base', modelOf, 'tiny')
    .option('--stream', 'hear the file as a microphone would: several utterances, pauses', false)
    .option('--wake <file>', 'with a stream: head of a wake word; the microphone is closed until it is heard')
    .option('--json', 'one JSON object; of a stream, one for each event', false)
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
  if (flags.stream || isMicrophone(file)) return listenToStream(file, flags);
  if (flags.wake !== undefined)
    throw invalidArgument('--wake', '--stream or a microphone beside it', flags.wake);
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

async function listenToStream(source: string, flags: Flags): Promise<number> {
  const automaton = automatonOf(flags);
  if (automaton === null) throw invalidArgument('--grammar', 'commands for a stream', flags.grammar);
  const wake = flags.wake === undefined ? null : readWakeHead(flags.wake);
  const recogniser = new SpeechRecogniser({ model: flags.model });
  const phrase = wake === null ? [] : normalise(wake.phrase);
  const options: StreamOptions = {
    recogniser,
    grammar: new CompiledGrammar(withPhrase(automaton, phrase), recogniser.tokenizer),
    wake,
    onEvent: (event) => {
      const line = flags.json ? JSON.stringify(event) : lineOfEvent(event);
      if (line !== null) process.stdout.write(`${line}\n`);
    },
  };
  try {
    if (!isMicrophone(source)) {
      const heard = await listenToRecording(readWav(source), options);
      return heard > 0 ? ExitCode.ok : ExitCode.failure;
    }
    const stopped = new Promise<void>((resolve) => process.once('SIGINT', () => resolve()));
    const onState = (state: string): unknown => process.stderr.write(`microphone ${state}\n`);
    return (await listenLive(source, options, stopped, onState)) > 0 ? ExitCode.ok : ExitCode.failure;
  } finally {
    recogniser.close();
  }
}

function grammarOf(flags: Flags, { tokenizer }: SpeechRecogniser): CompiledGrammar | null {
  const automaton = automatonOf(flags);
  return automaton === null ? null : new CompiledGrammar(automaton, tokenizer);
}

function automatonOf({ grammar, language }: Flags): Automaton | null {
  if (grammar === 'none') return null;
  if (grammar === 'commands') return compile(loadCommands(language));
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
  return compile(readCommands(text, grammar, language));
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
