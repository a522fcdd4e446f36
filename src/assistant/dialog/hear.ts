import type { SignalValue } from '../../vehicle/value.js';
import type { Command, Effect } from '../action/plan.js';
import { placeSlots } from '../action/place.js';
import type { Meaning } from '../grammar/match.js';
import type { DialogInput } from './exchange.js';
import { askWhetherMeant, correct, perform, undo } from './perform.js';
import { remark, reply } from './phases.js';
import type { OpenPhase } from './state.js';
import type { Turn } from './turn.js';
import { bargeIn } from './voice-queue.js';

type Heard = Extract<DialogInput, { kind: 'heard' }>;

/** What was not understood so often ends a dialog, without a word about it. */
const mostMisheard = 2;

/** Something was said at a microphone. Nobody is listened to without having woken it. */
export function hear(turn: Turn, { zone, meaning, certainty }: Heard): void {
  const { phase } = turn.state;
  if (phase.kind === 'idle') {
    turn.put({ kind: 'ignored', t: turn.t, why: 'notOpen' });
    return;
  }
  if (zone !== phase.zone) {
    turn.put({ kind: 'ignored', t: turn.t, why: 'otherZone' });
    return;
  }
  bargeIn(turn);
  if (meaning === null || certainty === 'reject') misheard(turn, phase);
  else if (meaning.intent.startsWith('dialog.') && !isCommand(turn, meaning))
    converse(turn, phase, meaning, certainty === 'act');
  else {
    const command: Command = { ...meaning, speaker: zone };
    if (certainty === 'act') perform(turn, command);
    else askWhetherMeant(turn, command);
  }
}

/** `dialog.louder` moves something; the others are about the dialog itself. */
function isCommand(turn: Turn, { intent }: Meaning): boolean {
  return turn.config.actions.intents.has(intent);
}

/** After a command others may be talking: only who has been asked, or has woken it, is told. */
function misheard(turn: Turn, phase: OpenPhase): void {
  if (phase.kind === 'following') {
    turn.put({ kind: 'ignored', t: turn.t, why: 'rejected' });
    return;
  }
  const count = phase.misheard + 1;
  if (count >= mostMisheard) {
    turn.put({ kind: 'earcon', t: turn.t, name: 'closed' });
    turn.set({ phase: { kind: 'idle' } });
    return;
  }
  turn.set({ phase: { ...phase, misheard: count } });
  remark(turn, turn.config.replies.spoken.notUnderstood);
}

function converse(turn: Turn, phase: OpenPhase, meaning: Meaning, isSure: boolean): void {
  const { spoken } = turn.config.replies;
  const { lastSaid } = turn.state;
  switch (meaning.intent) {
    case 'dialog.yes':
      if (phase.kind === 'confirming' && isSure) perform(turn, phase.command, true);
      else misheard(turn, phase);
      return;
    case 'dialog.no':
    case 'dialog.cancel':
      decline(turn, phase);
      return;
    case 'dialog.repeat':
      remark(turn, lastSaid ?? spoken.nothingSaid);
      return;
    case 'dialog.help':
      if (phase.kind === 'confirming') remark(turn, spoken.helpConfirming);
      else if (phase.kind === 'asking') remark(turn, spoken.helpAsking);
      else reply(turn, phase.zone, spoken.help);
      return;
    case 'dialog.undo':
      if (isSure) undo(turn, phase.zone);
      else misheard(turn, phase);
      return;
    default:
      if (!isSure) misheard(turn, phase);
      else amend(turn, phase, Object.entries(meaning.slots));
  }
}

function decline(turn: Turn, phase: OpenPhase): void {
  if (phase.kind === 'confirming' && phase.isRestOffer) {
    const { afterNoMs } = turn.config.arbitration.restOffer;
    turn.set({ rest: { quietUntilMs: turn.t + afterNoMs, isSuggested: false } });
  }
  reply(turn, phase.zone, turn.config.replies.spoken.cancelled);
}

/** "No, the passenger side", or the answer to a question: other slots for the command that is talked about. */
function amend(turn: Turn, phase: OpenPhase, said: readonly (readonly [string, SignalValue])[]): void {
  const slots = Object.fromEntries(said);
  if (phase.kind === 'asking' || phase.kind === 'confirming') {
    const command = withSlots(turn, phase.command, slots);
    if (command === null) misheard(turn, phase);
    else if (phase.kind === 'asking') perform(turn, command);
    else askWhetherMeant(turn, command);
    return;
  }
  const last = lastCommand(turn, phase);
  const command = last === null ? null : withSlots(turn, last.command, slots);
  if (last === null || command === null) reply(turn, phase.zone, turn.config.replies.spoken.nothingToCorrect);
  else {
    // What is taken back here is no longer there to be undone, nor waited for.
    turn.set({
      done: turn.state.done.filter(({ id }) => id !== last.id),
      running: turn.state.running.filter(({ id }) => id !== last.id),
    });
    correct(turn, command, last.effects);
  }
}

interface Last {
  readonly id: number;
  readonly command: Command;
  readonly effects: readonly Effect[];
}

function lastCommand({ state }: Turn, phase: OpenPhase): Last | null {
  if (phase.kind !== 'following' || phase.command === null) return null;
  const { command: wanted } = phase;
  return [...state.running, ...state.done].find(({ id }) => id === wanted) ?? null;
}

/** The command with other slots; null where it has none of the kind. */
function withSlots(
  turn: Turn,
  command: Command,
  said: Readonly<Record<string, SignalValue>>,
): Command | null {
  const entry = turn.config.actions.intents.get(command.intent);
  if (entry === undefined) return null;
  const slots: Record<string, SignalValue> = { ...command.slots };
  for (const [name, value] of Object.entries(said)) {
    if ((placeSlots as readonly string[]).includes(name)) {
      const { action } = entry;
      const hasPlace =
        action.kind === 'effects' &&
        action.at === null &&
        action.effects.some(({ path }) => path.includes('{'));
      if (!hasPlace) return null;
      for (const slot of placeSlots) Reflect.deleteProperty(slots, slot);
    } else if (!entry.needs.includes(name) && !Object.hasOwn(slots, name)) return null;
    slots[name] = value;
  }
  return { ...command, slots };
}
