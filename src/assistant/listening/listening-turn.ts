import type { ListenerState } from './listener-event.js';
import type { ListeningOutput, ListeningState, Speech } from './listening-state.js';
import type { ListeningRules } from './rules.js';

type Event<G> = Extract<ListeningOutput<G>, { kind: 'event' }>['event'];

/** One step in the making: the state so far and what was put out. Lives within one call of `stepListening`. */
export class ListeningTurn<G> {
  readonly outputs: ListeningOutput<G>[] = [];

  constructor(
    public state: ListeningState<G>,
    readonly rules: ListeningRules,
  ) {}

  get t(): number {
    return this.state.t;
  }

  set(change: Partial<ListeningState<G>>): void {
    this.state = { ...this.state, ...change };
  }

  /** Speech goes over into another state; a question about it is taken back. */
  become(speech: Speech): void {
    const before = this.state.speech;
    const keeps = speech.kind === 'pausing' && before.kind === 'pausing' && speech.asked === before.asked;
    if (before.kind === 'pausing' && before.asked !== null && before.answer === null && !keeps)
      this.outputs.push({ kind: 'cancel', id: before.asked });
    this.set({ speech });
  }

  tell(event: Event<G>): void {
    this.outputs.push({ kind: 'event', event });
  }

  /** Asks what was said from `startT` to `toT`; the question's number, null while the microphone is closed. */
  ask(startT: number, toT: number): number | null {
    const { open, next, woken } = this.state;
    if (open === null) return null;
    this.set({ next: next + 1 });
    const fromT = Math.max(startT - this.rules.beforeMs, open.fromT);
    const isPhrase = woken?.how === 'phrase' && startT < woken.t;
    this.outputs.push({ kind: 'ask', id: next, grammar: open.grammar, fromT, toT, isPhrase });
    return next;
  }

  /** Says what the listener does where that changed. */
  tellState(): void {
    const state = stateOf(this.state);
    const { told } = this.state;
    if (told !== null && told.kind === state.kind && reasonOf(told) === reasonOf(state)) return;
    this.set({ told: state });
    this.tell({ kind: 'state', t: this.t, state });
  }
}

function stateOf<G>({ lost, isReady, open, speech }: ListeningState<G>): ListenerState {
  if (lost !== null) return { kind: 'unavailable', reason: lost };
  if (!isReady) return { kind: 'notReady' };
  if (open === null) return { kind: 'asleep' };
  return { kind: speech.kind === 'pausing' && speech.asked !== null ? 'deciding' : 'listening' };
}

function reasonOf(state: ListenerState): string | null {
  return state.kind === 'unavailable' ? state.reason : null;
}
