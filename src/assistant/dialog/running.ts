import { isSeen, type Effect } from '../action/plan.js';
import { known } from '../action/vehicle-view.js';
import { aboutThings, guiding, stateSentences, stuckSentences } from '../reply/wording.js';
import { reply } from './phases.js';
import type { Running } from './state.js';
import type { Turn } from './turn.js';
import { say } from './voice-queue.js';

/** Commands that can be undone, newest first. */
const longestHistory = 8;

/** Tells what became of commands: done as soon as all of it is seen, else what did not happen in time. */
export function watchRunning(turn: Turn): void {
  for (const running of turn.state.running) {
    const seen = running.effects.filter((effect) => isSeen(effect, turn.view));
    const isDone = seen.length === running.effects.length;
    if (!isDone && turn.t < running.deadlineMs) continue;
    turn.set({ running: turn.state.running.filter(({ id }) => id !== running.id) });
    remember(turn, running, seen);
    if (isDone) {
      turn.put({ kind: 'earcon', t: turn.t, name: 'done' });
      tell(turn, running, doneText(turn, running), turn.config.replies.spoken.done);
    } else {
      turn.put({ kind: 'earcon', t: turn.t, name: 'failed' });
      tell(turn, running, failedText(turn, running.effects, seen));
    }
  }
}

/** The owner of an actuator did not take a command. */
export function refusedByOwner(turn: Turn, command: number): void {
  const running = turn.state.running.find(({ id }) => id === command);
  if (running === undefined) return;
  turn.set({ running: turn.state.running.filter((other) => other !== running) });
  turn.put({ kind: 'earcon', t: turn.t, name: 'failed' });
  tell(turn, running, aboutThings('notOwned', running.effects, turn.config.replies));
}

function doneText(turn: Turn, { effects, destination }: Running): string {
  const { replies } = turn.config;
  if (destination !== null) return guiding(destination, replies);
  return stateSentences(effects, ({ seenPath, value }) => known(turn.view, seenPath) ?? value, replies);
}

function failedText(turn: Turn, effects: readonly Effect[], seen: readonly Effect[]): string {
  const { replies } = turn.config;
  const rest = effects.filter((effect) => !seen.includes(effect));
  const blind = rest.filter(({ seenPath }) => known(turn.view, seenPath) === undefined);
  const stuck = rest.filter((effect) => !blind.includes(effect));
  return [
    seen.length === 0
      ? ''
      : stateSentences(seen, ({ seenPath, value }) => known(turn.view, seenPath) ?? value, replies),
    stuck.length === 0 ? '' : stuckSentences(stuck, replies),
    blind.length === 0 ? '' : aboutThings('unseen', blind, replies),
  ]
    .filter((sentence) => sentence !== '')
    .join(' ');
}

/** Who has gone on to something else is told without a new time to answer. */
function tell(turn: Turn, { id, command }: Running, text: string, short = text): void {
  const { phase } = turn.state;
  const isPresent = phase.kind === 'idle' || (phase.kind === 'following' && phase.command === id);
  if (isPresent) reply(turn, command.speaker, text, { short, command: id });
  else say(turn, 'reply', text, short);
}

function remember(turn: Turn, { id, command, isUndo }: Running, seen: readonly Effect[]): void {
  if (isUndo || seen.length === 0) return;
  const replaced = seen.flatMap(({ path, seenPath, before }) =>
    path === seenPath && before !== undefined ? [[path, before] as const] : [],
  );
  turn.set({
    done: [{ id, command, effects: seen }, ...turn.state.done].slice(0, longestHistory),
    replaced: { ...turn.state.replaced, ...Object.fromEntries(replaced) },
  });
}
