/** A setting and what to set it to. */
export interface SettingChange {
  readonly setting: string;
  /** Canonical value; null: the setting was named, not what to do with it. */
  readonly value: string | null;
  readonly amount?: number | 'min' | 'max';
  /** Present with an amount: empty for a bare number. */
  readonly unit?: string;
}

/**
 * What to do about a sentence. Only `act` changes anything; `ask` offers the candidates as "did you mean", best
 * first; `query` is a question about a setting, to be answered, never to be acted on.
 */
export type Decision =
  | { readonly kind: 'act'; readonly act: SettingChange }
  | { readonly kind: 'ask'; readonly candidates: readonly SettingChange[]; readonly because: string }
  | { readonly kind: 'query'; readonly settings: readonly string[] }
  | { readonly kind: 'reject'; readonly because: string };
