import type { Command } from 'commander';

/**
 * One file per command exports `register`. Exit codes: 0 done, 1 failed, 2 wrong usage, 3 done with data loss.
 * Results go to stdout, progress and diagnostics to stderr.
 */
export interface CommandModule {
  register(program: Command): void;
}

export const ExitCode = { ok: 0, failure: 1, usage: 2, dataLoss: 3 } as const;
