import type { Observable } from 'rxjs';
import type { AssistantInput, AssistantOutput } from '../../assistant/exchange.js';
import type { Place } from '../../assistant/action/place.js';
import { loadDialog } from '../../assistant/dialog/turn.js';
import { Grammars } from '../../assistant/grammars.js';
import { loadCommands } from '../../assistant/grammar/load.js';
import { LiveAssistant } from '../../assistant/live-assistant.js';
import { espeak, flite, ProcessVoice, SilentVoice } from '../../assistant/reply/voice.js';
import type { WakeHead } from '../../assistant/wake/head.js';
import { defaultHead } from '../../assistant/wake/default-head.js';
import { readWakeHead } from '../../assistant/wake/head-file.js';
import { openMicrophone } from '../../audio/open-microphone.js';
import type { PcmSource } from '../../audio/pcm-source.js';
import type { Clock } from '../../runtime/clock.js';
import type { SourceState } from '../../runtime/sources/source-state.js';
import type { VehicleStore } from '../../vehicle/store.js';
import type { AssistantConfig } from '../config/schema.js';
import type { AssistantStatus } from './protocol.js';

const programs = { 'espeak-ng': espeak, flite };

/** The assistant, live, at a replica of the vehicle's store: microphones come and go, the dialog goes on. Close it. */
export class AssistantService {
  readonly outputs$: Observable<AssistantOutput>;
  readonly #live: LiveAssistant;
  readonly #microphones: ReadonlyMap<Place, PcmSource>;
  readonly #states = new Map<Place, SourceState>();

  /** @throws VigilError of commands, replies, wake heads and addresses: what no waiting repairs */
  constructor(
    readonly store: VehicleStore,
    { microphones, language, model, wake, voice }: AssistantConfig,
    clock: Clock,
  ) {
    this.#microphones = new Map(
      microphones.map(({ zone, source, sampleRateHz }) => [
        zone,
        openMicrophone(source, clock, { rate: sampleRateHz, channels: 1 }),
      ]),
    );
    for (const [zone, source] of this.#microphones)
      source.state$.subscribe((state) => this.#states.set(zone, state));
    this.#live = new LiveAssistant({
      store,
      assistant: {
        config: loadDialog(store.tree, language),
        grammars: new Grammars(loadCommands(language)),
      },
      clock,
      voice: (events) =>
        voice === 'none' ? new SilentVoice(events) : new ProcessVoice(programs[voice], events),
      hearing: {
        microphones: this.#microphones,
        model,
        wake: wakeHeadOf(wake),
      },
    });
    this.outputs$ = this.#live.outputs$;
  }

  take(input: AssistantInput): void {
    this.#live.take(input);
  }

  press(zone: Place): void {
    this.#live.press(zone);
  }

  release(zone: Place): void {
    this.#live.release(zone);
  }

  status(): AssistantStatus {
    return {
      microphones: [...this.#microphones].map(([zone, source]) => ({
        zone,
        address: source.address,
        state: this.#states.get(zone) ?? { kind: 'starting' },
        counters: source.counters(),
        clock: source.clock(),
      })),
      phase: this.#live.state.phase.kind,
    };
  }

  close(): void {
    this.#live.close();
  }
}

/** The one that is shipped by its name, one of the integrator's own by its file. */
function wakeHeadOf(wake: string): WakeHead | null {
  if (wake === 'off') return null;
  return wake === 'hey-vigil' ? defaultHead().head : readWakeHead(wake);
}
