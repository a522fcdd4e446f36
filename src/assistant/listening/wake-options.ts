import type { SpeechRecogniser } from '../speech/speech-recogniser.js';
import type { WakeHead } from '../wake/head.js';
import { PhraseVerifier } from '../wake/phrase-verifier.js';
import { WakeWord } from '../wake/wake-word.js';
import type { WakeOptions } from './listener.js';

/** A wake word at its low threshold, with the recogniser's second opinion. @throws VigilError those of `WakeWord` */
export function wakeOptions(head: WakeHead, recogniser: SpeechRecogniser): WakeOptions {
  return {
    phrase: head.phrase,
    detector: new WakeWord(head, { forVerifier: true }),
    verifier: new PhraseVerifier(recogniser, recogniser.tokenizer),
  };
}
