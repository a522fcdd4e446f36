import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { VigilError, messageOf } from '../../src/runtime/errors.js';

/** Lines of a program's complaints that are kept. */
const keptLines = 50;

function startFailed(program: string, error: unknown): VigilError {
  const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
  return new VigilError(
    missing ? 'FFMPEG_MISSING' : 'FFMPEG_FAILED',
    missing
      ? `Expected ${program} to be installed but it is not.`
      : `Expected ${program} to start but it did not: ${messageOf(error)}.`,
    missing ? 'Install it: `sudo apt-get install ffmpeg` (5.1 or later).' : '',
    { program },
    { cause: error },
  );
}

/** A complaint without the address of the part that makes it, which differs from run to run. */
function tidyLine(line: string): string {
  return line.replace(/ @ 0x[0-9a-f]+\]/, ']').trim();
}

/** How a program ended. */
export interface ProgramEnd {
  /** Null when a signal ended it. */
  readonly code: number | null;
  /** The last lines it wrote to its standard error. */
  readonly complaints: readonly string[];
}

/**
 * A running ffmpeg or ffprobe. In a process group of its own, so that Ctrl-C in a terminal reaches only us and we
 * decide how it ends.
 */
export class MediaProgram {
  /** Resolves when it has ended and all its output has been read. @throws VigilError `FFMPEG_MISSING` */
  readonly end: Promise<ProgramEnd>;
  readonly #child: ChildProcess;

  /** @param pipes number of output pipes: 1 for standard output, 2 for that and descriptor 3 */
  constructor(
    program: 'ffmpeg' | 'ffprobe',
    args: readonly string[],
    pipes: 1 | 2,
    signal: AbortSignal | undefined,
  ) {
    const stdio = ['ignore' as const, ...Array<'pipe'>(1 + pipes).fill('pipe')];
    this.#child = spawn(program, args, { stdio, detached: true });
    const stop = () => this.stop();
    signal?.addEventListener('abort', stop);
    if (signal?.aborted) stop();
    const complaints: string[] = [];
    this.#collect(complaints);
    this.end = once(this.#child, 'close').then(
      ([code]) => ({ code: typeof code === 'number' ? code : null, complaints }),
      (error: unknown) => {
        throw startFailed(program, error);
      },
    );
    // Whoever reads the output may fail first; the rejection is still there for those who ask for the end.
    this.end.catch(() => undefined).finally(() => signal?.removeEventListener('abort', stop));
  }

  get stdout(): Readable {
    return this.#child.stdout!;
  }

  /** Descriptor 3 of the program. */
  get extra(): Readable {
    return this.#child.stdio[3] as Readable;
  }

  /** Ends the program if it still runs. */
  stop(): void {
    this.#child.kill('SIGKILL');
  }

  #collect(complaints: string[]): void {
    let rest = '';
    this.#child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      complaints.push(...lines.map(tidyLine).filter((line) => line !== ''));
      complaints.splice(0, Math.max(0, complaints.length - keptLines));
    });
  }
}

/** Name of a local file as ffmpeg takes it, whatever characters it has; only local files are ever opened. */
export function inputArguments(file: string): string[] {
  return ['-protocol_whitelist', 'file,pipe', '-i', `file:${file}`];
}
