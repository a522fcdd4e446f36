import { isUsable, Verdict } from './verdict.js';

/** What is to be done with the values of a frame: use them, pass them over, or call them invalid for a reason. */
export type Admission = 'use' | 'skip' | { readonly reason: string };

/** How often in a row a message repeated its counter. Immutable. */
export interface CounterMemory {
  readonly repeated: number;
}

export const freshCounter: CounterMemory = { repeated: 0 };

/**
 * Judges one frame by its verdict.
 * @param repeats repetitions of the counter after which the values are invalid; before that they are passed over,
 *   so that the last good value ages
 */
export function admit(
  message: string,
  verdict: number,
  memory: CounterMemory,
  repeats: number,
): { readonly admission: Admission; readonly memory: CounterMemory } {
  if (isUsable(verdict)) return { admission: 'use', memory: freshCounter };
  if (verdict === Verdict.repeated) {
    const repeated = memory.repeated + 1;
    const reason = `counter of ${message} stuck`;
    return { admission: repeated < repeats ? 'skip' : { reason }, memory: { repeated } };
  }
  const reason =
    verdict === Verdict.wrongSequence
      ? `counter of ${message} jumped`
      : verdict === Verdict.tooShort
        ? `frame of ${message} has the wrong length`
        : `checksum of ${message} wrong`;
  return { admission: { reason }, memory: freshCounter };
}
