/** What a live source can say of itself. It comes back by itself from `down`, never from `closed`. */
export type SourceState =
  /** Being opened for the first time. */
  | { readonly kind: 'starting' }
  | { readonly kind: 'up' }
  /** Nothing comes, and why; it is tried again. */
  | { readonly kind: 'down'; readonly reason: string }
  | { readonly kind: 'closed' };
