import type { HeardCommand } from '../src/assistant/listening/listener-event.js';
import type { Ending } from '../src/assistant/speech/ending.js';

/** A command of one word, surely heard. */
export function heardCommand(text: string, ending: Ending = 'final'): HeardCommand {
  return {
    hypotheses: [{ meaning: { intent: 'test.do', slots: {} }, words: [text], text, logProb: -1 }],
    freeText: text,
    freeLogProb: -1,
    llr: 0,
    ending,
    certainty: 'act',
  };
}
