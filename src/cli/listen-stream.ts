import { existsSync } from 'node:fs';
import type { ListenerEvent } from '../assistant/listening/listener-event.js';
import { Listener } from '../assistant/listening/listener.js';
import { wakeOptions } from '../assistant/listening/wake-options.js';
import type { CompiledGrammar } from '../assistant/speech/compiled-grammar.js';
import type { SpeechRecogniser } from '../assistant/speech/speech-recogniser.js';
import type { WakeHead } from '../assistant/wake/head.js';
import { chunksOf } from '../audio/chunks.js';
import { openMicrophone } from '../audio/open-microphone.js';
import type { Recording } from '../audio/wav.js';
import { monotonicClock } from '../runtime/clock.js';

/** How long the microphone stays open after the wake phrase when nobody speaks, ms. */
const openMs = 6000;
/** Silence behind a recording, so that its last sentence is decided upon, s. */
const tailS = 1;

export interface StreamOptions {
  readonly recogniser: SpeechRecogniser;
  readonly grammar: CompiledGrammar;
  /** Null: the microphone is open all the time. */
  readonly wake: WakeHead | null;
  readonly onEvent: (event: ListenerEvent) => void;
}

/** Whether it is a microphone's address and no file. */
export function isMicrophone(source: string): boolean {
  return /^(alsa:|pipewire\b|unix:|tcp:\/\/)/.test(source) && !existsSync(source);
}

/** Listens to a recording as to a microphone, as fast as the machine can. Returns how many sentences were heard. */
export async function listenToRecording(recording: Recording, options: StreamOptions): Promise<number> {
  const { listener, count } = listenerFor(options);
  const samples = new Float32Array(recording.samples.length + tailS * recording.rate);
  samples.set(recording.samples);
  for (const chunk of chunksOf({ ...recording, samples })) {
    listener.push(chunk);
    await listener.settled();
  }
  listener.close();
  return count();
}

/** Listens to a live microphone until it is stopped. */
export async function listenLive(
  address: string,
  options: StreamOptions,
  stopped: Promise<void>,
  onState: (text: string) => void,
): Promise<number> {
  await options.recogniser.load();
  const { listener, count } = listenerFor(options);
  const microphone = openMicrophone(address, monotonicClock);
  microphone.chunks$.subscribe((chunk) => listener.push(chunk));
  microphone.state$.subscribe((state) => {
    onState(state.kind === 'down' ? `${state.kind}: ${state.reason}` : state.kind);
    if (state.kind === 'down') listener.lost(monotonicClock.now(), state.reason);
  });
  // The source does not keep the process alive.
  const alive = setInterval(() => undefined, 60_000);
  await stopped;
  clearInterval(alive);
  microphone.close();
  listener.close();
  return count();
}

function listenerFor({ recogniser, grammar, wake, onEvent }: StreamOptions): {
  listener: Listener;
  count: () => number;
} {
  let heard = 0;
  const options = wake === null ? null : wakeOptions(wake, recogniser);
  const listener = new Listener({ zone: 'driver', recogniser, wake: options });
  listener.events.subscribe((event) => {
    onEvent(event);
    if (event.kind === 'heard') heard += 1;
    if (event.kind === 'wake') listener.open(grammar, event.t, event.t + openMs);
    if (event.kind === 'heard' && wake !== null) listener.shut(event.t);
  });
  if (wake === null) listener.open(grammar, 0);
  return { listener, count: () => heard };
}

/** One line for people; null for what they need not know. */
export function lineOfEvent(event: ListenerEvent): string | null {
  const at = `${(event.t / 1000).toFixed(2).padStart(8)} s  `;
  switch (event.kind) {
    case 'wake':
      return `${at}awake (${event.how})`;
    case 'heard': {
      const { heard, ending, speechEndT, decidedT } = event;
      const best = heard.hypotheses.at(0);
      const after = `${(decidedT - speechEndT).toFixed(0)} ms after speech, ${ending}`;
      if (best === undefined || heard.certainty === 'reject')
        return `${at}no command  "${heard.freeText}"  (${after})`;
      const { intent, slots } = best.meaning;
      const values = Object.entries(slots).map(([slot, value]) => ` ${slot}=${String(value)}`);
      return `${at}${heard.certainty.padEnd(9)}  ${best.text}  ->  ${intent}${values.join('')}  (${after})`;
    }
    case 'notHeard':
      return `${at}not heard: ${event.why}`;
    case 'state':
      return event.state.kind === 'unavailable' ? `${at}unavailable: ${event.state.reason}` : null;
    case 'speechStarted':
    case 'speechEnded':
      return null;
  }
}
