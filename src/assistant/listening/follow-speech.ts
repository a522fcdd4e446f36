import type { Answer, Speech } from './listening-state.js';
import type { ListeningTurn } from './listening-turn.js';
import { frameMs } from './frame.js';

type Speaking = Extract<Speech, { kind: 'speaking' }>;
type Pausing = Extract<Speech, { kind: 'pausing' }>;

/** One frame further, which ends now. */
export function followSpeech<G>(turn: ListeningTurn<G>, probability: number): void {
  const { speaking, silent } = turn.rules;
  const { speech } = turn.state;
  const isSpeech = probability >= speaking;
  const isSilence = probability < silent;
  switch (speech.kind) {
    case 'quiet':
      if (isSpeech) begin(turn, turn.t - frameMs, 1);
      return;
    case 'onset':
      if (isSpeech) begin(turn, speech.startT, speech.frames + 1);
      else if (isSilence) turn.become({ kind: 'quiet' });
      return;
    case 'speaking':
      if (isSilence) overPause(turn, speech, turn.t - frameMs, false);
      else goOn(turn, speech);
      return;
    case 'pausing':
      if (isSpeech) resume(turn, speech);
      else {
        if (isSilence) turn.set({ speech: { ...speech, resumed: 0 } });
        decide(turn);
      }
      return;
    case 'overlong':
      if (isSilence) turn.become({ kind: 'quiet' });
      return;
  }
}

function begin<G>(turn: ListeningTurn<G>, startT: number, frames: number): void {
  if (frames < turn.rules.onsetFrames) {
    turn.become({ kind: 'onset', startT, frames });
    return;
  }
  const { open, gazeT } = turn.state;
  const { gazeMs, beforeMs } = turn.rules;
  if (open === null && gazeMs !== null && gazeT !== null && startT - gazeT >= gazeMs) {
    turn.set({ woken: { t: turn.t, how: 'gaze', fromT: startT - beforeMs } });
    turn.tell({ kind: 'wake', t: turn.t, how: 'gaze' });
  }
  const speech: Speaking = { kind: 'speaking', startT, isTold: false };
  turn.become(speech);
  goOn(turn, speech);
}

/** Somebody speaks: says so once, and gives up on what is too long for a command. */
function goOn<G>(turn: ListeningTurn<G>, speech: Speaking): void {
  const { open, woken } = turn.state;
  if (open === null) return;
  if (turn.t - speech.startT > turn.rules.mostSpeechMs) {
    turn.tell({ kind: 'speechEnded', t: turn.t, speechEndT: turn.t });
    turn.tell({ kind: 'notHeard', t: turn.t, why: 'tooLong' });
    turn.become({ kind: 'overlong' });
    return;
  }
  const isPhrase =
    woken?.how === 'phrase' && speech.startT < woken.t && turn.t < woken.t + turn.rules.phraseTailMs;
  if (!isPhrase) tellStarted(turn, speech);
}

function tellStarted<G>(turn: ListeningTurn<G>, speech: Speaking | Pausing): void {
  if (speech.isTold) return;
  turn.tell({ kind: 'speechStarted', t: turn.t, startT: speech.startT });
  turn.set({ speech: { ...speech, isTold: true } });
}

/** The first silent frame: perhaps that was all. */
export function overPause<G>(
  turn: ListeningTurn<G>,
  { startT, isTold }: Speaking,
  speechEndT: number,
  isOver: boolean,
): void {
  const asked = turn.ask(startT, turn.t);
  const endpointT = turn.t;
  turn.become({
    kind: 'pausing',
    startT,
    isTold,
    speechEndT,
    resumed: 0,
    endpointT,
    asked,
    answer: null,
    isOver,
  });
}

function resume<G>(turn: ListeningTurn<G>, speech: Pausing): void {
  const resumed = speech.resumed + 1;
  if (resumed < turn.rules.resumeFrames || speech.isOver) {
    turn.set({ speech: { ...speech, resumed: speech.isOver ? 0 : resumed } });
    return;
  }
  const { startT, isTold } = speech;
  const speaking: Speaking = { kind: 'speaking', startT, isTold };
  turn.become(speaking);
  goOn(turn, speaking);
}

/**
 * Whether only the wake phrase was said. It was detected, so speech that ends with it and makes no command is the phrase,
 * whatever the network writes; and speech that goes on behind it is more.
 */
function isOnlyPhrase<G>(
  turn: ListeningTurn<G>,
  { startT, speechEndT }: Pausing,
  { isPhrase, heard }: Extract<Answer, { kind: 'recognised' }>,
): boolean {
  const { woken } = turn.state;
  if (woken?.how !== 'phrase' || startT >= woken.t) return isPhrase;
  return speechEndT <= woken.t + turn.rules.phraseTailMs && (isPhrase || heard.certainty === 'reject');
}

/** Whether the silence is long enough for what was said, and if so, the result. */
export function decide<G>(turn: ListeningTurn<G>): void {
  const { speech, open, pressedT } = turn.state;
  if (speech.kind !== 'pausing') return;
  const { endpointMs } = turn.rules;
  const silence = turn.t - speech.speechEndT;
  if (open === null || speech.asked === null) {
    if (silence >= endpointMs.incomplete) turn.become({ kind: 'quiet' });
    return;
  }
  const { answer, startT, speechEndT, endpointT, resumed, isOver } = speech;
  if (answer === null || resumed > 0) return;
  if (!isOver && (pressedT !== null || silence < endpointMs[answer.ending])) return;
  const isDropped = answer.kind === 'recognised' && isOnlyPhrase(turn, speech, answer);
  if (!isDropped) tellStarted(turn, speech);
  const { speech: told } = turn.state;
  if (told.kind === 'pausing' && told.isTold) turn.tell({ kind: 'speechEnded', t: turn.t, speechEndT });
  turn.become({ kind: 'quiet' });
  turn.set({ open: { ...open, fromT: turn.t } });
  if (answer.kind === 'failed') turn.tell({ kind: 'notHeard', t: turn.t, why: 'failed', code: answer.code });
  else if (!isDropped) {
    const { heard, ending } = answer;
    turn.tell({
      kind: 'heard',
      t: turn.t,
      heard,
      ending,
      startT,
      speechEndT,
      endpointT,
      decidedT: turn.t,
    });
  }
}
