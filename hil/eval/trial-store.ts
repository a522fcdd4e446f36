import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Results of a long evaluation, a line each, so that one that was stopped goes on where it was. The file's name must say
 * everything that the results depend on besides their key.
 */
export class TrialStore<T> {
  readonly #known = new Map<string, T>();

  constructor(private readonly file: string) {
    if (!existsSync(file)) return;
    for (const line of readFileSync(file, 'utf8').split('\n')) {
      // The last line may be torn.
      if (!line.endsWith('}')) continue;
      const { key, value } = JSON.parse(line) as { key: string; value: T };
      this.#known.set(key, value);
    }
  }

  get(key: string): T | undefined {
    return this.#known.get(key);
  }

  put(key: string, value: T): void {
    mkdirSync(dirname(this.file), { recursive: true });
    appendFileSync(this.file, `${JSON.stringify({ key, value })}\n`);
    this.#known.set(key, value);
  }
}
