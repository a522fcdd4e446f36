import { link, rename, rm, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { VigilError, messageOf } from './errors.js';

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null)) !== null;
}

function alreadyThere(path: string): VigilError {
  return new VigilError(
    'OUTPUT_EXISTS',
    `Expected no file at ${path} but there is one.`,
    'Choose another name or overwrite it with --force.',
    { path },
  );
}

/**
 * A file that appears under its name only when it is complete: written beside it under another name, which goes
 * away when things fail.
 */
export class OutputFile {
  readonly path: string;
  /** Where to write. */
  readonly temporary: string;
  readonly #force: boolean;

  private constructor(path: string, force: boolean) {
    this.path = path;
    this.temporary = `${path}.partial-${process.pid}`;
    this.#force = force;
  }

  /**
   * @param inputs files that are read meanwhile and must not be the output, whatever `force` says
   * @throws VigilError `OUTPUT_EXISTS`, `OUTPUT_IS_INPUT`, `OUTPUT_FOLDER`
   */
  static async plan(path: string, force: boolean, inputs: readonly string[]): Promise<OutputFile> {
    if (!(await exists(dirname(resolve(path))))) {
      throw new VigilError(
        'OUTPUT_FOLDER',
        `Expected a folder at ${dirname(path)} to write to but there is none.`,
        'Create it first.',
        { path },
      );
    }
    const old = await stat(path).catch(() => null);
    for (const input of inputs) {
      const { dev, ino } = await stat(input);
      if (old?.dev !== dev || old.ino !== ino) continue;
      throw new VigilError(
        'OUTPUT_IS_INPUT',
        `Expected another name for the output but ${path} is an input.`,
        '',
        { path },
      );
    }
    if (old && !force) throw alreadyThere(path);
    return new OutputFile(path, force);
  }

  /** Gives the finished file its name. @throws VigilError `OUTPUT_EXISTS`, `OUTPUT_FAILED` */
  async publish(): Promise<void> {
    try {
      if (this.#force) {
        await rename(this.temporary, this.path);
        return;
      }
      // Unlike rename, link never replaces a file that has appeared meanwhile.
      await link(this.temporary, this.path);
      await rm(this.temporary);
    } catch (error) {
      await this.#publishOtherwise(error);
    }
  }

  /** File systems without hard links: rename after a last look. */
  async #publishOtherwise(cause: unknown): Promise<void> {
    if (await exists(this.path)) throw alreadyThere(this.path);
    try {
      await rename(this.temporary, this.path);
    } catch (error) {
      throw new VigilError(
        'OUTPUT_FAILED',
        `Expected to name the finished file ${this.path} but it failed: ${messageOf(error)}.`,
        '',
        { path: this.path },
        { cause },
      );
    }
  }

  /** Leaves nothing behind. */
  async discard(): Promise<void> {
    await rm(this.temporary, { force: true });
  }
}
