import { known } from '../action/vehicle-view.js';
import { offerRest, speakAlert } from './driver-care.js';
import { driverPaths, levelNow } from './driver-view.js';
import type { DialogInput, DialogOutput } from './exchange.js';
import { hear } from './hear.js';
import { canHear, setEnabled, setPart } from './ears.js';
import { timerOverText } from './perform.js';
import { settle, timeOut } from './phases.js';
import { refusedByOwner, watchRunning } from './running.js';
import type { DialogState } from './state.js';
import { Turn, type DialogConfig } from './turn.js';
import { arbitrate, bargeIn, endSpeech, limitSpeech, say } from './voice-queue.js';

/** How long speech that has begun may last before what it says is heard, ms. */
const longestUtteranceMs = 12_000;

/**
 * One step of a dialog: pure, so the same inputs give the same outputs. Time passes by the inputs' `t`; ticks are
 * needed for what happens while nothing else does.
 *
 * The driver's state and alerts come in as values of `Vehicle.Driver.*`. Every actuation that comes out has passed
 * the safety rules on the values known at that moment.
 */
export function stepDialog(
  state: DialogState,
  input: DialogInput,
  config: DialogConfig,
): { readonly state: DialogState; readonly outputs: readonly DialogOutput[] } {
  const t = Math.max(state.t, input.t);
  const turn = new Turn(config, { ...state, t }, t);
  const levelBefore = levelNow(turn);
  const ruleBefore = known(turn.view, driverPaths.alertRule);
  if (input.kind === 'value')
    turn.set({ samples: { ...turn.state.samples, [input.sample.path]: input.sample } });
  speakAlert(turn, levelBefore, ruleBefore);
  take(turn, input);
  limitSpeech(turn);
  watchRunning(turn);
  ringTimers(turn);
  timeOut(turn);
  // Not in the middle of values that belong together: an alert may be among those to come.
  if (input.kind === 'tick') offerRest(turn);
  arbitrate(turn);
  settle(turn);
  return { state: turn.state, outputs: turn.outputs };
}

function take(turn: Turn, input: DialogInput): void {
  switch (input.kind) {
    case 'wake':
      wake(turn, input);
      return;
    case 'speechStarted': {
      const { phase } = turn.state;
      if (phase.kind === 'idle' || phase.zone !== input.zone) return;
      bargeIn(turn);
      const open = turn.state.phase;
      if (open.kind !== 'idle' && open.prompt === null)
        turn.set({ phase: { ...open, untilMs: Math.max(open.untilMs, turn.t + longestUtteranceMs) } });
      return;
    }
    case 'heard':
      timeOut(turn);
      hear(turn, input);
      return;
    case 'spoken':
      endSpeech(turn, input.id);
      return;
    case 'actuationRefused':
      refusedByOwner(turn, input.command);
      return;
    case 'suggestion':
      turn.set({ rest: { ...turn.state.rest, isSuggested: true } });
      return;
    case 'destinations':
      turn.set({ destinations: input.destinations });
      return;
    case 'ringing':
      turn.set({ isRinging: input.ringing });
      return;
    case 'enable':
      setEnabled(turn, input.enabled);
      return;
    case 'part':
      setPart(turn, input.part, input.missing);
      return;
    case 'value':
    case 'tick':
      return;
  }
}

function wake(turn: Turn, { zone, how }: Extract<DialogInput, { kind: 'wake' }>): void {
  if (how === 'text' ? !turn.state.isEnabled : !canHear(turn)) {
    turn.put({ kind: 'ignored', t: turn.t, why: 'notListening' });
    return;
  }
  bargeIn(turn);
  const { wake: windowMs } = turn.config.arbitration.listenMs;
  turn.set({
    phase: {
      kind: 'listening',
      zone,
      prompt: null,
      windowMs,
      untilMs: turn.t + windowMs,
      misheard: 0,
    },
  });
  turn.put({ kind: 'earcon', t: turn.t, name: 'listening' });
}

function ringTimers(turn: Turn): void {
  const due = turn.state.timers.filter(({ dueMs }) => turn.t >= dueMs);
  if (due.length === 0) return;
  turn.set({ timers: turn.state.timers.filter((timer) => !due.includes(timer)) });
  for (const { name } of due) {
    turn.put({ kind: 'earcon', t: turn.t, name: 'timer' });
    say(turn, 'information', timerOverText(turn, name));
  }
}
