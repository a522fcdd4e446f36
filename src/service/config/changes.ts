import { isDeepStrictEqual } from 'node:util';
import type { VigilConfig } from './schema.js';

/** What a changed configuration asks for: what can be done while running, and what only a restart brings. */
export interface ConfigChanges {
  /** In force at once, or, for policies, at the next standstill. */
  readonly live: readonly LiveKey[];
  /** Keys whose new value counts only after a restart. */
  readonly afterRestart: readonly string[];
}

export const liveKeys = ['driver.policy', 'log.level'] as const;
export type LiveKey = (typeof liveKeys)[number];

/** Compares two configurations key by key. Lists are one value. */
export function configChanges(before: VigilConfig, after: VigilConfig): ConfigChanges {
  const changed = differing(before, after, '');
  const isLive = (key: string): key is LiveKey => (liveKeys as readonly string[]).includes(key);
  return { live: changed.filter(isLive), afterRestart: changed.filter((key) => !isLive(key)) };
}

function differing(before: unknown, after: unknown, at: string): string[] {
  if (!isObject(before) || !isObject(after)) return isDeepStrictEqual(before, after) ? [] : [at];
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return keys.flatMap((key) => differing(before[key], after[key], at === '' ? key : `${at}.${key}`));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
