import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { AssistantOptions } from '../../src/assistant/assistant.js';
import type { Place } from '../../src/assistant/action/place.js';
import { LiveAssistant, type LiveOptions } from '../../src/assistant/live-assistant.js';
import type { Clock } from '../../src/runtime/clock.js';
import { atDeadlines } from '../../src/runtime/deadlines.js';
import { messageOf, VigilError } from '../../src/runtime/errors.js';
import type { VehicleStore } from '../../src/vehicle/store.js';
import { lineHelp, lineOf, type Line } from './line.js';
import type { TalkSink } from './piped.js';
import { knowledge, TalkCar } from './talk-car.js';

const cabinMs = 50;

export interface LiveTalkOptions extends Pick<LiveOptions, 'voice' | 'hearing'> {
  readonly store: VehicleStore;
  readonly assistant: AssistantOptions;
  readonly clock: Clock;
  readonly speedKmh: number;
  readonly lines: Readable;
}

/** A talk on the machine's clock: keyboard, microphone and voice. Resolves when there is no more to say. */
export async function liveTalk(
  { store, assistant, clock, speedKmh, lines, voice, hearing }: LiveTalkOptions,
  sink: TalkSink,
): Promise<void> {
  const listening = hearing === undefined ? {} : { hearing };
  const live = new LiveAssistant({ store, assistant, clock, voice, ...listening });
  const car = new TalkCar(store, assistant.config, speedKmh, clock.now());
  const outputs = live.outputs$.subscribe((output) => sink.output(output));
  const stop = atDeadlines(clock, cabinMs, (t) => car.tick(t));
  let from: Place = 'driver';

  const act = (line: Exclude<Line, { kind: 'quit' }>): void => {
    const t = clock.now();
    switch (line.kind) {
      case 'say':
        if (line.text !== '') live.take({ kind: 'typed', t, zone: from, text: line.text });
        return;
      case 'set':
        car.setText(line.path, line.value, t);
        return;
      case 'from':
        from = line.place;
        return;
      case 'press':
        live.press(from);
        live.release(from);
        return;
      case 'break':
        live.take({ kind: 'suggestion', t, what: 'restBreak' });
        return;
      case 'help':
        sink.note(t, lineHelp);
        return;
      case 'wrong':
        sink.note(t, line.why);
        return;
      case 'wait':
        sink.note(t, 'Time passes by itself here.');
    }
  };

  const keyboard = createInterface({ input: lines });
  try {
    for (const input of knowledge(clock.now())) live.take(input);
    for await (const text of keyboard) {
      const line = lineOf(text.trim());
      if (line.kind === 'quit') return;
      try {
        act(line);
      } catch (error) {
        if (!(error instanceof VigilError)) throw error;
        sink.note(clock.now(), messageOf(error));
      }
    }
  } finally {
    keyboard.close();
    stop();
    outputs.unsubscribe();
    live.close();
  }
}
