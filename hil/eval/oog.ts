import { idleState } from '../../src/assistant/grammar/command-file.js';
import { loadCommands } from '../../src/assistant/grammar/load.js';
import { Follower } from '../../src/assistant/grammar/match.js';
import { isTooSlow } from '../../src/assistant/speech/pace.js';
import { rejectionScore, zoneLimits, zoneOf, type Zone } from '../../src/assistant/speech/zones.js';
import { readNoises, type Noise } from './command-clips.js';
import { grouped, type Snr } from './command-score.js';
import type { Evaluation } from './evaluation.js';
import { grammarOfState } from './incar-sentences.js';
import { carTrials, paceOf, someOf, spokenSentences } from './incar-trials.js';
import { otherSentences, type OtherSentence } from './oog-sentences.js';
import { fittedLimits } from './oog-zones.js';
import { SpeechHearing, type HeardGrammar } from './speech-hearing.js';
import { hashOf, inNoise } from './speech-noise.js';
import { benchmarkSnrs, countOption, modelOption } from './speech-options.js';
import { installedVoices, spoken, voiceName, type SpokenVoice } from './speech-voices.js';
import { wilson, type Interval } from './wilson.js';

/** What may be acted upon wrongly, and asked about, of the speech that limits are chosen on. */
const fittedActed = 0.005;
const fittedAsked = 0.05;

export interface OtherTrial {
  readonly text: string;
  readonly kind: string;
  readonly voice: string;
  readonly snr: Snr;
  readonly score: number;
  readonly zone: Zone;
  /** Too few words for the time. */
  readonly isSlow: boolean;
  /** The command that it comes nearest to. */
  readonly said: string;
}

async function otherTrials(
  sentences: readonly OtherSentence[],
  {
    voices,
    noises,
    hearing,
    grammar,
    progress,
  }: {
    readonly voices: readonly SpokenVoice[];
    readonly noises: readonly Noise[];
    readonly hearing: SpeechHearing;
    readonly grammar: HeardGrammar;
    readonly progress: (step: string) => void;
  },
): Promise<OtherTrial[]> {
  const trials: OtherTrial[] = [];
  for (const [number, { text, kind, fitting }] of sentences.entries()) {
    const speakers = voices.filter((voice) => voice.fitting === fitting);
    const voice = speakers[hashOf(text) % speakers.length];
    const speech = spoken(text, voice, paceOf(text));
    // All clean, every second one in noise as well.
    const noisy = number % 2 === 0 ? someOf(benchmarkSnrs, 1, number / 2) : [];
    for (const snr of ['clean' as const, ...noisy]) {
      const {
        llr,
        sentences: heard,
        spoken: said,
      } = await hearing.hear(inNoise(speech, noises, text, snr, 1).audio, grammar);
      trials.push({
        ...{ text, kind, voice: voiceName(voice), snr, score: rejectionScore(llr, said) },
        zone: zoneOf(llr, said),
        isSlow: isTooSlow(said.words, said.soundS),
        said: heard.at(0)?.text ?? '',
      });
    }
    if ((number + 1) % 20 === 0)
      progress(`${number + 1} of ${sentences.length} sentences that are no command`);
  }
  return trials;
}

interface Share extends Interval {
  readonly n: number;
  readonly acted: number;
  readonly asked: number;
  readonly actedShare: number;
}

/** Interval of the share acted upon (Wilson); the unit is the sentence. */
function shareOf(trials: readonly OtherTrial[]): Share {
  const count = (zone: Zone): number => trials.filter((trial) => trial.zone === zone).length;
  const acted = count('act');
  return {
    ...{ n: trials.length, acted, asked: count('confirm'), actedShare: acted / trials.length },
    ...wilson(acted, trials.length),
  };
}

/** Speech that is no command, through the in-car grammar: nothing of it may be done. */
export const oog: Evaluation = {
  name: 'oog',
  about: 'speech that is no command through the in-car grammar: acted upon, asked about (--limit, --model)',
  run: async ({ dataDir, options, progress }) => {
    const model = modelOption(options, 'tiny');
    const commands = loadCommands('en');
    const automaton = grammarOfState(commands, idleState);
    const all = otherSentences(dataDir, new Follower(automaton));
    const limit = countOption(options, 'limit') ?? all.length;
    const reported = all.filter(({ fitting }) => !fitting).slice(0, limit);
    const chosen = all.filter(({ fitting }) => fitting).slice(0, limit);
    const voices = installedVoices();
    const noises = readNoises(dataDir);
    const hearing = new SpeechHearing(model);
    try {
      const grammar = await hearing.grammar(automaton, `incar-${idleState}`);
      const hear = { voices, noises, hearing, grammar, progress };
      const trials = await otherTrials(reported, hear);
      const fitting = await otherTrials(chosen, hear);
      const said = await carTrials(spokenSentences(commands, voices, true).slice(0, limit), {
        ...{ hearing, commands, noises, progress, always: ['clean'], turns: benchmarkSnrs, turnsEach: 1 },
      });
      const limits = fittedLimits(
        {
          commands: said.filter(({ right }) => right),
          others: fitting,
        },
        fittedActed,
        fittedAsked,
      );
      const clean = shareOf(trials.filter(({ snr }) => snr === 'clean'));
      const noisy = shareOf(trials.filter(({ snr }) => snr !== 'clean'));
      const byKind = new Map(
        [...grouped(trials, ({ kind }) => kind)].map(([kind, part]) => [kind, shareOf(part)]),
      );
      const json = {
        ...{ n: reported.length, unit: 'distinct sentence; every second one in noise as well', model },
        ...{ actedShare: clean.actedShare, clean, noisy, byKind: Object.fromEntries(byKind) },
        ...{ zones: zoneLimits, fitted: limits, fittedOn: { others: fitting.length, commands: said.length } },
        acted: trials.filter(({ zone }) => zone === 'act'),
        asked: trials.filter(({ zone }) => zone === 'confirm'),
      };
      const text = [
        line('clean', clean),
        line('in noise of 6 to 24 dB', noisy),
        ...[...byKind].map(([kind, share]) => line(kind, share)),
        `limits: act ${zoneLimits.act}, ask ${zoneLimits.confirm}; fitted on ${fitting.length} other and ` +
          `${said.length} command trials of other voices: act ${limits.act}, ask ${limits.confirm} ` +
          `(commands acted ${percent(limits.commandsActed)}, not rejected ${percent(limits.commandsHeard)})`,
        `${reported.length} distinct sentences, Moonshine ${model}; 95 % Wilson of the share acted upon.`,
        ...json.acted.map(
          ({ text: sentence, snr, said: nearest, score }) =>
            `acted: "${sentence}" (${snr}) as "${nearest}" ${score.toFixed(1)}`,
        ),
      ].join('\n');
      return { json, text };
    } finally {
      hearing.close();
    }
  },
};

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

function line(name: string, { n, acted, asked, low, high }: Share): string {
  return `${name.padEnd(24)} acted ${acted} of ${n} [${(100 * low).toFixed(1)}, ${(100 * high).toFixed(1)}] %, asked ${asked}`;
}
