import { existsSync } from 'node:fs';
import { compileDecodePlan } from '../../can/decode-plan.js';
import type { CanFrames } from '../../can/frames.js';
import { ValidityChecker } from '../../can/validity/checker.js';
import { compileValidity } from '../../can/validity/compile.js';
import { readValidity, standardValidityFile } from '../../can/validity/rules-file.js';
import { Verdict } from '../../can/validity/verdict.js';
import { VigilError } from '../../runtime/errors.js';
import type { Databases } from './databases.js';

/** A verdict (`Verdict`) for each frame of a batch. Every batch once, in order: counters go on from one to the next. */
export type JudgeFrames = (frames: CanFrames) => Uint8Array;

/**
 * Checks counter and checksum of every frame, each channel by itself.
 * @param rules a file, or the name of one of signals/validity
 * @throws VigilError `INVALID_ARGUMENT` without databases, and as `readValidity`, `compileValidity`
 */
export function validityJudge(rules: string, databases: Databases | undefined): JudgeFrames {
  if (databases === undefined) {
    throw new VigilError(
      'INVALID_ARGUMENT',
      'Expected --dbc beside --validity: the rules name messages.',
      'Name the databases.',
    );
  }
  const { messages } = compileDecodePlan(databases.database);
  const plan = compileValidity(
    readValidity(existsSync(rules) ? rules : standardValidityFile(rules)),
    messages,
  );
  const checkers = new Map<number, ValidityChecker>();
  return (frames) => {
    const verdicts = new Uint8Array(frames.count).fill(Verdict.unchecked);
    for (const channel of new Set(frames.channel.subarray(0, frames.count))) {
      const checker = checkers.get(channel) ?? new ValidityChecker(plan, channel);
      checkers.set(channel, checker);
      // Frames of other channels come back unchecked.
      checker.check(frames).frames.forEach((verdict, i) => {
        if (verdict !== Verdict.unchecked) verdicts[i] = verdict;
      });
    }
    return verdicts;
  };
}

/** The batches, each with its verdicts, which `of` gives for as long as the batch is there. */
export class JudgedFrames {
  readonly #verdicts = new WeakMap<CanFrames, Uint8Array>();

  constructor(
    private readonly frames: AsyncIterable<CanFrames>,
    private readonly judge: JudgeFrames,
  ) {}

  of(frames: CanFrames): Uint8Array | undefined {
    return this.#verdicts.get(frames);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<CanFrames, void, undefined> {
    for await (const frames of this.frames) {
      this.#verdicts.set(frames, this.judge(frames));
      yield frames;
    }
  }
}
