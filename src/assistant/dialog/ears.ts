import type { AssistantPart } from './exchange.js';
import type { Turn } from './turn.js';
import { bargeIn, say } from './voice-queue.js';

/** Whether what somebody says now could be heard and understood. */
export function canHear({ state }: Turn): boolean {
  const { isEnabled, missing } = state;
  return isEnabled && missing.microphone === undefined && missing.recogniser === undefined;
}

/** Switched off: the microphone closes, nothing is waited for. What runs already is still told. */
export function setEnabled(turn: Turn, enabled: boolean): void {
  if (enabled === turn.state.isEnabled) return;
  turn.set({ isEnabled: enabled });
  if (!enabled) shut(turn);
}

/** Told once, however often a part comes and goes. */
export function setPart(turn: Turn, part: AssistantPart, missing: string | null): void {
  const others = Object.fromEntries(Object.entries(turn.state.missing).filter(([name]) => name !== part));
  turn.set({ missing: missing === null ? others : { ...others, [part]: missing } });
  if (missing === null) return;
  if (part !== 'voice') shut(turn);
  if (turn.state.told.includes(part)) return;
  turn.set({ told: [...turn.state.told, part] });
  say(turn, 'information', turn.config.replies.spoken[`${part}Missing`]);
}

function shut(turn: Turn): void {
  if (turn.state.phase.kind === 'idle') return;
  bargeIn(turn);
  turn.set({ phase: { kind: 'idle' } });
  turn.put({ kind: 'earcon', t: turn.t, name: 'closed' });
}
