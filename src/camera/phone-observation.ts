import type { Box } from './observation.js';

/** `atEar`: beside the face; `inHand`: anywhere else; `unplaced`: no face was seen, so none of the two can be said. */
export type PhonePlace = 'atEar' | 'inHand' | 'unplaced';

/** Why nothing is said about phones. */
export type NoPhoneReason =
  /** The detector's hit rate on drivers was not measured, and nobody asked for it all the same (docs/phone.md). */
  | 'phoneDetectorUnproven'
  /** The network failed on this frame. */
  | 'inferenceFailed';

interface ObservationBase {
  /** Milliseconds on the drive's clock at which the frame was taken; some tenths of a second ago when it arrives. */
  readonly t: number;
  /** Running number of the frame as given by its source. */
  readonly frame: number;
}

export interface PhoneSeen extends ObservationBase {
  readonly kind: 'phone';
  /** The network's score, 0 to 1; not a probability. */
  readonly score: number;
  /** Pixels of the full-size image. */
  readonly box: Box;
  readonly place: PhonePlace;
}

export interface NoPhone extends ObservationBase {
  readonly kind: 'noPhone';
  /** Of what looks most like a phone, below the score from which on it counts as one. */
  readonly score: number;
}

export interface PhoneUnavailable extends ObservationBase {
  readonly kind: 'unavailable';
  readonly reason: NoPhoneReason;
}

/** What one picture, about one a second, says about a phone in the driver's hand or at the ear. */
export type PhoneObservation = PhoneSeen | NoPhone | PhoneUnavailable;
