import { Subject } from 'rxjs';
import { Assistant, type AssistantOptions } from '../../src/assistant/assistant.js';
import type { AssistantInput, AssistantOutput } from '../../src/assistant/exchange.js';
import type { DriverInput } from '../../src/driver/outputs.js';
import { loadPolicy } from '../../src/driver/policy/policy.js';
import { fuse, type GraphInput } from '../../src/fusion.js';
import { VehicleStore } from '../../src/vehicle/store.js';
import { inputsOf, type Performance } from './matrix/stream.js';

/** A store with an assistant at it, on the drive's clock. */
export interface DialogWorld {
  readonly store: VehicleStore;
  take(input: AssistantInput): void;
  /** Time passes to `t`, by ticks. */
  tick(t: number): void;
  /** What came out since the last call. */
  outputs(): AssistantOutput[];
}

function newStore({ config }: AssistantOptions): VehicleStore {
  return new VehicleStore({
    tree: config.tree,
    onListenerError: (error) => {
      throw error;
    },
  });
}

/** The assistant alone: what the driver does is set by hand. */
export class PlainWorld implements DialogWorld {
  readonly store: VehicleStore;
  readonly #assistant: Assistant;

  constructor(options: AssistantOptions) {
    this.store = newStore(options);
    this.#assistant = new Assistant(this.store, options);
  }

  take(input: AssistantInput): void {
    this.#assistant.take(input);
  }

  tick(t: number): void {
    this.#assistant.take({ kind: 'tick', t });
  }

  outputs(): AssistantOutput[] {
    return this.#assistant.outputs();
  }
}

/** Frames a second of the generated observations. */
const fps = 15;
/** Longer than any scenario. */
const longestMs = 24 * 3_600_000;

/** The whole graph: a generated driver is watched, and what the driver graph finds is what the assistant knows. */
export class WatchedWorld implements DialogWorld {
  readonly store: VehicleStore;
  readonly #inputs = new Subject<GraphInput>();
  readonly #stream: Generator<DriverInput>;
  #outputs: AssistantOutput[] = [];
  #ahead: GraphInput | null = null;

  /**
   * @param perform what the driver does, by ms after `settleMs`
   * @param settleMs until then the driver looks ahead and blinks, and is learnt
   */
  constructor(options: AssistantOptions, perform: Performance, settleMs: number) {
    this.store = newStore(options);
    fuse(this.#inputs, {
      store: this.store,
      bus: null,
      driver: { policy: loadPolicy() },
      assistant: options,
    }).subscribe((output) => {
      if (output.kind === 'assistant') this.#outputs.push(output.output);
    });
    this.#stream = inputsOf({ perform, fps, settleMs, lengthMs: longestMs, speedKmh: () => 0 });
  }

  take(input: AssistantInput): void {
    this.#inputs.next({ kind: 'assistant', t: input.t, input });
  }

  tick(t: number): void {
    for (let next = this.#next(); next !== null; next = this.#next()) {
      if (timeOf(next) > t) {
        this.#ahead = next;
        return;
      }
      this.#inputs.next(next);
    }
  }

  outputs(): AssistantOutput[] {
    const outputs = this.#outputs;
    this.#outputs = [];
    return outputs;
  }

  /** What the generated driver gives the graph; the speed comes from the store. */
  #next(): GraphInput | null {
    if (this.#ahead !== null) {
      const ahead = this.#ahead;
      this.#ahead = null;
      return ahead;
    }
    for (let item = this.#stream.next(); item.done !== true; item = this.#stream.next()) {
      const input = item.value;
      if (input.kind === 'observation' || input.kind === 'phone' || input.kind === 'tick') return input;
    }
    return null;
  }
}

function timeOf(input: GraphInput): number {
  return input.kind === 'observation' ? input.observation.t : input.t;
}
