import type { CommandSet, ListValue } from '../grammar/command-file.js';
import { compile } from '../grammar/compile.js';
import { Follower, type Meaning } from '../grammar/match.js';
import { normalise } from '../grammar/normalise.js';

/** What a written sentence means where some grammars are open, the first of them first. Compiles each grammar once. */
export class TextMeaning {
  readonly #followers = new Map<string, Follower>();

  constructor(
    private readonly commands: CommandSet,
    private readonly dynamic: ReadonlyMap<string, readonly ListValue[]> = new Map(),
  ) {}

  /** Null when it means nothing there, or more than one thing. */
  of(text: string, grammars: readonly string[]): Meaning | null {
    const words = normalise(text);
    for (const state of grammars) {
      const meanings = this.#follower(state).meanings(words);
      if (meanings.length > 0) return meanings.length === 1 ? meanings[0] : null;
    }
    return null;
  }

  #follower(state: string): Follower {
    const present = this.#followers.get(state);
    if (present !== undefined) return present;
    const follower = new Follower(compile(this.commands, { state, dynamic: this.dynamic }));
    this.#followers.set(state, follower);
    return follower;
  }
}
