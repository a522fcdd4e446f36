/** What the check of one frame found; the same values as `Verdict` in native/can/validity.h. */
export const Verdict = {
  /** No rule for this message, a remote or error frame, another channel. */
  unchecked: 0,
  /** Checksum right, counter one further. */
  ok: 1,
  /** Checksum right, no counter to compare with: the first frame, or the first one after a silence. */
  initial: 2,
  /** Counter further than one, but not beyond the limit of the rule. */
  okSomeLost: 3,
  /** Counter as before. */
  repeated: 4,
  /** Counter beyond the limit. */
  wrongSequence: 5,
  /** Checksum, Data ID or length wrong, or a counter value that is never sent. */
  error: 6,
  /** The frame does not hold checksum and counter, or has not the bytes it should have. */
  tooShort: 7,
} as const;

export type VerdictCode = (typeof Verdict)[keyof typeof Verdict];

/** By verdict code, as reports name them. */
export const verdictNames = [
  'unchecked',
  'ok',
  'initial',
  'okSomeLost',
  'repeated',
  'wrongSequence',
  'error',
  'tooShort',
] as const;

/** Whether the values of such a frame may be used. */
export function isUsable(verdict: number): boolean {
  return verdict <= Verdict.okSomeLost;
}
