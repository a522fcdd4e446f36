import type { WakeBy } from './listener-event.js';
import type { ListeningInput, ListeningOutput, ListeningState } from './listening-state.js';
import { ListeningTurn } from './listening-turn.js';
import type { ListeningRules } from './rules.js';
import { decide, followSpeech, overPause } from './follow-speech.js';

/**
 * One step of listening at one microphone: pure, so the same sound and the same answers give the same events. Questions
 * come out at the first silent frame, long before it is known that speech is over; whoever runs this brings the answer
 * to `awaitedAnswer` before the next frame, so when the answer was ready does not show.
 */
export function stepListening<G>(
  state: ListeningState<G>,
  input: ListeningInput<G>,
  rules: ListeningRules,
): { readonly state: ListeningState<G>; readonly outputs: readonly ListeningOutput<G>[] } {
  const t = input.kind === 'answer' ? state.t : Math.max(state.t, input.t);
  const turn = new ListeningTurn({ ...state, t }, rules);
  take(turn, input);
  turn.tellState();
  return { state: turn.state, outputs: turn.outputs };
}

/** The question without whose answer no further frame may be taken; null: none. */
export function awaitedAnswer<G>(
  { speech, pressedT, t }: ListeningState<G>,
  { endpointMs }: ListeningRules,
): number | null {
  if (speech.kind !== 'pausing' || speech.answer !== null || speech.resumed > 0) return null;
  if (speech.isOver) return speech.asked;
  const shortest = Math.min(...Object.values(endpointMs));
  return pressedT === null && t - speech.speechEndT >= shortest ? speech.asked : null;
}

function take<G>(turn: ListeningTurn<G>, input: ListeningInput<G>): void {
  switch (input.kind) {
    case 'frame':
      turn.set({ isReady: true, lost: null });
      followSpeech(turn, input.speech);
      closeInTime(turn);
      return;
    case 'gap':
      abandon(turn);
      turn.set({ isReady: false, lost: null });
      return;
    case 'lost':
      abandon(turn);
      turn.set({ isReady: false, lost: input.reason });
      return;
    case 'phrase':
      wake(turn, 'phrase', turn.t - turn.rules.phraseMs);
      return;
    case 'open':
      open(turn, input);
      return;
    case 'shut':
      shut(turn);
      return;
    case 'press':
      turn.set({ pressedT: turn.t });
      wake(turn, 'button', turn.t - turn.rules.beforeButtonMs);
      return;
    case 'release':
      release(turn);
      return;
    case 'gaze':
      turn.set({ gazeT: input.isOnScreen ? (turn.state.gazeT ?? turn.t) : null });
      return;
    case 'answer': {
      const { speech } = turn.state;
      if (speech.kind !== 'pausing' || speech.asked !== input.id) return;
      turn.set({ speech: { ...speech, answer: input.answer } });
      decide(turn);
      return;
    }
  }
}

export function wake<G>(turn: ListeningTurn<G>, how: WakeBy, fromT: number): void {
  turn.set({ woken: { t: turn.t, how, fromT } });
  turn.tell({ kind: 'wake', t: turn.t, how });
}

function open<G>(
  turn: ListeningTurn<G>,
  { grammar, untilT }: Extract<ListeningInput<G>, { kind: 'open' }>,
): void {
  const { open: before, woken, speech } = turn.state;
  const { openWithinMs, beforeMs } = turn.rules;
  const isWoken = woken !== null && turn.t - woken.t <= openWithinMs;
  const fromT = before?.fromT ?? (isWoken ? woken.fromT : turn.t - beforeMs);
  turn.set({ open: { grammar, fromT, untilT } });
  if (speech.kind === 'onset' || speech.kind === 'speaking')
    turn.set({ speech: { ...speech, startT: Math.max(speech.startT, fromT) } });
  if (speech.kind !== 'pausing' || (before !== null && before.grammar === grammar)) return;
  // What was said was asked about with another grammar, or not at all.
  if (speech.speechEndT <= fromT) {
    turn.become({ kind: 'quiet' });
    return;
  }
  const startT = Math.max(speech.startT, fromT);
  const asked = turn.ask(startT, speech.endpointT);
  turn.become({ ...speech, startT, asked, answer: null });
}

function shut<G>(turn: ListeningTurn<G>): void {
  const { speech } = turn.state;
  turn.set({ open: null, woken: null });
  if (speech.kind === 'pausing')
    turn.become({ ...speech, isTold: false, asked: null, answer: null, isOver: false });
  else if (speech.kind === 'speaking') turn.set({ speech: { ...speech, isTold: false } });
  else if (speech.kind === 'overlong') turn.become({ kind: 'quiet' });
}

/** The button was let go of: what was said while it was held is over. */
function release<G>(turn: ListeningTurn<G>): void {
  const { pressedT, speech } = turn.state;
  turn.set({ pressedT: null });
  if (pressedT === null || turn.t - pressedT < turn.rules.clickMs || turn.state.open === null) return;
  if (speech.kind === 'speaking') overPause(turn, speech, turn.t, true);
  else if (speech.kind === 'pausing') {
    turn.set({ speech: { ...speech, resumed: 0, isOver: true } });
    decide(turn);
  }
}

function abandon<G>(turn: ListeningTurn<G>): void {
  const { open: opened, speech } = turn.state;
  if (opened !== null && (speech.kind === 'speaking' || speech.kind === 'pausing'))
    turn.tell({ kind: 'notHeard', t: turn.t, why: 'gap' });
  turn.become({ kind: 'quiet' });
}

function closeInTime<G>(turn: ListeningTurn<G>): void {
  const { open: opened, speech } = turn.state;
  if (opened !== null && turn.t >= opened.untilT && speech.kind === 'quiet') shut(turn);
}
