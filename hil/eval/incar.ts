import { loadCommands } from '../../src/assistant/grammar/load.js';
import { zoneLimits, type Zone } from '../../src/assistant/speech/zones.js';
import { readNoises } from './command-clips.js';
import { accuracyOver, grouped, type Accuracy, type Snr } from './command-score.js';
import type { Evaluation } from './evaluation.js';
import { carTrials, spokenSentences, type CarTrial } from './incar-trials.js';
import { SpeechHearing } from './speech-hearing.js';
import { benchmarkSnrs, countOption, modelOption, snrOption } from './speech-options.js';
import { installedVoices } from './speech-voices.js';
import { wilson, type Interval } from './wilson.js';

/** What became of commands, as shares of all. */
export interface Outcomes {
  readonly n: number;
  readonly actedRight: number;
  readonly actedWrong: number;
  readonly askedRight: number;
  readonly askedWrong: number;
  readonly rejected: number;
}

export function outcomesOf(trials: readonly CarTrial[]): Outcomes {
  const share = (zone: Zone, right?: boolean): number =>
    trials.filter((trial) => trial.zone === zone && (right === undefined || trial.right === right)).length /
    trials.length;
  return {
    n: trials.length,
    actedRight: share('act', true),
    actedWrong: share('act', false),
    askedRight: share('confirm', true),
    askedWrong: share('confirm', false),
    rejected: share('reject'),
  };
}

/** Synthesized in-car commands, of all intents and slots, by voices that no limit was chosen on. */
export const incar: Evaluation = {
  name: 'incar',
  about: 'synthesized in-car commands of every intent, clean and at 6 to 24 dB (--limit, --snr, --model)',
  run: async ({ dataDir, options, progress }) => {
    const model = modelOption(options, 'tiny');
    const snrs = snrOption(options, ['clean', ...benchmarkSnrs]);
    const commands = loadCommands('en');
    const voices = installedVoices();
    const all = spokenSentences(commands, voices, false);
    const limit = Math.min(countOption(options, 'limit') ?? all.length, all.length);
    // Spread over the intents.
    const sentences = all.filter(
      (_, i) => Math.floor(((i + 1) * limit) / all.length) > Math.floor((i * limit) / all.length),
    );
    const hearing = new SpeechHearing(model);
    let trials: CarTrial[];
    try {
      trials = await carTrials(sentences, {
        ...{ hearing, commands, progress },
        noises: snrs.some((snr) => snr !== 'clean') ? readNoises(dataDir) : [],
        always: snrs.filter((snr) => snr === 'clean'),
        turns: snrs.filter((snr) => snr !== 'clean'),
        turnsEach: 2,
      });
    } finally {
      hearing.close();
    }
    const noisy = trials.filter(({ snr }) => snr !== 'clean');
    const counted = noisy.length > 0 ? noisy : trials;
    const headline = accuracyOver(counted);
    const bySnr = accuracies(trials, ({ snr }) => snr);
    const byVoice = accuracies(trials, ({ voice }) => voice);
    const wrongActs = counted.filter(({ zone, right }) => zone === 'act' && !right).length;
    const json = {
      ...headline,
      n: sentences.length,
      intents: new Set(sentences.map(({ meaning }) => meaning.intent)).size,
      unit: 'sentence; interval by resampling sentences',
      model,
      bySnr: Object.fromEntries(bySnr),
      byVoice: Object.fromEntries(byVoice),
      zones: zoneLimits,
      outcomes: outcomesOf(counted),
      actedWrong: { share: wrongActs / counted.length, ...wilson(wrongActs, counted.length) },
      cleanOutcomes: outcomesOf(trials.filter(({ snr }) => snr === 'clean')),
      wrong: trials.filter(({ right }) => !right),
    };
    const text = [
      line(`Moonshine ${model}, mean in noise`, headline),
      ...[...bySnr].map(([snr, one]) => line(snrName(snr), one)),
      ...[...byVoice].map(([voice, one]) => line(voice, one)),
      outcomeLine('in noise', outcomesOf(counted)),
      `acted and wrong: ${wrongActs} of ${counted.length} ${interval(wilson(wrongActs, counted.length))}`,
      `${sentences.length} sentences of ${json.intents} intents; 95 % by resampling sentences.`,
    ].join('\n');
    return { json, text };
  },
};

function accuracies<K>(trials: readonly CarTrial[], keyOf: (trial: CarTrial) => K): Map<K, Accuracy> {
  return new Map([...grouped(trials, keyOf)].map(([key, part]) => [key, accuracyOver(part)]));
}

const snrName = (snr: Snr): string => (snr === 'clean' ? 'clean' : `${snr} dB`);
const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

function interval({ low, high }: Interval): string {
  return `[${(100 * low).toFixed(1)}, ${(100 * high).toFixed(1)}]`;
}

function line(name: string, accuracy: Accuracy): string {
  return `${name.padEnd(34)} ${percent(accuracy.accuracy)} ${interval(accuracy)}  ${accuracy.trials} trials`;
}

function outcomeLine(name: string, one: Outcomes): string {
  const acted = `acted ${percent(one.actedRight)} right, ${percent(one.actedWrong)} wrong`;
  const asked = `asked ${percent(one.askedRight)} right, ${percent(one.askedWrong)} wrong`;
  return `${name}: ${acted}; ${asked}; rejected ${percent(one.rejected)}; n ${one.n}`;
}
