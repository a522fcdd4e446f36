import { known, speedKmh } from '../action/vehicle-view.js';
import { wordsFor } from '../reply/replies.js';
import { canHear } from './ears.js';
import { driverPaths, isAlerting, levelNow } from './driver-view.js';
import { ask } from './phases.js';
import type { Turn } from './turn.js';
import { say } from './voice-queue.js';

/** Says a new or a stronger alert at once. @param levelBefore of the state before this input */
export function speakAlert(turn: Turn, levelBefore: number, ruleBefore: unknown): void {
  const level = levelNow(turn);
  const rule = known(turn.view, driverPaths.alertRule);
  const isNew = level > levelBefore || (rule !== ruleBefore && rule !== '' && rule !== undefined);
  const { speaking } = turn.state;
  if (level <= 0 || !isNew || (speaking?.priority === 'alert' && speaking.sinceMs === turn.t)) return;
  const state = known(turn.view, driverPaths.state);
  say(turn, 'alert', wordsFor(turn.config.replies.alerts, String(state)));
}

/** Offers a tired driver a rest area when nothing else goes on; not again for a while. */
export function offerRest(turn: Turn): void {
  const { rest, phase, speaking, waiting, destinations } = turn.state;
  const { restOffer, listenMs } = turn.config.arbitration;
  if (turn.t < rest.quietUntilMs || !(rest.isSuggested || isTired(turn)) || speedKmh(turn.view) === 0) return;
  if (phase.kind !== 'idle' || speaking !== null || waiting.length > 0 || isAlerting(turn)) return;
  turn.set({ rest: { quietUntilMs: turn.t + restOffer.againMs, isSuggested: false } });
  const { spoken } = turn.config.replies;
  // A question that nobody could answer is not asked.
  if (!Object.hasOwn(destinations, 'restStop') || !canHear(turn)) {
    say(turn, 'safety', spoken.restAdvice);
    return;
  }
  ask(turn, spoken.restOffer, 'safety', {
    kind: 'confirming',
    zone: 'driver',
    command: { intent: 'navigation.nearest', slots: { category: 'restStop' }, speaker: 'driver' },
    isRestOffer: true,
    windowMs: listenMs.question,
  });
}

function isTired(turn: Turn): boolean {
  const { states, kss } = turn.config.arbitration.restOffer;
  const state = known(turn.view, driverPaths.state);
  const sleepiness = known(turn.view, driverPaths.kss);
  return (
    (typeof state === 'string' && states.includes(state)) ||
    (typeof sleepiness === 'number' && sleepiness >= kss)
  );
}
