import { Assistant, type AssistantOptions } from '../../src/assistant/assistant.js';
import { watchedPaths } from '../../src/assistant/dialog/watched-paths.js';
import { loadDialog } from '../../src/assistant/dialog/turn.js';
import type { AssistantInput } from '../../src/assistant/exchange.js';
import { Grammars } from '../../src/assistant/grammars.js';
import { loadCommands } from '../../src/assistant/grammar/load.js';
import { espeakSound, PlayedVoice } from '../../src/assistant/reply/played-voice.js';
import { ProcessVoice } from '../../src/assistant/reply/voice.js';
import { Tokenizer } from '../../src/assistant/speech/tokenizer.js';
import { SpokenGrammars } from '../../src/assistant/spoken-grammars.js';
import { monotonicClock } from '../../src/runtime/clock.js';
import { Histogram } from '../../src/runtime/histogram.js';
import { VehicleStore } from '../../src/vehicle/store.js';
import { loadTree } from '../../src/vehicle/tree.js';
import { SyntheticCabin } from '../synthetic/cabin.js';
import { leastCpuSeconds } from './cpu-time.js';
import type { BenchRow } from './row.js';

/** From the issue that asked for it. */
const bargeInMs = 200;
const utterances = 40;

const tree = loadTree();
const commands = loadCommands();

function assistant(): { readonly take: (input: AssistantInput) => void } {
  const options: AssistantOptions = { config: loadDialog(tree), grammars: new Grammars(commands) };
  const store = new VehicleStore({
    tree,
    onListenerError: (error) => {
      throw error;
    },
  });
  const one = new Assistant(store, options);
  new SyntheticCabin(store, watchedPaths(options.config)).set('Vehicle.Speed', 50, 0);
  return {
    take: (input) => {
      one.take(input);
      one.outputs();
    },
  };
}

/** CPU ms of something that is done over and over at one assistant, `every` ms of drive time. */
async function cpuMs(inputs: (t: number) => readonly AssistantInput[], everyMs: number): Promise<number> {
  const { take } = assistant();
  let t = 0;
  const seconds = await leastCpuSeconds(() => {
    t += everyMs;
    for (const input of inputs(t)) take(input);
  });
  return 1000 * seconds;
}

const typed = (t: number, text: string): AssistantInput => ({ kind: 'typed', t, zone: 'driver', text });

async function stepRows(): Promise<BenchRow[]> {
  const row = async (
    name: string,
    everyMs: number,
    inputs: (t: number) => readonly AssistantInput[],
  ): Promise<BenchRow> => ({ name, value: await cpuMs(inputs, everyMs), unit: 'ms of CPU' });
  return [
    await row('assistant, a tick', 50, (t) => [{ kind: 'tick', t }]),
    await row('assistant, a sentence of the grammar', 20_000, (t) => [typed(t, 'how fast am i going')]),
    await row('assistant, the nearest command to another sentence', 20_000, (t) => [
      typed(t, 'could you possibly tell me how very fast we are going at the moment my friend'),
    ]),
  ];
}

async function grammarRows(): Promise<BenchRow[]> {
  const tokenizer = Tokenizer.load();
  const words = await leastCpuSeconds(() => void new Grammars(commands).open(['idle']));
  const all = await leastCpuSeconds(() => new SpokenGrammars(new Grammars(commands), tokenizer).prepare());
  return [
    { name: 'grammar of all commands, compiled to words', value: 1000 * words, unit: 'ms of CPU' },
    {
      name: 'every grammar that a dialog opens, compiled to tokens',
      value: 1000 * all,
      unit: 'ms of CPU',
      note: 'at the start, and when places or contacts changed',
    },
  ];
}

/** How long a voice takes to begin and to fall silent, wall clock. */
async function voiceRows(): Promise<BenchRow[]> {
  const [begins, ends] = [new Histogram(), new Histogram()];
  for (let id = 1; id <= utterances; id++) {
    begins.record(await firstSoundMs(id));
    ends.record(await silenceMs(id));
  }
  const [begun, ended] = [begins.read(), ends.read()];
  return [
    {
      name: 'espeak-ng, from a reply to its first sound',
      value: begun.p50Ms,
      unit: 'ms',
      note: `p99 ${begun.p99Ms.toFixed(0)} ms of ${utterances}`,
    },
    {
      name: 'espeak-ng, from barge-in to its end, p99',
      value: ended.p99Ms,
      unit: 'ms',
      limit: bargeInMs,
      note: `p50 ${ended.p50Ms.toFixed(1)} ms of ${utterances}; the loudspeaker's buffer, 100 ms with aplay, goes with it`,
    },
  ];
}

const reply = 'I am guiding you to Rest Area North, 12 kilometres away.';

function firstSoundMs(id: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const toNowhere = { command: 'sh', arguments: () => ['-c', 'cat > /dev/null'] };
    const fromMs = monotonicClock.now();
    const voice = new PlayedVoice(espeakSound, toNowhere, monotonicClock, {
      onEnd: () => undefined,
      onMissing: (reason) => reject(new Error(reason)),
      onSound: () => {
        resolve(monotonicClock.now() - fromMs);
        voice.close();
      },
    });
    voice.say(id, reply, 70);
  });
}

/** Long enough to be at work for seconds even where nothing waits for a loudspeaker. */
const speech = `${reply} `.repeat(2000);
const settleMs = 100;

function silenceMs(id: number): Promise<number> {
  return new Promise((resolve, reject) => {
    let cutMs = Number.NaN;
    const voice = new ProcessVoice(espeakSound, {
      onEnd: () => resolve(monotonicClock.now() - cutMs),
      onMissing: (reason) => reject(new Error(reason)),
    });
    voice.say(id, speech, 70);
    setTimeout(() => {
      cutMs = monotonicClock.now();
      voice.hush(id);
    }, settleMs);
  });
}

/** The assistant in the graph: what its steps cost, and how fast its voice is there and gone. */
export async function run(): Promise<BenchRow[]> {
  return [...(await stepRows()), ...(await grammarRows()), ...(await voiceRows())];
}
