import type { SeatWindow } from '../../src/camera/seat-window.js';

/** What a replay is asked to do; plain data, so that it can cross to the driver's thread. */
export interface ReplayOptions {
  readonly path: string;
  /** 1 is real time; `max` is lock-step: as fast as it goes, nothing dropped, the same bytes every time. */
  readonly speed: number | 'max';
  /** Part of the drive, ms: `fromMs` included, `toMs` excluded. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Name of a file in signals/policies, or several with `+` between them. */
  readonly policy: string;
  /** Look for a phone in hand or at the ear; not proven on drivers (docs/phone.md). Default false. */
  readonly phone?: boolean;
  /** Where in the picture the driver's face belongs; absent: what the recording says. */
  readonly seat?: SeatWindow;
  /** Absent: the recorded microphone is not listened to. */
  readonly assistant?: SpokenOptions;
}

/** How the recorded microphone is listened to. */
export interface SpokenOptions {
  readonly model: 'tiny' | 'base';
  /** Drive times at which the button is pressed, ms. */
  readonly pressMs: readonly number[];
  /** File of a wake head; null: only the button wakes. */
  readonly wakeHead: string | null;
  /** A look at the screen for so long before somebody speaks opens the microphone, ms; null: none does. */
  readonly gazeMs: number | null;
}
