import type { DialogInput } from '../dialog/exchange.js';
import type { ListenerEvent } from './listener-event.js';

/** What of a microphone concerns the dialog; null: nothing. */
export function dialogInputOf(event: ListenerEvent): DialogInput | null {
  const { t, zone } = event;
  switch (event.kind) {
    case 'wake':
      return { kind: 'wake', t, zone, how: event.how };
    case 'speechStarted':
      return { kind: 'speechStarted', t, zone };
    case 'heard': {
      const { hypotheses, certainty } = event.heard;
      return { kind: 'heard', t, zone, meaning: hypotheses.at(0)?.meaning ?? null, certainty };
    }
    case 'notHeard':
      return { kind: 'heard', t, zone, meaning: null, certainty: 'reject' };
    case 'speechEnded':
    case 'state':
      return null;
  }
}
