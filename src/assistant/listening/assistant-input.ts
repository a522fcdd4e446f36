import type { AssistantInput } from '../exchange.js';
import type { ListenerEvent } from './listener-event.js';

/** What of a microphone concerns the assistant; null: nothing. Whether a microphone is there is told as a part, too. */
export function assistantInputOf(event: ListenerEvent): AssistantInput | null {
  const { t, zone } = event;
  switch (event.kind) {
    case 'wake':
      return { kind: 'wake', t, zone, how: event.how };
    case 'speechStarted':
      return { kind: 'speechStarted', t, zone };
    case 'speechEnded':
      return { kind: 'speechEnded', t, zone };
    case 'heard':
      return { kind: 'heard', t, zone, speech: event.heard };
    case 'notHeard':
      return { kind: 'notHeard', t, zone, why: event.why };
    case 'state': {
      const { state } = event;
      if (state.kind === 'notReady') return null;
      const missing = state.kind === 'unavailable' ? state.reason : null;
      return { kind: 'part', t, part: 'microphone', missing };
    }
  }
}
