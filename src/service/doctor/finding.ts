/** One thing that was looked at. */
export interface Finding {
  /** What it is about: `camera`, `can slcan://...`. */
  readonly part: string;
  readonly level: 'ok' | 'warn' | 'fail';
  /** What was found, with figures. */
  readonly found: string;
  /** What to do; empty where nothing is wrong. */
  readonly advice: string;
}

export function ok(part: string, found: string): Finding {
  return { part, level: 'ok', found, advice: '' };
}

export function warn(part: string, found: string, advice: string): Finding {
  return { part, level: 'warn', found, advice };
}

export function fail(part: string, found: string, advice: string): Finding {
  return { part, level: 'fail', found, advice };
}
