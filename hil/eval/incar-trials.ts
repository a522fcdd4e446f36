import type { CommandSet } from '../../src/assistant/grammar/command-file.js';
import { isTooSlow } from '../../src/assistant/speech/pace.js';
import { rejectionScore, zoneOf, type Zone } from '../../src/assistant/speech/zones.js';
import { randomUniform } from '../demo/noise.js';
import type { Noise } from './command-clips.js';
import { isRight, type Snr, type Trial } from './command-score.js';
import { carSentences, grammarOfState, type CarSentence } from './incar-sentences.js';
import type { HeardGrammar, SpeechHearing } from './speech-hearing.js';
import { hashOf, inNoise } from './speech-noise.js';
import { spoken, voiceName, type SpokenVoice } from './speech-voices.js';

/** Of every intent, this many sentences are drawn: the first is said by a voice for fitting, the other by another voice. */
const sentencesEach = 2;

/** A synthesized command, heard. */
export interface CarTrial extends Trial {
  readonly intent: string;
  readonly state: string;
  readonly voice: string;
  readonly score: number;
  readonly zone: Zone;
  /** Too few words for the time. */
  readonly isSlow: boolean;
}

export interface SpokenSentence extends CarSentence {
  readonly voice: SpokenVoice;
}

/** The sentences of one side and who says them. */
export function spokenSentences(
  commands: CommandSet,
  voices: readonly SpokenVoice[],
  fitting: boolean,
): SpokenSentence[] {
  const speakers = voices.filter((voice) => voice.fitting === fitting);
  const byIntent = new Map<string, number>();
  return carSentences(commands, sentencesEach, randomUniform(2024)).flatMap((sentence) => {
    const { intent } = sentence.meaning;
    const number = byIntent.get(intent) ?? 0;
    byIntent.set(intent, number + 1);
    if ((number === 0) !== fitting) return [];
    return [{ ...sentence, voice: speakers[hashOf(sentence.text) % speakers.length] }];
  });
}

/** How fast a text is said: 0.85 to 1.25 times as fast as the voice likes it, always the same for a text. */
export function paceOf(text: string): number {
  return 0.85 + (hashOf(`${text} pace`) % 1000) / 2500;
}

export interface CarPlan {
  readonly hearing: SpeechHearing;
  readonly commands: CommandSet;
  readonly noises: readonly Noise[];
  /** Heard in all of these. */
  readonly always: readonly Snr[];
  /** And in some of these, in turn. */
  readonly turns: readonly Snr[];
  readonly turnsEach: number;
  readonly progress: (step: string) => void;
}

/** Each sentence through the grammar of its dialog state, in its conditions. */
export async function carTrials(sentences: readonly SpokenSentence[], plan: CarPlan): Promise<CarTrial[]> {
  const grammars = new Map<string, HeardGrammar>();
  const trials: CarTrial[] = [];
  for (const [number, { text, meaning, state, voice }] of sentences.entries()) {
    const grammar =
      grammars.get(state) ??
      (await plan.hearing.grammar(grammarOfState(plan.commands, state), `incar-${state}`));
    grammars.set(state, grammar);
    const speech = spoken(text, voice, paceOf(text));
    const conditions = [...plan.always, ...someOf(plan.turns, plan.turnsEach, number)];
    for (const snr of conditions) {
      const { audio, noise } = inNoise(speech, plan.noises, text, snr, 1);
      const { sentences: heard, llr, cpuMs, spoken: said } = await plan.hearing.hear(audio, grammar);
      const best = heard.at(0);
      trials.push({
        ...{ clip: text, snr, seed: 1, noise, llr, cpuMs, state, zone: zoneOf(llr, said) },
        ...{ intent: meaning.intent, voice: voiceName(voice), said: best?.text ?? '' },
        score: rejectionScore(llr, said),
        isSlow: isTooSlow(said.words, said.soundS),
        right: isRight(meaning, best?.meaning),
      });
    }
    if ((number + 1) % 20 === 0) {
      const right = trials.filter((trial) => trial.right).length;
      plan.progress(
        `${number + 1} of ${sentences.length} commands, ${right} of ${trials.length} trials right`,
      );
    }
  }
  return trials;
}

/** `count` of them, going round with the number; all where there are no more. */
export function someOf(snrs: readonly Snr[], count: number, number: number): readonly Snr[] {
  if (snrs.length <= count) return snrs;
  return Array.from({ length: count }, (_, i) => snrs[(number * count + i) % snrs.length]);
}
