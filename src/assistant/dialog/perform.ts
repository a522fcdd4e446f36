import type { TimerName } from '../action/action.js';
import { planOf, undoPlan, type Command, type Destination, type Effect, type Plan } from '../action/plan.js';
import { known, speedKmh } from '../action/vehicle-view.js';
import { wordsFor } from '../reply/replies.js';
import {
  aboutThings,
  answer,
  doing,
  fill,
  meant,
  minutesText,
  refusal,
  stateSentences,
} from '../reply/wording.js';
import { ask, reply } from './phases.js';
import type { Done } from './state.js';
import type { Turn } from './turn.js';

/** Carries a command out, as far as it may be: what it may not is answered with why. */
export function perform(turn: Turn, command: Command, isConfirmed = false): void {
  act(turn, command, planOf(command, turn.planOptions), { isConfirmed });
}

/** Asks whether this was meant. A command that would not be carried out anyway is answered at once. */
export function askWhetherMeant(turn: Turn, command: Command): void {
  const plan = planOf(command, turn.planOptions);
  const { spoken } = turn.config.replies;
  if (!['effects', 'destination', 'read', 'timer', 'ask'].includes(plan.kind)) {
    act(turn, command, plan, { isConfirmed: false });
    return;
  }
  const text = fill(spoken.didYouMean, { do: meant(command.intent, plan, turn.config.replies) });
  askToConfirm(turn, command, text);
}

/** Takes the last command back; false when there is none that can be. */
export function undo(turn: Turn, speaker: Command['speaker']): void {
  const last = turn.state.done.at(0);
  const plan = last === undefined ? null : undoPlan(last.effects, speaker, turn.planOptions);
  if (last === undefined || plan === null) {
    reply(turn, speaker, turn.config.replies.spoken.nothingToUndo);
    return;
  }
  if (plan.kind === 'effects' || plan.kind === 'already') forget(turn, last);
  act(turn, { ...last.command, speaker }, plan, { isConfirmed: true, isUndo: true });
}

/**
 * Does a command again with other slots, and takes back what it had done elsewhere.
 * @param wrong what was done or is being done by mistake
 */
export function correct(turn: Turn, command: Command, wrong: readonly Effect[]): void {
  const plan = planOf(command, turn.planOptions);
  if (plan.kind !== 'effects' && plan.kind !== 'destination') {
    act(turn, command, plan, { isConfirmed: true });
    return;
  }
  const before = new Map(wrong.map((effect) => [effect.path, effect]));
  const effects = plan.effects.map((effect): Effect => {
    const old = before.get(effect.path);
    return old === undefined ? effect : { ...effect, before: old.before, undo: old.undo };
  });
  const elsewhere = wrong.filter(({ path }) => !plan.effects.some((effect) => effect.path === path));
  const back = elsewhere.length === 0 ? null : undoPlan(elsewhere, command.speaker, turn.planOptions);
  const returned = back?.kind === 'effects' ? back.effects : [];
  const id = start(turn, command, effects, plan.kind === 'destination' ? plan.destination : null);
  if (returned.length > 0)
    turn.put({
      kind: 'actuate',
      t: turn.t,
      command: id,
      requests: returned.map(({ path, value }) => ({ path, value })),
    });
}

function act(
  turn: Turn,
  command: Command,
  plan: Plan,
  { isConfirmed, isUndo = false }: { readonly isConfirmed: boolean; readonly isUndo?: boolean },
): void {
  const { replies, arbitration } = turn.config;
  const { spoken } = replies;
  const { speaker, intent } = command;
  switch (plan.kind) {
    case 'effects':
      if (plan.confirm && !isConfirmed) {
        askToConfirm(turn, command, fill(spoken.shallI, { do: doing(plan.effects, replies) }));
        return;
      }
      start(turn, command, plan.effects, null, isUndo);
      return;
    case 'destination':
      start(turn, command, plan.effects, plan.destination);
      return;
    case 'already':
      reply(turn, speaker, statesNow(turn, plan.effects, 'already'), { short: spoken.done });
      return;
    case 'ask':
      ask(turn, wordsFor(replies.questions, plan.slot), 'reply', {
        kind: 'asking',
        zone: speaker,
        command,
        slot: plan.slot,
        windowMs: arbitration.listenMs.question,
      });
      return;
    case 'read':
      reply(turn, speaker, answer(intent, plan.facts, replies));
      return;
    case 'timer':
      timer(turn, command, plan.action);
      return;
    case 'unsupported':
      refuse(turn, command, spoken.notThis);
      return;
    case 'unsafe':
      refuse(turn, command, refusal(plan.rule, plan.effects, speedKmh(turn.view) !== null, replies));
      return;
    case 'unknownNow':
      refuse(turn, command, aboutThings('unknownNow', plan.effects, replies));
      return;
    case 'atLimit':
      refuse(turn, command, statesNow(turn, plan.effects, 'atLimit'));
      return;
    case 'outOfRange':
      refuse(turn, command, fill(spoken.outOfRange, { expected: plan.expected }));
      return;
    case 'unknownPlace':
      refuse(turn, command, spoken.unknownPlace);
      return;
  }
}

/** Asks for effects and waits for them to be seen. Commands that still wait for the same actuators are over. */
function start(
  turn: Turn,
  command: Command,
  effects: readonly Effect[],
  destination: Destination | null,
  isUndo = false,
): number {
  const id = turn.number();
  const paths = new Set(effects.map(({ path }) => path));
  const deadlineMs = turn.t + Math.max(...effects.map(({ withinMs }) => withinMs));
  const { reply: windowMs } = turn.config.arbitration.listenMs;
  turn.set({
    running: [
      ...turn.state.running.filter((other) => !other.effects.some(({ path }) => paths.has(path))),
      { id, command, effects, deadlineMs, destination, isUndo },
    ],
    phase: {
      kind: 'following',
      zone: command.speaker,
      command: id,
      prompt: null,
      windowMs,
      untilMs: deadlineMs + windowMs,
      misheard: 0,
    },
  });
  const requests = effects.map(({ path, value }) => ({ path, value }));
  turn.put({ kind: 'actuate', t: turn.t, command: id, requests });
  return id;
}

function askToConfirm(turn: Turn, command: Command, text: string): void {
  ask(turn, text, 'reply', {
    kind: 'confirming',
    zone: command.speaker,
    command,
    isRestOffer: false,
    windowMs: turn.config.arbitration.listenMs.question,
  });
}

function refuse(turn: Turn, { speaker }: Command, text: string): void {
  turn.put({ kind: 'earcon', t: turn.t, name: 'failed' });
  reply(turn, speaker, text);
}

function statesNow(turn: Turn, effects: readonly Effect[], kind: 'already' | 'atLimit'): string {
  return stateSentences(
    effects,
    ({ seenPath, value }) => known(turn.view, seenPath) ?? value,
    turn.config.replies,
    kind,
  );
}

function forget(turn: Turn, last: Done): void {
  turn.set({ done: turn.state.done.filter((done) => done !== last) });
}

const overSentences = { timer: 'timerOver', break: 'breakOver', charge: 'chargeOver' } as const;

export function timerOverText(turn: Turn, name: TimerName): string {
  return turn.config.replies.spoken[overSentences[name]];
}

function timer(
  turn: Turn,
  { speaker, slots }: Command,
  { what, timer: name, slot, minutes }: Extract<Plan, { kind: 'timer' }>['action'],
): void {
  const { replies } = turn.config;
  const { spoken } = replies;
  const present = turn.state.timers.find((other) => other.name === name);
  if (what === 'start') {
    const durationMs = Number(slots[slot]) * minutes * 60_000;
    if (!(durationMs > 0)) {
      reply(turn, speaker, spoken.notUnderstood);
      return;
    }
    const others = turn.state.timers.filter((other) => other.name !== name);
    turn.set({ timers: [...others, { name, dueMs: turn.t + durationMs }] });
    reply(turn, speaker, fill(spoken.timerSet, { minutes: minutesText(durationMs, replies) }));
  } else if (present === undefined) reply(turn, speaker, spoken.timerNone);
  else if (what === 'cancel') {
    turn.set({ timers: turn.state.timers.filter((other) => other !== present) });
    reply(turn, speaker, spoken.timerCancelled);
  } else {
    const left = minutesText(present.dueMs - turn.t, replies);
    reply(turn, speaker, fill(spoken.timerLeft, { minutes: left }));
  }
}
