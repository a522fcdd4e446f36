import type { VehicleStore } from '../vehicle/store.js';
import type { SignalValue } from '../vehicle/value.js';
import type { Destination } from './action/plan.js';
import { DialogHost } from './dialog/dialog-host.js';
import type { DialogInput } from './dialog/exchange.js';
import { listeningIn } from './dialog/phases.js';
import type { DialogState } from './dialog/state.js';
import type { DialogConfig } from './dialog/turn.js';
import type { AssistantInput, AssistantOutput } from './exchange.js';
import type { Grammars, Named } from './grammars.js';
import { AssistantPublisher } from './publisher.js';
import { understandSpeech, understandText, type Understanding } from './understand.js';

/** What an assistant is made of. */
export interface AssistantOptions {
  readonly config: DialogConfig;
  /** Shared with whoever compiles them for the recogniser. */
  readonly grammars: Grammars;
}

/**
 * The assistant at a vehicle store: speech and writing in, actuations and replies out. Synchronous and without a clock:
 * what came out when `take` has returned follows from the inputs and the store alone. Outputs are kept until `outputs`
 * takes them, so that what a value of the store made it say comes after what is told of that value.
 */
export class Assistant {
  readonly #host: DialogHost;
  readonly #publisher: AssistantPublisher;
  #outputs: AssistantOutput[] = [];
  #phase = 'idle ';
  #contacts: ReadonlySet<SignalValue> = new Set();

  /** @throws VigilError `SIGNAL_ALREADY_PROVIDED`, `ACTUATOR_ALREADY_OWNED`: a store has one assistant */
  constructor(
    store: VehicleStore,
    private readonly options: AssistantOptions,
  ) {
    this.#publisher = new AssistantPublisher(store, ({ t, enabled }) => {
      this.#host.send({ kind: 'enable', t, enabled });
    });
    this.#host = new DialogHost(store, options.config, (output) => {
      this.#publisher.output(output);
      this.#outputs.push(output);
    });
  }

  get state(): DialogState {
    return this.#host.state;
  }

  take(input: AssistantInput): void {
    const { grammars } = this.options;
    switch (input.kind) {
      case 'heard': {
        const { t, zone, speech } = input;
        const { phase } = this.state;
        this.#hear(t, zone, understandSpeech(speech, grammars, this.#openGrammars(), phase.kind));
        break;
      }
      case 'notHeard': {
        const { t, zone, why } = input;
        this.#hear(t, zone, {
          text: `(${why})`,
          meaning: null,
          certainty: 'reject',
          by: 'nothing',
          llr: null,
        });
        break;
      }
      case 'typed': {
        const { t, zone, text } = input;
        const wake = { kind: 'wake', t, zone, how: 'text' } as const;
        const { phase } = this.state;
        if (phase.kind === 'idle' || phase.zone !== zone) this.#send(wake);
        const understood = understandText(text, grammars, this.#openGrammars());
        // Who writes talks to nobody else, and is answered.
        if (understood.meaning === null && this.state.phase.kind === 'following') this.#send(wake);
        this.#hear(t, zone, understood);
        break;
      }
      case 'speechEnded':
        this.#publisher.thinking();
        break;
      case 'names':
        grammars.setNames(input.source, input.values);
        if (input.source === 'contacts') this.#contacts = new Set(input.values.map(({ value }) => value));
        grammars.setNames('places', placeNames(this.state.destinations, this.#contacts));
        break;
      case 'destinations':
        grammars.setNames('places', placeNames(input.destinations, this.#contacts));
        this.#send(input);
        break;
      case 'wake':
      case 'speechStarted':
      case 'spoken':
      case 'suggestion':
      case 'ringing':
      case 'enable':
      case 'part':
      case 'tick':
        this.#send(input);
    }
    this.#publisher.state(this.state, Math.max(input.t, this.state.t), input.kind === 'tick');
  }

  /** What came out since the last call, also because of values in the store. */
  outputs(): AssistantOutput[] {
    const { state } = this;
    if (Number.isFinite(state.t)) {
      this.#tellPhase(state.t);
      this.#publisher.state(state, state.t, false);
    }
    const outputs = this.#outputs;
    this.#outputs = [];
    return outputs;
  }

  close(): void {
    this.#host.close();
    this.#publisher.close();
  }

  #hear(t: number, zone: Extract<AssistantInput, { kind: 'heard' }>['zone'], heard: Understanding): void {
    this.#outputs.push({ kind: 'understood', t, zone, ...heard });
    this.#publisher.understood(t, heard);
    const { meaning, certainty } = heard;
    this.#send({ kind: 'heard', t, zone, meaning, certainty });
  }

  #send(input: DialogInput): void {
    this.#host.send(input);
  }

  #openGrammars(): readonly string[] {
    return listeningIn(this.state.phase, this.state.isRinging)?.grammars ?? [];
  }

  #tellPhase(t: number): void {
    const { phase } = this.state;
    const zone = phase.kind === 'idle' ? null : phase.zone;
    const text = `${phase.kind} ${zone ?? ''}`;
    if (text !== this.#phase) {
      this.#phase = text;
      this.#outputs.push({ kind: 'phase', t, phase: phase.kind, zone });
    }
  }
}

/**
 * Destinations by their names. One that goes by several keys, "pizza" and "restaurant", is one place; of two of a name
 * it is the nearer one. People have grammars of their own.
 */
function placeNames(
  destinations: Readonly<Record<string, Destination>>,
  contacts: ReadonlySet<SignalValue>,
): Named[] {
  const nearer = new Map<string, { readonly value: string; readonly km: number }>();
  for (const [value, { name, distanceKm }] of Object.entries(destinations)) {
    if (contacts.has(value)) continue;
    const km = distanceKm ?? Infinity;
    const present = nearer.get(name);
    if (present === undefined || km < present.km) nearer.set(name, { value, km });
  }
  return [...nearer].map(([name, { value }]) => ({ value, say: [name] }));
}
