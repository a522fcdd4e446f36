import { priorities, type Precedence, type Priority } from './arbitration.js';
import { isAlerting, isDistracted } from './driver-view.js';
import type { Utterance } from './state.js';
import type { Turn } from './turn.js';

/** Longest time that a text may take, ms: nobody's speech is this slow, so a voice that does not report back is over. */
export function longestSpeechMs(text: string): number {
  return 2000 + 120 * text.length;
}

/**
 * Says something as soon as the arbitration table lets it; returns the utterance's number.
 * @param short what is said instead while the driver has no time to listen
 */
export function say(turn: Turn, priority: Priority, text: string, short = text): number {
  const id = turn.number();
  const utterance: Utterance = { id, priority, text, short, askedMs: turn.t };
  turn.set({ waiting: [...turn.state.waiting, utterance] });
  arbitrate(turn);
  return id;
}

/** Lets whoever is first by the table speak; one voice at a time. */
export function arbitrate(turn: Turn): void {
  dropOverdue(turn);
  for (let next = nextUtterance(turn); next !== null; next = nextUtterance(turn)) {
    const { speaking } = turn.state;
    if (speaking !== null) {
      if (!precedence(turn, next.priority).over.includes(speaking.priority)) return;
      interrupt(turn, next.priority);
    }
    start(turn, next);
  }
}

/** An utterance ended: it was spoken, or cut off by somebody who answers already. */
export function endSpeech(turn: Turn, id: number): void {
  if (turn.state.speaking?.id !== id) return;
  turn.set({ speaking: null });
  promptOver(turn, id, true);
}

/** Somebody speaks: everything but an alert falls silent. */
export function bargeIn(turn: Turn): void {
  const { speaking, phase, waiting } = turn.state;
  const moot = phase.kind === 'idle' ? undefined : waiting.find(({ id }) => id === phase.prompt);
  if (moot !== undefined) {
    // A question that still waits is answered, or overtaken, before it was asked.
    turn.set({ waiting: waiting.filter((utterance) => utterance !== moot) });
    promptOver(turn, moot.id, true);
  }
  if (speaking === null || speaking.priority === 'alert') return;
  turn.put({ kind: 'hush', t: turn.t, id: speaking.id });
  endSpeech(turn, speaking.id);
}

/** Ends what has been spoken for longer than it can take. */
export function limitSpeech(turn: Turn): void {
  const { speaking } = turn.state;
  if (speaking === null || turn.t < speaking.untilMs) return;
  turn.put({ kind: 'hush', t: turn.t, id: speaking.id });
  endSpeech(turn, speaking.id);
}

function nextUtterance(turn: Turn): Utterance | null {
  const ready = turn.state.waiting.filter(({ priority }) => !isHeld(turn, priority));
  return (
    [...ready].sort(
      (a, b) => priorities.indexOf(a.priority) - priorities.indexOf(b.priority) || a.id - b.id,
    )[0] ?? null
  );
}

function isHeld(turn: Turn, priority: Priority): boolean {
  const { duringAlert, distracted } = precedence(turn, priority);
  return (duringAlert === 'wait' && isAlerting(turn)) || (distracted === 'wait' && isDistracted(turn));
}

function interrupt(turn: Turn, by: Priority): void {
  const { speaking } = turn.state;
  if (speaking === null) return;
  turn.put({ kind: 'hush', t: turn.t, id: speaking.id });
  turn.set({ speaking: null });
  const { id, priority, text, short, askedMs } = speaking;
  if (by !== priority && precedence(turn, priority).interrupted === 'repeat')
    turn.set({ waiting: [...turn.state.waiting, { id, priority, text, short, askedMs }] });
  else promptOver(turn, id, false);
}

function start(turn: Turn, utterance: Utterance): void {
  const { id, priority, short } = utterance;
  const isShort = precedence(turn, priority).distracted === 'shorten' && isDistracted(turn);
  const text = isShort ? short : utterance.text;
  turn.set({
    waiting: turn.state.waiting.filter((other) => other.id !== id),
    speaking: { ...utterance, sinceMs: turn.t, untilMs: turn.t + longestSpeechMs(text) },
    lastSaid: priority === 'alert' ? turn.state.lastSaid : utterance.text,
  });
  if (priority === 'alert') turn.put({ kind: 'earcon', t: turn.t, name: 'alert' });
  turn.put({ kind: 'say', t: turn.t, id, text, priority });
}

function dropOverdue(turn: Turn): void {
  const overdue = turn.state.waiting.filter(
    ({ priority, askedMs }) => turn.t - askedMs > precedence(turn, priority).waitsMs,
  );
  if (overdue.length === 0) return;
  turn.set({ waiting: turn.state.waiting.filter((utterance) => !overdue.includes(utterance)) });
  for (const { id } of overdue) promptOver(turn, id, false);
}

/** The time to answer begins when the question has been asked; one that never was needs no answer. */
function promptOver(turn: Turn, id: number, spoken: boolean): void {
  const { phase } = turn.state;
  if (phase.kind === 'idle' || phase.prompt !== id) return;
  turn.set({
    phase: spoken ? { ...phase, prompt: null, untilMs: turn.t + phase.windowMs } : { kind: 'idle' },
  });
}

function precedence(turn: Turn, priority: Priority): Precedence {
  return turn.config.arbitration.precedence[priority];
}
