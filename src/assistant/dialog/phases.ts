import type { Command } from '../action/plan.js';
import type { Place } from '../action/place.js';
import type { Priority } from './arbitration.js';
import type { DialogOutput, Listening } from './exchange.js';
import type { Phase } from './state.js';
import type { Turn } from './turn.js';
import { say } from './voice-queue.js';

type Question =
  | { readonly kind: 'confirming'; readonly command: Command; readonly isRestOffer: boolean }
  | { readonly kind: 'asking'; readonly command: Command; readonly slot: string };

/** Asks something and waits for the answer. */
export function ask(
  turn: Turn,
  text: string,
  priority: Priority,
  question: Question & { readonly zone: Place; readonly windowMs: number },
): void {
  prompted(turn, priority, text, text, { ...question, ...unprompted(turn, question.windowMs) });
}

/**
 * Replies, and listens for a while without the wake word.
 * @param command the number of the command that may then be corrected
 */
export function reply(
  turn: Turn,
  zone: Place,
  text: string,
  { short = text, command = null }: { readonly short?: string; readonly command?: number | null } = {},
): void {
  const { reply: windowMs } = turn.config.arbitration.listenMs;
  prompted(turn, 'reply', text, short, {
    kind: 'following',
    zone,
    command,
    windowMs,
    ...unprompted(turn, windowMs),
  });
}

/** Says something within the present phase, whose time then begins anew. */
export function remark(turn: Turn, text: string): void {
  const { phase } = turn.state;
  if (phase.kind === 'idle') say(turn, 'reply', text);
  else prompted(turn, 'reply', text, text, phase);
}

/** Every set of grammars that a dialog opens while no telephone rings; to be compiled before the first is needed. */
export const grammarSets: readonly (readonly string[])[] = [
  ['idle'],
  ['idle', 'correcting'],
  ['confirming', 'correcting', 'idle'],
  ['asking', 'idle'],
];

/** Which grammars a phase lets be heard; null while the microphone is closed. */
export function listeningIn(phase: Phase, isRinging: boolean): Listening | null {
  if (phase.kind === 'idle') return null;
  const [idle, following, confirming, asking] = grammarSets;
  const open = { listening: idle, following, confirming, asking }[phase.kind];
  return { zone: phase.zone, grammars: isRinging ? [...open, 'ringing'] : open };
}

/** Closes a phase whose time is over. */
export function timeOut(turn: Turn): void {
  const { phase } = turn.state;
  if (phase.kind === 'idle' || turn.t < phase.untilMs) return;
  turn.set({ phase: { kind: 'idle' } });
  if (phase.kind !== 'following') turn.put({ kind: 'earcon', t: turn.t, name: 'closed' });
}

/** Puts out what became of microphone and media since the last step. */
export function settle(turn: Turn): void {
  const { phase, isRinging, microphone, speaking, isDucked } = turn.state;
  const wanted = listeningIn(phase, isRinging);
  if (JSON.stringify(wanted) !== JSON.stringify(microphone)) {
    turn.set({ microphone: wanted });
    const output: DialogOutput =
      wanted === null ? { kind: 'closeMicrophone', t: turn.t } : { kind: 'listen', t: turn.t, ...wanted };
    turn.put(output);
  }
  const ducks = speaking !== null || (phase.kind !== 'idle' && phase.kind !== 'following');
  if (ducks !== isDucked) {
    turn.set({ isDucked: ducks });
    turn.put({ kind: 'duck', t: turn.t, on: ducks });
  }
}

function unprompted(
  turn: Turn,
  windowMs: number,
): { readonly prompt: null; readonly untilMs: number; readonly misheard: number } {
  return { prompt: null, untilMs: turn.t + windowMs, misheard: 0 };
}

/** Enters a phase whose time begins when its utterance has ended; the utterance may begin at once, or wait. */
function prompted(
  turn: Turn,
  priority: Priority,
  text: string,
  short: string,
  phase: Exclude<Phase, { kind: 'idle' }>,
): void {
  // The number is known before it is said, because saying it may already end or drop it.
  turn.set({ phase: { ...phase, prompt: turn.state.next, untilMs: Infinity } });
  say(turn, priority, text, short);
}
