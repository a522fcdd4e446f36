import { VigilError } from '../../runtime/errors.js';
import type { Sample } from '../../vehicle/sample.js';
import type { VehicleStore } from '../../vehicle/store.js';
import type { Subscription } from '../../vehicle/topics.js';
import type { DialogInput, DialogOutput } from './exchange.js';
import { initialDialog, type DialogState } from './state.js';
import { stepDialog } from './step.js';
import type { DialogConfig } from './turn.js';
import { watchedPaths } from './watched-paths.js';

/** Who asks, in the actuators' books. */
const requester = 'assistant';

/**
 * A dialog at a vehicle store: its values go in, its actuations go to their owners. Everything else that comes out
 * (speech, earcons, microphone, media) goes to `onOutput`, actuations too. Synchronous: `send` returns when all that
 * followed from the input has been put out. `send` a tick at least ten times a second.
 */
export class DialogHost {
  #state: DialogState = initialDialog;
  readonly #subscriptions: readonly Subscription[];
  readonly #waiting: DialogInput[] = [];
  /** What was told last of each path. */
  readonly #watched = new Map<string, Sample>();
  #isBusy = false;

  constructor(
    private readonly store: VehicleStore,
    private readonly config: DialogConfig,
    private readonly onOutput: (output: DialogOutput) => void,
  ) {
    this.#subscriptions = watchedPaths(config).map((path) =>
      store.subscribe(path, (sample) => this.#watch(sample), true),
    );
  }

  /** A value that is only renewed tells a dialog nothing. */
  #watch(sample: Sample): void {
    const before = this.#watched.get(sample.path);
    if (before?.value === sample.value && before?.quality === sample.quality) return;
    this.#watched.set(sample.path, sample);
    this.send({ kind: 'value', t: sample.t, sample });
  }

  get state(): DialogState {
    return this.#state;
  }

  send(input: DialogInput): void {
    this.#waiting.push(input);
    if (this.#isBusy) return;
    this.#isBusy = true;
    try {
      for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift())
        this.#step(next);
    } finally {
      this.#waiting.length = 0;
      this.#isBusy = false;
    }
  }

  close(): void {
    for (const subscription of this.#subscriptions) subscription.unsubscribe();
  }

  #step(input: DialogInput): void {
    const { state, outputs } = stepDialog(this.#state, input, this.config);
    this.#state = state;
    for (const output of outputs) {
      this.onOutput(output);
      if (output.kind === 'actuate') this.#actuate(output);
    }
  }

  #actuate({ t, command, requests }: Extract<DialogOutput, { kind: 'actuate' }>): void {
    try {
      this.store.actuate(...requests.map(({ path, value }) => ({ path, value, t, requester })));
    } catch (error) {
      if (!(error instanceof VigilError)) throw error;
      this.send({ kind: 'actuationRefused', t, command });
    }
  }
}
