import type { ActuatorClaim } from '../vehicle/actuators.js';
import type { SignalSource } from '../vehicle/source.js';
import type { VehicleStore } from '../vehicle/store.js';
import type { AssistantPart, DialogOutput } from './dialog/exchange.js';
import type { DialogState } from './dialog/state.js';
import type { Meaning } from './grammar/match.js';
import type { Understanding } from './understand.js';

const branch = 'Vehicle.Cabin.Infotainment.Vigil.Assistant';
export const assistantPaths = {
  state: `${branch}.State`,
  reason: `${branch}.Reason`,
  utterance: `${branch}.Utterance`,
  intent: `${branch}.Intent`,
  reply: `${branch}.Reply`,
  isEnabled: `${branch}.IsEnabled`,
  volume: `${branch}.Volume`,
} as const;

/** Ticks renew the state twenty times a second: an assistant that stops makes it stale within this time, ms. */
const maxAgeMs = 500;
/** Until somebody asks for another one, percent. */
const usualVolume = 70;

/** Values of `Assistant.State`. */
type Activity = 'UNAVAILABLE' | 'OFF' | 'IDLE' | 'LISTENING' | 'THINKING' | 'SPEAKING';

/** Writes what the assistant does into the vehicle store, and owns its switch and its volume there. */
export class AssistantPublisher {
  readonly #source: SignalSource;
  readonly #claims: readonly ActuatorClaim[];
  #enabled = true;
  #volume = usualVolume;
  #isThinking = false;
  #shown = '';
  #isDeaf = false;
  #t = 0;

  constructor(
    store: VehicleStore,
    private readonly onEnable: (change: { readonly t: number; readonly enabled: boolean }) => void,
  ) {
    const { state, reason, isEnabled, volume, utterance, intent, reply } = assistantPaths;
    this.#source = store.provide('assistant', [
      ...[state, reason, isEnabled, volume].map((path) => ({ path, maxAgeMs })),
      ...[utterance, intent, reply].map((path) => ({ path, maxAgeMs: Infinity })),
    ]);
    this.#claims = [
      store.provideActuator(isEnabled, 'assistant', ({ t, value }) => {
        this.#enabled = value === true;
        this.#source.write(isEnabled, t, this.#enabled);
        this.onEnable({ t, enabled: this.#enabled });
      }),
      store.provideActuator(volume, 'assistant', ({ t, value }) => {
        this.#volume = Number(value);
        this.#source.write(volume, t, this.#volume);
      }),
    ];
  }

  /** Something was said or written, and taken for this. */
  understood(t: number, { text, meaning }: Understanding): void {
    this.#isThinking = false;
    this.#source.write(assistantPaths.utterance, t, text);
    if (meaning === null) this.#source.withdraw(assistantPaths.intent, t, 'notUnderstood');
    else this.#source.write(assistantPaths.intent, t, intentText(meaning));
  }

  /** What was said is being recognised. */
  thinking(): void {
    this.#isThinking = true;
  }

  output(output: DialogOutput): void {
    if (output.kind === 'closeMicrophone') this.#isThinking = false;
    if (output.kind === 'say' && output.priority !== 'alert')
      this.#source.write(assistantPaths.reply, output.t, output.text);
  }

  /** Writes what changed. @param renew also what did not: the assistant's sign of life */
  state(state: DialogState, t: number, renew: boolean): void {
    this.#t = t;
    const { activity, reason } = this.#activity(state);
    const shown = `${activity} ${reason}`;
    if (renew) {
      this.#source.write(assistantPaths.isEnabled, t, this.#enabled);
      this.#source.write(assistantPaths.volume, t, this.#volume);
    }
    if (renew || shown !== this.#shown) {
      this.#shown = shown;
      this.#source.write(assistantPaths.state, t, activity);
      this.#source.write(assistantPaths.reason, t, reason);
    }
    const isDeaf = activity === 'UNAVAILABLE';
    if (isDeaf && !this.#isDeaf)
      for (const path of [assistantPaths.utterance, assistantPaths.intent])
        this.#source.withdraw(path, t, reason);
    this.#isDeaf = isDeaf;
  }

  close(): void {
    for (const claim of this.#claims) claim.release();
    this.#source.close(this.#t, 'the assistant was closed');
  }

  #activity({ isEnabled, missing, speaking, phase }: DialogState): {
    readonly activity: Activity;
    readonly reason: string;
  } {
    const reason = reasonOf(missing);
    if (missing.microphone !== undefined || missing.recogniser !== undefined)
      return { activity: 'UNAVAILABLE', reason };
    if (!isEnabled) return { activity: 'OFF', reason };
    if (speaking !== null) return { activity: 'SPEAKING', reason };
    if (phase.kind === 'idle') return { activity: 'IDLE', reason };
    return { activity: this.#isThinking ? 'THINKING' : 'LISTENING', reason };
  }
}

/** `microphoneMissing: no such device, voiceMissing: ...`; empty where nothing is. */
function reasonOf(missing: Readonly<Partial<Record<AssistantPart, string>>>): string {
  return Object.entries(missing)
    .map(([part, why]) => `${part}Missing: ${why}`)
    .join(', ');
}

/** `climate.temperature.set celsius=21` */
function intentText({ intent, slots }: Meaning): string {
  return [intent, ...Object.entries(slots).map(([name, value]) => `${name}=${String(value)}`)].join(' ');
}
