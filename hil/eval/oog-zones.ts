/** What limits are chosen on: scores (log P(free) - log P(command)) of speech; null: nothing in the grammar fitted. */
export interface FittingScores {
  /** Of commands whose best sentence is the right one. */
  readonly commands: readonly (number | null)[];
  /** Of speech that is no command, and of commands taken for another. */
  readonly others: readonly (number | null)[];
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

const below = (scores: readonly (number | null)[], limit: number): number =>
  scores.filter((score) => score !== null && score <= limit).length / scores.length;

/**
 * Limits in quarters: `act` the highest at which no more than `othersActed` of what is no command is acted upon; `confirm`
 * the highest at which no more than `othersAsked` of it is asked about, and not below `act`.
 */
export function fittedLimits(
  { commands, others }: FittingScores,
  othersActed: number,
  othersAsked: number,
): FittedLimits {
  const highestWith = (share: number): number => {
    for (let limit = highest; limit > 0; limit -= step) if (below(others, limit) <= share) return limit;
    return 0;
  };
  const act = highestWith(othersActed);
  const confirm = Math.max(act, highestWith(othersAsked));
  return {
    act,
    confirm,
    commandsActed: below(commands, act),
    othersActed: below(others, act),
    commandsHeard: below(commands, confirm),
    othersHeard: below(others, confirm),
  };
}
