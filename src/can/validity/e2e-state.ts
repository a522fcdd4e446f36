/**
 * The receiver's state machine of AUTOSAR E2E: it looks at the last few checks of one protected message and says
 * whether the message may be relied on. Written from memory of the profile-independent E2E state machine; names and
 * transitions must be checked against the AUTOSAR document before anybody relies on them (docs/validity.md).
 */
import { Verdict } from './verdict.js';

export type E2eState = 'noData' | 'init' | 'valid' | 'invalid';

/** One check as the state machine counts it. */
export type E2eStatus = 'ok' | 'error' | 'repeated' | 'wrongSequence' | 'noNewData';

export interface E2eWindows {
  /** Checks looked back on, in each state. */
  readonly windowInit: number;
  readonly windowValid: number;
  readonly windowInvalid: number;
  /** Least number of good ones to get, stay and get back to valid. */
  readonly minOkInit: number;
  readonly minOkValid: number;
  readonly minOkInvalid: number;
  /** Most errors that are borne in each state. */
  readonly maxErrorInit: number;
  readonly maxErrorValid: number;
  readonly maxErrorInvalid: number;
}

export const usualWindows: E2eWindows = {
  windowInit: 5,
  windowValid: 5,
  windowInvalid: 5,
  minOkInit: 1,
  minOkValid: 1,
  minOkInvalid: 3,
  maxErrorInit: 1,
  maxErrorValid: 2,
  maxErrorInvalid: 1,
};

/** Immutable; the last checks, newest last. */
export interface E2eMemory {
  readonly state: E2eState;
  readonly window: readonly E2eStatus[];
}

export const freshE2e: E2eMemory = { state: 'noData', window: [] };

/** A first frame has no counter to compare with: it does not count as a good one. */
export function e2eStatusOf(verdict: number): E2eStatus {
  switch (verdict) {
    case Verdict.ok:
    case Verdict.okSomeLost:
      return 'ok';
    case Verdict.repeated:
      return 'repeated';
    case Verdict.initial:
    case Verdict.wrongSequence:
      return 'wrongSequence';
    case Verdict.unchecked:
      return 'noNewData';
    default:
      return 'error';
  }
}

function windowOf(state: E2eState, windows: E2eWindows): number {
  if (state === 'valid') return windows.windowValid;
  return state === 'invalid' ? windows.windowInvalid : windows.windowInit;
}

/** The state after one more check; call it once per period, with `noNewData` when no frame came. Pure. */
export function stepE2e({ state, window }: E2eMemory, status: E2eStatus, windows: E2eWindows): E2eMemory {
  if (state === 'noData') {
    return status === 'error' || status === 'noNewData' ? freshE2e : { state: 'init', window: [status] };
  }
  const looked = [...window, status].slice(-windowOf(state, windows));
  const ok = looked.filter((entry) => entry === 'ok').length;
  const errors = looked.filter((entry) => entry === 'error').length;
  const go = (next: E2eState): E2eMemory => ({
    state: next,
    window: looked.slice(-windowOf(next, windows)),
  });
  switch (state) {
    case 'init':
      if (errors > windows.maxErrorInit) return go('invalid');
      return go(ok >= windows.minOkInit ? 'valid' : 'init');
    case 'valid':
      return go(errors <= windows.maxErrorValid && ok >= windows.minOkValid ? 'valid' : 'invalid');
    case 'invalid':
      return go(errors <= windows.maxErrorInvalid && ok >= windows.minOkInvalid ? 'valid' : 'invalid');
  }
}
