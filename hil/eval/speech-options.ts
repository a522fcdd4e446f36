import type { SpeechModel } from '../../src/assistant/speech/speech-recogniser.js';
import { invalidArgument } from '../../src/runtime/errors.js';
import type { Snr } from './command-score.js';
import type { EvaluationInput } from './evaluation.js';

/** Of the published table of the speech-to-intent benchmark, dB. */
export const benchmarkSnrs = [6, 9, 12, 15, 18, 21, 24];

type Options = EvaluationInput['options'];

/** `--model`. @throws VigilError `INVALID_ARGUMENT` */
export function modelOption(options: Options, otherwise: SpeechModel): SpeechModel {
  const model = options?.['model'] ?? otherwise;
  if (model !== 'tiny' && model !== 'base') throw invalidArgument('--model', 'tiny or base', model);
  return model;
}

/** `--limit`, `--seeds`. @throws VigilError `INVALID_ARGUMENT` */
export function countOption(options: Options, name: 'limit' | 'seeds'): number | undefined {
  const text = options?.[name];
  if (text === undefined) return undefined;
  if (!/^[1-9]\d*$/.test(text)) throw invalidArgument(`--${name}`, 'a whole number above 0', text);
  return Number(text);
}

/** `--snr`. @throws VigilError `INVALID_ARGUMENT` */
export function snrOption(options: Options, otherwise: readonly Snr[]): readonly Snr[] {
  return (
    options?.['snr']?.split(',').map((text): Snr => {
      if (text === 'clean') return text;
      if (!/^-?\d+(\.\d+)?$/.test(text)) throw invalidArgument('--snr', 'dB or clean, with commas', text);
      return Number(text);
    }) ?? otherwise
  );
}
