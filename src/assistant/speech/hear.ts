import { spokenStretch, VoiceActivity } from '../../audio/voice-activity.js';
import { speechRate } from '../../audio/resampler.js';
import { VigilError } from '../../runtime/errors.js';
import type { CompiledGrammar } from './compiled-grammar.js';
import type { Recognised, SpeechRecogniser } from './speech-recogniser.js';
import { zoneOf, type Zone } from './zones.js';

export interface Heard extends Recognised {
  readonly zone: Zone;
  /** Where in the recording somebody speaks, seconds. */
  readonly fromS: number;
  readonly toS: number;
}

/**
 * Hears one utterance in a recording.
 * @param samples at 16 kHz
 * @throws VigilError `NO_SPEECH`, and those of the recogniser
 */
export async function hear(
  recogniser: SpeechRecogniser,
  voice: VoiceActivity,
  samples: Float32Array,
  grammar: CompiledGrammar | null,
): Promise<Heard> {
  voice.reset();
  const stretch = spokenStretch(voice.push(samples), samples.length);
  if (stretch === undefined) {
    throw new VigilError(
      'NO_SPEECH',
      `Expected speech in ${(samples.length / speechRate).toFixed(1)} s of sound but heard none.`,
    );
  }
  const { from, to } = stretch;
  const recognised = await recogniser.recognise(samples.subarray(from, to), grammar);
  const words = recognised.hypotheses.at(0)?.words ?? [];
  const { llr, freeText } = recognised;
  const zone = zoneOf(llr, { words, freeText, soundS: (to - from) / speechRate });
  return { ...recognised, zone, fromS: from / speechRate, toS: to / speechRate };
}
