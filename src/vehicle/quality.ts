/** Never a value without one of these. */
export type Quality =
  /** Fresh and plausible. */
  | 'valid'
  /** Was valid; its source has been silent for longer than it may. */
  | 'stale'
  /** Its source says, or a check found, that it is wrong (checksum, range, frozen counter). */
  | 'invalid'
  /** There is no source, or it has not spoken yet. */
  | 'unavailable';
