import { spokenForMs } from './look.js';
import { gazeLimits } from './limits.js';

/** What a look does to the buffer: the road fills it, the driving's own targets cost nothing for a moment. */
export type BufferLook = 'road' | 'drivingTask' | 'away' | 'unknown';

/**
 * A buffer of attention as in AttenD (Kircher and Ahlström, "Issues related to the driver distraction detection
 * algorithm AttenD", 2009): 2 s when full, emptied by looks away and filled by looks at the road second for second, the
 * latter after 0.1 s; looks at mirrors and speedometer cost nothing for 1 s. What is not known changes nothing.
 */
export interface AttentionBuffer {
  readonly ms: number;
  readonly look: BufferLook;
  /** Start of the look in progress. */
  readonly sinceMs: number;
  readonly lastT: number | null;
}

export const initialAttentionBuffer: AttentionBuffer = {
  ms: gazeLimits.bufferMs,
  look: 'unknown',
  sinceMs: 0,
  lastT: null,
};

/** One frame, later than the last one. */
export function stepAttentionBuffer(buffer: AttentionBuffer, t: number, look: BufferLook): AttentionBuffer {
  const { lastT } = buffer;
  const spoken = lastT !== null && spokenForMs(lastT, t) > 0;
  const ms = spoken ? clamped(buffer.ms + change(buffer, lastT, t)) : buffer.ms;
  const goesOn = look === buffer.look && (spoken || look === 'unknown');
  return { ms, look, sinceMs: goesOn ? buffer.sinceMs : t, lastT: t };
}

function change({ look, sinceMs }: AttentionBuffer, fromMs: number, toMs: number): number {
  const after = (delayMs: number) => Math.max(0, toMs - Math.max(fromMs, sinceMs + delayMs));
  switch (look) {
    case 'road':
      return after(gazeLimits.bufferLatencyMs);
    case 'drivingTask':
      return -after(gazeLimits.bufferGraceMs);
    case 'away':
      return -after(0);
    case 'unknown':
      return 0;
  }
}

function clamped(ms: number): number {
  return Math.min(gazeLimits.bufferMs, Math.max(0, ms));
}
