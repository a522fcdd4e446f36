import { Assistant, type AssistantOptions } from '../../src/assistant/assistant.js';
import type { Place } from '../../src/assistant/action/place.js';
import type { AssistantInput, AssistantOutput } from '../../src/assistant/exchange.js';
import { messageOf, VigilError } from '../../src/runtime/errors.js';
import type { VehicleStore } from '../../src/vehicle/store.js';
import { SyntheticVoice } from '../synthetic/voice.js';
import { lineHelp, lineOf, type Line } from './line.js';
import { knowledge, TalkCar } from './talk-car.js';

const tickMs = 50;
/** No command takes longer. */
const mostMs = 40_000;

export interface TalkSink {
  output(output: AssistantOutput): void;
  /** What was said or done by hand. */
  note(t: number, text: string): void;
}

/**
 * A talk on the drive's clock: each line is taken, and time passes until what it caused is over. The same lines give the
 * same talk.
 */
export class PipedTalk {
  readonly #assistant: Assistant;
  readonly #car: TalkCar;
  readonly #voice = new SyntheticVoice();
  #t = 0;
  #from: Place = 'driver';

  constructor(
    store: VehicleStore,
    options: AssistantOptions,
    speedKmh: number,
    private readonly sink: TalkSink,
  ) {
    this.#assistant = new Assistant(store, options);
    this.#car = new TalkCar(store, options.config, speedKmh, 0);
    for (const input of knowledge(0)) this.#take(input);
  }

  /** Returns whether there is more to say. */
  line(text: string): boolean {
    const line = lineOf(text.trim());
    if (line.kind === 'quit') return false;
    try {
      this.#do(line);
    } catch (error) {
      if (!(error instanceof VigilError)) throw error;
      this.sink.note(this.#t, messageOf(error));
    }
    return true;
  }

  close(): void {
    this.#assistant.close();
  }

  #do(line: Exclude<Line, { kind: 'quit' }>): void {
    const t = this.#t;
    switch (line.kind) {
      case 'say':
        if (line.text === '') return;
        this.sink.note(t, `${this.#from}: ${line.text}`);
        this.#take({ kind: 'typed', t, zone: this.#from, text: line.text });
        break;
      case 'set':
        this.#car.setText(line.path, line.value, t);
        this.sink.note(t, `${line.path} is ${line.value}`);
        this.#flush();
        break;
      case 'from':
        this.#from = line.place;
        return;
      case 'press':
        this.#take({ kind: 'wake', t, zone: this.#from, how: 'button' });
        break;
      case 'break':
        this.#take({ kind: 'suggestion', t, what: 'restBreak' });
        break;
      case 'wait':
        for (const end = t + line.ms; this.#t < end;) this.#tick();
        return;
      case 'help':
        this.sink.note(t, lineHelp);
        return;
      case 'wrong':
        this.sink.note(t, line.why);
        return;
    }
    this.#settle();
  }

  /** Until nothing is being done or said, or an answer is waited for. */
  #settle(): void {
    this.#tick();
    for (const end = this.#t + mostMs; this.#t < end && this.#isBusy();) this.#tick();
  }

  #isBusy(): boolean {
    const { running, speaking, waiting } = this.#assistant.state;
    return running.length > 0 || speaking !== null || waiting.length > 0;
  }

  #tick(): void {
    this.#t += tickMs;
    const t = this.#t;
    const spoken = this.#voice.due(t);
    if (spoken !== null) this.#take(spoken);
    this.#car.tick(t);
    this.#take({ kind: 'tick', t });
  }

  #take(input: AssistantInput): void {
    this.#assistant.take(input);
    this.#flush();
  }

  #flush(): void {
    for (const output of this.#assistant.outputs()) {
      this.#voice.take(output);
      this.sink.output(output);
    }
  }
}
