import { Command } from 'commander';
import { vi } from 'vitest';

export interface CommandRun {
  readonly out: string;
  readonly err: string;
  readonly exitCode: number;
}

/** Runs a registered command in this process. Errors are thrown as `main` would catch them. */
export async function runCommand(
  register: (program: Command) => void,
  args: readonly string[],
): Promise<CommandRun> {
  const program = new Command('vigil').exitOverride().configureOutput({ writeErr: () => undefined });
  register(program);
  let [out, err] = ['', ''];
  const before = process.exitCode;
  process.exitCode = 0;
  const stdout = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += String(text);
    return true;
  });
  const stderr = vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    err += String(text);
    return true;
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return { out, err, exitCode: process.exitCode };
  } finally {
    stdout.mockRestore();
    stderr.mockRestore();
    process.exitCode = before;
  }
}
