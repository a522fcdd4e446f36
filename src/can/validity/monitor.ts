import { e2eStatusOf, freshE2e, stepE2e, type E2eMemory, type E2eWindows } from './e2e-state.js';
import { isUsable, Verdict } from './verdict.js';

/** What is to be done with the values of a frame: use them, pass them over, or call them invalid for a reason. */
export type Admission = 'use' | 'skip' | { readonly reason: string };

/** How a rule judges verdicts. */
export interface MonitorSpec {
  /**
   * Repetitions of the counter after which the values are invalid; before that they are passed over, so that the
   * last good value ages.
   */
  readonly repeats: number;
  /** Windows of the E2E state machine; undefined: each frame is judged by itself. */
  readonly stateMachine: E2eWindows | undefined;
}

/** What one message's monitor remembers. Immutable. */
export interface MonitorMemory {
  /** How often in a row the counter was repeated. */
  readonly repeated: number;
  readonly e2e: E2eMemory;
}

export const freshMonitor: MonitorMemory = { repeated: 0, e2e: freshE2e };

export interface Judgement {
  readonly admission: Admission;
  readonly memory: MonitorMemory;
}

function faultOf(message: string, verdict: number): string {
  switch (verdict) {
    case Verdict.wrongSequence:
      return `counter of ${message} jumped`;
    case Verdict.tooShort:
      return `frame of ${message} has the wrong length`;
    default:
      return `checksum of ${message} wrong`;
  }
}

/** A sound frame: the state machine, where there is one, has the last word. */
function admitSound(message: string, e2e: E2eMemory, spec: MonitorSpec): Admission {
  if (spec.stateMachine === undefined || e2e.state === 'valid') return 'use';
  return e2e.state === 'invalid' ? { reason: `E2E state of ${message} invalid` } : 'skip';
}

/** Judges one frame by its verdict. Pure. */
export function admit(message: string, verdict: number, memory: MonitorMemory, spec: MonitorSpec): Judgement {
  const e2e =
    spec.stateMachine === undefined
      ? memory.e2e
      : stepE2e(memory.e2e, e2eStatusOf(verdict), spec.stateMachine);
  if (isUsable(verdict)) return { admission: admitSound(message, e2e, spec), memory: { repeated: 0, e2e } };
  if (verdict !== Verdict.repeated)
    return { admission: { reason: faultOf(message, verdict) }, memory: { repeated: 0, e2e } };
  const repeated = memory.repeated + 1;
  return {
    admission: repeated < spec.repeats ? 'skip' : { reason: `counter of ${message} stuck` },
    memory: { repeated, e2e },
  };
}
