import { compile } from '../../src/assistant/grammar/compile.js';
import { lint } from '../../src/assistant/grammar/lint.js';
import { loadCommands } from '../../src/assistant/grammar/load.js';
import { Follower } from '../../src/assistant/grammar/match.js';
import { normalise } from '../../src/assistant/grammar/normalise.js';
import {
  loadCommandSettings,
  SettingSuggestions,
} from '../../src/assistant/understanding/command-settings.js';
import { NearestSentences } from '../../src/assistant/understanding/nearest.js';
import type { BenchRow } from './row.js';

/** What a driver may say instead of a command: near to one, about a setting, or about something else. */
const sentences = [
  'turn the seat heating of',
  'crank the heat up a notch would you',
  'could you maybe open that window over there a tiny little bit',
  'mood lighting to violet',
  'i would really like it to be a lot warmer in the back of the car',
  'find me some place where we can sit and have a cup of tea with the kids',
  'take me to the biggest furniture store in town',
  'what is the weather like in boston tomorrow afternoon',
  'play that song from the film we saw last week',
  'remind me to call the dentist when we get home',
  'is there anything wrong with the front left tire',
  'switch the wipers to the slowest setting they have',
  'how long will it be until we have to stop for petrol',
  'put the volume where it was before',
  'send my wife a message that we will be late',
  'read out what the sign back there said',
  'lower the blinds for the children in the back',
  'my feet are freezing over here',
  'stop telling me where to go',
  'ten degrees less on her side',
] as const;

const rounds = 25;

/** Processor time of one call for each sentence, ms: the median of rounds, so that the rest of the machine counts little. */
function perSentence(understand: (text: string) => unknown): number[] {
  return sentences.map((text) => {
    understand(text);
    const times = Array.from({ length: rounds }, () => {
      const { user, system } = process.cpuUsage();
      understand(text);
      const used = process.cpuUsage({ user, system });
      return (used.user + used.system) / 1000;
    });
    return quantile(times, 0.5);
  });
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}

function once(work: () => unknown): number {
  work();
  const { user, system } = process.cpuUsage();
  work();
  const used = process.cpuUsage({ user, system });
  return (used.user + used.system) / 1000;
}

/** What it costs to make of a sentence what it means, and of the command files what can be said. */
export function run(): Promise<BenchRow[]> {
  const commands = loadCommands('en');
  const automaton = compile(commands);
  const follower = new Follower(automaton);
  const near = new NearestSentences(automaton);
  const settings = new SettingSuggestions(loadCommandSettings(), follower);
  const nearest = perSentence((text) => near.nearest(normalise(text)));
  const suggested = perSentence((text) => settings.suggest(text));
  const understood = perSentence((text) => follower.meanings(normalise(text)));
  const of = `CPU; ${sentences.length} sentences, ${automaton.arcs.length} steps`;
  return Promise.resolve([
    {
      name: 'a sentence of the grammar or none',
      value: quantile(understood, 0.95),
      unit: 'ms',
      note: `p95; ${of}`,
    },
    { name: 'nearest sentences, p50', value: quantile(nearest, 0.5), unit: 'ms', note: of },
    { name: 'nearest sentences, p95', value: quantile(nearest, 0.95), unit: 'ms', limit: 20, note: of },
    { name: 'settings, p95', value: quantile(suggested, 0.95), unit: 'ms', limit: 20, note: of },
    { name: 'English commands compiled', value: once(() => compile(commands)), unit: 'ms', note: 'CPU' },
    {
      name: 'English commands linted',
      value: once(() => lint(commands)),
      unit: 'ms',
      note: 'CPU; every dialog state',
    },
  ]);
}
