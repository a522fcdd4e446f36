/** Speech that was heard. */
export interface Scored {
  /** As `rejectionScore`. */
  readonly score: number;
  /** Too few words for the time: one zone less. */
  readonly isSlow: boolean;
}

/** What limits are chosen on. */
export interface FittingScores {
  /** Commands whose best sentence is the right one. */
  readonly commands: readonly Scored[];
  /** Speech that is no command. */
  readonly others: readonly Scored[];
}

export interface FittedLimits {
  readonly act: number;
  readonly confirm: number;
  /** Shares of the fitting speech: acted upon, of commands and of the rest; asked about or acted upon, likewise. */
  readonly commandsActed: number;
  readonly othersActed: number;
  readonly commandsHeard: number;
  readonly othersHeard: number;
}

const step = 0.25;
const highest = 20;

const isBelow = ({ score }: Scored, limit: number): boolean => score <= limit;

function actedShare(scores: readonly Scored[], act: number): number {
  return scores.filter((one) => !one.isSlow && isBelow(one, act)).length / scores.length;
}

/** Acted upon or asked about. */
function heardShare(scores: readonly Scored[], act: number, confirm: number): number {
  return scores.filter((one) => isBelow(one, one.isSlow ? act : confirm)).length / scores.length;
}

/** The highest limit in quarters at which a share is small enough; 0 where none is. */
function highestWith(most: number, shareAt: (limit: number) => number): number {
  for (let limit = highest; limit > 0; limit -= step) if (shareAt(limit) <= most) return limit;
  return 0;
}

/**
 * Limits in quarters: `act` the highest at which no more than `othersActed` of what is no command is acted upon; `confirm`
 * the highest at which no more than `othersHeard` of it is asked about or acted upon, and not below `act`.
 */
export function fittedLimits(
  { commands, others }: FittingScores,
  othersActed: number,
  othersHeard: number,
): FittedLimits {
  const act = highestWith(othersActed, (limit) => actedShare(others, limit));
  const confirm = Math.max(
    act,
    highestWith(othersHeard, (limit) => heardShare(others, act, limit)),
  );
  return {
    act,
    confirm,
    commandsActed: actedShare(commands, act),
    othersActed: actedShare(others, act),
    commandsHeard: heardShare(commands, act, confirm),
    othersHeard: heardShare(others, act, confirm),
  };
}
