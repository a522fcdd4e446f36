import type { Subscription } from 'rxjs';
import type { PcmChunk } from '../audio/pcm.js';
import type { Place } from './action/place.js';
import type { AssistantInput, AssistantOutput } from './exchange.js';
import { assistantInputOf } from './listening/assistant-input.js';
import type { Listener } from './listening/listener.js';
import type { ListenerEvent } from './listening/listener-event.js';
import type { SpokenGrammars } from './spoken-grammars.js';

/** What of a listener the assistant moves. */
export type Microphone = Pick<Listener, 'events' | 'open' | 'shut' | 'ownVoice' | 'reference'>;

/**
 * The assistant's microphones, which stand outside the graph: what it puts out opens and shuts them, what they hear is
 * told to it. Owns the subscriptions, not the listeners.
 */
export class Microphones {
  readonly #subscriptions: readonly Subscription[];
  /** Why a microphone hears nothing, by place. */
  readonly #lost = new Map<Place, string>();
  #open: { readonly zone: Place; readonly grammars: readonly string[] } | null = null;
  #speaking: number | null = null;

  /** @param tell takes what was heard; may be called from within `take` */
  constructor(
    private readonly listeners: ReadonlyMap<Place, Microphone>,
    private readonly grammars: SpokenGrammars,
    private readonly tell: (input: AssistantInput) => void,
  ) {
    this.#subscriptions = [...listeners.values()].map(({ events }) =>
      events.subscribe((event) => this.#hear(event)),
    );
  }

  take(output: AssistantOutput): void {
    switch (output.kind) {
      case 'listen': {
        const { t, zone, grammars } = output;
        if (this.#open !== null && this.#open.zone !== zone) this.listeners.get(this.#open.zone)?.shut(t);
        this.#open = { zone, grammars };
        this.listeners.get(zone)?.open(this.grammars.compiled(grammars), t);
        return;
      }
      case 'closeMicrophone':
        if (this.#open !== null) this.listeners.get(this.#open.zone)?.shut(output.t);
        this.#open = null;
        return;
      case 'say':
        this.#speaking = output.id;
        this.#ownVoice(output.t, true);
        return;
      case 'hush':
        this.spoken(output.id, output.t);
        return;
      case 'actuate':
      case 'earcon':
      case 'duck':
      case 'ignored':
      case 'understood':
      case 'phase':
        return;
    }
  }

  /** What was being said is over. */
  spoken(id: number, t: number): void {
    if (this.#speaking !== id) return;
    this.#speaking = null;
    this.#ownVoice(t, false);
  }

  /** What goes to the loudspeaker now. */
  reference(chunk: PcmChunk): void {
    for (const listener of this.listeners.values()) listener.reference(chunk);
  }

  /** Other sentences can be said now: who listens, listens for these. */
  grammarsChanged(t: number): void {
    if (this.#open === null) return;
    const { zone, grammars } = this.#open;
    this.listeners.get(zone)?.open(this.grammars.compiled(grammars), t);
  }

  close(): void {
    for (const subscription of this.#subscriptions) subscription.unsubscribe();
  }

  #ownVoice(t: number, isSpeaking: boolean): void {
    for (const listener of this.listeners.values()) listener.ownVoice(t, isSpeaking);
  }

  #hear(event: ListenerEvent): void {
    if (event.kind !== 'state') {
      const input = assistantInputOf(event);
      if (input !== null) this.tell(input);
      return;
    }
    // One microphone that is left is enough.
    const { t, zone, state } = event;
    const before = this.#missing();
    if (state.kind === 'unavailable') this.#lost.set(zone, state.reason);
    else if (state.kind !== 'notReady') this.#lost.delete(zone);
    const missing = this.#missing();
    if (missing !== before) this.tell({ kind: 'part', t, part: 'microphone', missing });
  }

  #missing(): string | null {
    if (this.#lost.size < this.listeners.size) return null;
    return [...this.#lost.values()].at(0) ?? null;
  }
}
