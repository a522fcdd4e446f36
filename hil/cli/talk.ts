import { createInterface } from 'node:readline';
import { InvalidArgumentError, type Command } from 'commander';
import type { AssistantOptions } from '../../src/assistant/assistant.js';
import type { AssistantOutput } from '../../src/assistant/exchange.js';
import { loadDialog } from '../../src/assistant/dialog/turn.js';
import { Grammars } from '../../src/assistant/grammars.js';
import { loadCommands } from '../../src/assistant/grammar/load.js';
import type { LiveOptions } from '../../src/assistant/live-assistant.js';
import { aplay, espeakSound, PlayedVoice } from '../../src/assistant/reply/played-voice.js';
import { espeak, flite, ProcessVoice, SilentVoice } from '../../src/assistant/reply/voice.js';
import { openMicrophone } from '../../src/audio/open-microphone.js';
import { colors as pc } from '../../src/cli/colors.js';
import { ExitCode } from '../../src/cli/command.js';
import { readWakeHead } from '../../src/assistant/wake/head-file.js';
import { monotonicClock } from '../../src/runtime/clock.js';
import { VehicleStore } from '../../src/vehicle/store.js';
import { loadTree } from '../../src/vehicle/tree.js';
import { assistantLine } from '../replay/assistant-lines.js';
import { driveTime } from '../replay/wording.js';
import { liveTalk } from '../talk/live.js';
import { PipedTalk, type TalkSink } from '../talk/piped.js';

const examples = `
Examples:
  vigil talk                                         type to a simulated car; /help lists what else
  vigil talk --voice espeak-ng                       it answers aloud
  vigil talk --microphone alsa:default --speaker default --wake hey-vigil.wake.json
  printf 'open my window\\nundo that\\n' | vigil talk   without a terminal: the same lines, the same talk

Exit codes: 0 done, 1 failed, 2 wrong usage.`;

interface Flags {
  speed: number;
  voice: 'none' | 'espeak-ng' | 'flite';
  speaker?: string;
  microphone?: string;
  wake?: string;
  model: 'tiny' | 'base';
  json: boolean;
}

export function register(program: Command): void {
  program
    .command('talk')
    .description('Talk with the assistant in a simulated car, by keyboard or microphone.')
    .option('--speed <km/h>', 'how fast the car goes', speedOf, 50)
    .option('--voice <program>', 'none, espeak-ng or flite', oneOf('none', 'espeak-ng', 'flite'), 'none')
    .option(
      '--speaker <device>',
      'ALSA device; espeak-ng then speaks through aplay, and is not taken for a person',
    )
    .option('--microphone <address>', 'alsa:DEVICE, pipewire[:TARGET], unix:PATH or tcp://HOST:PORT')
    .option('--wake <head.json>', 'a wake phrase, see `vigil wake train`; else /press opens the microphone')
    .option('--model <size>', 'tiny or base', oneOf('tiny', 'base'), 'tiny')
    .option('--json', 'one JSON object a line', false)
    .addHelpText('after', examples)
    .action(async (flags: Flags) => {
      await talk(flags);
      process.exitCode = ExitCode.ok;
    });
}

function speedOf(text: string): number {
  const speed = Number(text);
  if (!(speed >= 0 && speed <= 400)) throw new InvalidArgumentError('Expected 0 to 400 km/h.');
  return speed;
}

function oneOf<T extends string>(...values: readonly T[]): (text: string) => T {
  return (text) => {
    const value = values.find((one) => one === text);
    if (value === undefined) throw new InvalidArgumentError(`Expected ${values.join(', ')}.`);
    return value;
  };
}

async function talk(flags: Flags): Promise<void> {
  const tree = loadTree();
  const store = new VehicleStore({
    tree,
    onListenerError: (error) => {
      throw error;
    },
  });
  const assistant: AssistantOptions = { config: loadDialog(tree), grammars: new Grammars(loadCommands()) };
  if (isLive(flags)) {
    const clock = monotonicClock;
    const options = { store, assistant, clock, speedKmh: flags.speed, lines: process.stdin };
    const startMs = clock.now();
    process.stdout.write('Say something, or /help.\n');
    await liveTalk({ ...options, ...soundOf(flags) }, sinkOf(flags, startMs));
    return;
  }
  const piped = new PipedTalk(store, assistant, flags.speed, sinkOf(flags, 0));
  for await (const line of createInterface({ input: process.stdin })) if (!piped.line(line)) break;
  piped.close();
}

/** Lines from a pipe have no time of their own, unless somebody listens. */
function isLive({ microphone, voice, speaker }: Flags): boolean {
  return process.stdin.isTTY || [microphone, speaker].some((one) => one !== undefined) || voice !== 'none';
}

function soundOf({ voice, speaker, microphone, wake, model }: Flags): Pick<LiveOptions, 'voice' | 'hearing'> {
  const spoken: Pick<LiveOptions, 'voice'> = {
    voice: (events) => {
      if (speaker !== undefined) return new PlayedVoice(espeakSound, aplay(speaker), monotonicClock, events);
      if (voice === 'none') return new SilentVoice(events);
      return new ProcessVoice(voice === 'flite' ? flite : espeak, events);
    },
  };
  if (microphone === undefined) return spoken;
  const head = wake === undefined ? null : readWakeHead(wake);
  const microphones = new Map([['driver', openMicrophone(microphone, monotonicClock)]] as const);
  return { ...spoken, hearing: { microphones, model, wake: head } };
}

function sinkOf({ json }: Flags, startMs: number): TalkSink {
  const write = (line: string): void => void process.stdout.write(`${line}\n`);
  const since = <T extends { readonly t: number }>(item: T): T => ({ ...item, t: item.t - startMs });
  return {
    output: (output: AssistantOutput) => {
      const shown = since(output);
      const line = json ? JSON.stringify(shown) : assistantLine(shown);
      if (line !== undefined) write(line);
    },
    note: (t, text) => {
      if (!json) write(pc.dim(`${driveTime(t - startMs)}  ${text}`));
    },
  };
}
