import { stepClosureRun, type ClosureRun, type SlotTime } from './closure-run.js';

/**
 * PERCLOS over sliding windows: the shares of measured time at which the eyes were at least 70 % (P70) and 80 %
 * (P80) closed, blinks excluded, and the mean square of the closure (EM), after Wierwille 1994 and Dinges and Grace
 * 1998. They rest on the closure itself, not on the blink detector's "closed", whose hysteresis holds through a
 * squint that follows a blink; that one is kept beside them as `closedShare`, blinks included.
 *
 * Time in which the eyes could not be measured is in neither sum: counting unseen eyes as closed was the largest
 * source of false alarms in a published field trial. Time is weighed rather than frames, so that the frame rate and
 * dropped frames do not weigh in. It is kept in slots of a quarter of a second: memory does not grow with the frame
 * rate, a step costs the same at any time, and the window's far edge is exact to a share of one slot.
 */
export interface PerclosState {
  readonly lastT: number | null;
  readonly last: PerclosSample | null;
  readonly run70: ClosureRun | null;
  readonly run80: ClosureRun | null;
  /** Slots with measured time, oldest first. */
  readonly past: readonly Slot[];
  readonly current: Slot;
  readonly windows: readonly WindowSum[];
}

export interface PerclosSample {
  /** 0 wide open to 1 as closed as this driver's eyes get. */
  readonly closure: number;
  /** What the blink detector says. */
  readonly lidsClosed: boolean;
}

/** Times in ms; `square` is the closure squared times ms. */
interface Sums {
  readonly measured: number;
  readonly lidsClosed: number;
  readonly at70: number;
  readonly at80: number;
  readonly square: number;
}

interface Slot extends Sums {
  /** Which quarter of a second of the drive's clock. */
  readonly index: number;
}

/** What of `past` lies wholly inside a window, and the slot its edge cuts. */
interface WindowSum {
  readonly slots: number;
  readonly inside: Sums;
  readonly edge: Sums;
}

export interface PerclosWindow {
  /** P80 by the policy's limit, 0 to 1; NaN when nothing was measured, like the others. */
  readonly perclos: number;
  readonly p70: number;
  /** Mean square of the closure, 0 to 1, blinks included. */
  readonly meanSquare: number;
  readonly closedShare: number;
  /** Measured time inside the window. */
  readonly measuredMs: number;
}

export interface PerclosLimits {
  /** The closure that counts as closed for P80. */
  readonly closedAt: number;
  /** Closures shorter than this are blinks. */
  readonly blinkMs: number;
  readonly windowsMs: readonly number[];
}

/** A sample stands until the next one, at most this long: PERCLOS needs 4 to 5 frames a second. */
export const perclosMaxSampleMs = 250;
export const perclosMinHz = 5;
export const perclosSlotMs = 250;

const p70Limit = 0.7;
const none: Sums = { measured: 0, lidsClosed: 0, at70: 0, at80: 0, square: 0 };

export const initialPerclos: PerclosState = {
  lastT: null,
  last: null,
  run70: null,
  run80: null,
  past: [],
  current: { index: Number.NEGATIVE_INFINITY, ...none },
  windows: [],
};

export const nothingMeasured: PerclosWindow = {
  perclos: Number.NaN,
  p70: Number.NaN,
  meanSquare: Number.NaN,
  closedShare: Number.NaN,
  measuredMs: 0,
};

/** One frame, later than the last. @param sample null when the eyes could not be measured */
export function stepPerclos(
  state: PerclosState,
  t: number,
  sample: PerclosSample | null,
  limits: PerclosLimits,
): PerclosState {
  const timed = advance(addLast(state, t, limits), Math.floor(t / perclosSlotMs), limits);
  return { ...timed, lastT: t, last: sample };
}

/** The measures over one of the limits' windows, up to the newest sample. */
export function perclosOver(state: PerclosState, windowMs: number): PerclosWindow {
  const slots = slotsOf(windowMs);
  const window = state.windows.find((other) => other.slots === slots);
  if (window === undefined || state.lastT === null) return nothingMeasured;
  const { current } = state;
  const outside = state.lastT / perclosSlotMs - current.index;
  const sum = (name: keyof Sums): number =>
    window.inside[name] + current[name] + (1 - outside) * window.edge[name];
  const measuredMs = sum('measured');
  return {
    perclos: sum('at80') / measuredMs,
    p70: sum('at70') / measuredMs,
    meanSquare: sum('square') / measuredMs,
    closedShare: sum('lidsClosed') / measuredMs,
    measuredMs,
  };
}

/** The last sample stood until now. */
function addLast(state: PerclosState, t: number, limits: PerclosLimits): PerclosState {
  const { last, lastT } = state;
  if (last === null || lastT === null || t <= lastT) return state;
  const toMs = Math.min(t, lastT + perclosMaxSampleMs);
  const pieces = piecesOf(lastT, toMs);
  const { closure, lidsClosed } = last;
  let next = state;
  for (const { slot, ms } of pieces) {
    next = advance(next, slot, limits);
    const { current } = next;
    next = {
      ...next,
      current: {
        ...current,
        measured: current.measured + ms,
        lidsClosed: current.lidsClosed + (lidsClosed ? ms : 0),
        square: current.square + closure * closure * ms,
      },
    };
  }
  if (closure >= p70Limit) {
    const { run, counted } = stepClosureRun(state.run70, lastT, toMs, pieces, limits.blinkMs);
    next = { ...count(next, counted, 'at70', limits), run70: run };
  }
  if (closure >= limits.closedAt) {
    const { run, counted } = stepClosureRun(state.run80, lastT, toMs, pieces, limits.blinkMs);
    next = { ...count(next, counted, 'at80', limits), run80: run };
  }
  return next;
}

function piecesOf(fromMs: number, toMs: number): SlotTime[] {
  const pieces: SlotTime[] = [];
  for (let from = fromMs; from < toMs;) {
    const slot = Math.floor(from / perclosSlotMs);
    const to = Math.min(toMs, (slot + 1) * perclosSlotMs);
    pieces.push({ slot, ms: to - from });
    from = to;
  }
  return pieces;
}

/** Adds time that has turned out to count; most of it is in the newest slots. */
function count(
  state: PerclosState,
  counted: readonly SlotTime[],
  name: 'at70' | 'at80',
  limits: PerclosLimits,
): PerclosState {
  if (counted.length === 0) return state;
  let { current } = state;
  let past: Slot[] | null = null;
  for (const { slot, ms } of counted) {
    if (slot === current.index) {
      current = { ...current, [name]: current[name] + ms };
      continue;
    }
    past ??= [...state.past];
    const at = past.findLastIndex(({ index }) => index === slot);
    if (at >= 0) past[at] = { ...past[at], [name]: past[at][name] + ms };
  }
  if (past === null) return { ...state, current };
  return { ...state, current, past, windows: windowSums(past, current.index, limits) };
}

/** Makes `index` the current slot; what lies before the longest window is forgotten. */
function advance(state: PerclosState, index: number, limits: PerclosLimits): PerclosState {
  const { current } = state;
  if (index === current.index) return state;
  const oldest = index - Math.max(...limits.windowsMs.map(slotsOf));
  const kept = state.past.length > 0 && state.past[0].index < oldest ? firstFrom(state.past, oldest) : 0;
  const past = state.past.slice(kept);
  if (current.measured > 0 && current.index >= oldest) past.push(current);
  return { ...state, past, current: { index, ...none }, windows: windowSums(past, index, limits) };
}

function firstFrom(slots: readonly Slot[], index: number): number {
  const first = slots.findIndex((slot) => slot.index >= index);
  return first < 0 ? slots.length : first;
}

function windowSums(past: readonly Slot[], index: number, limits: PerclosLimits): WindowSum[] {
  return limits.windowsMs.map((windowMs) => {
    const slots = slotsOf(windowMs);
    const edgeIndex = index - slots;
    let { measured, lidsClosed, at70, at80, square } = none;
    let edge = none;
    for (let i = past.length - 1; i >= 0; i--) {
      const slot = past[i];
      if (slot.index <= edgeIndex) {
        if (slot.index === edgeIndex) edge = slot;
        break;
      }
      measured += slot.measured;
      lidsClosed += slot.lidsClosed;
      at70 += slot.at70;
      at80 += slot.at80;
      square += slot.square;
    }
    return { slots, inside: { measured, lidsClosed, at70, at80, square }, edge };
  });
}

function slotsOf(windowMs: number): number {
  return Math.max(1, Math.round(windowMs / perclosSlotMs));
}
