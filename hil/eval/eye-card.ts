import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { VigilError, messageOf } from '../../src/runtime/errors.js';
import { packageRoot } from '../../src/runtime/paths.js';

/** What the training left beside the weights: who was seen, and what the held-back folds gave. */
export interface EyeCard {
  /** Of the weights. */
  readonly sha256: string;
  readonly seed: number;
  readonly dataSha256: string;
  readonly subjects: readonly string[];
  readonly crossValidation: {
    readonly folds: readonly { readonly balancedAccuracy: number; readonly subjects: readonly string[] }[];
    readonly meanBalancedAccuracy: number;
    /** Over all crops, each judged by a network that did not see its subject. */
    readonly balancedAccuracy: number;
    readonly interval95: readonly [number, number] | null;
    readonly n: number;
    readonly worstSubject: {
      readonly subject: string;
      readonly balancedAccuracy: number;
      readonly n: number;
    };
    readonly groups: Readonly<Record<string, { readonly n: number; readonly balancedAccuracy: number }>>;
  };
}

export const eyeCardPath = join(packageRoot, 'models', 'training', 'eye-state', 'card.json');

/** @throws VigilError `MODEL_CARD_INVALID` when it is missing, damaged, or of other weights */
export function readEyeCard(weightsSha256: string, path = eyeCardPath): EyeCard {
  let card: Partial<EyeCard>;
  try {
    card = JSON.parse(readFileSync(path, 'utf8')) as Partial<EyeCard>;
  } catch (error) {
    throw invalid(path, `a card of the eye-state network but: ${messageOf(error)}`);
  }
  const { sha256, subjects, crossValidation } = card;
  if (!Array.isArray(subjects) || crossValidation === undefined)
    throw invalid(path, 'subjects and crossValidation');
  if (sha256 !== weightsSha256)
    throw invalid(path, `the card of ${weightsSha256}, not of ${sha256 ?? 'none'}`);
  return card as EyeCard; // fields that are used are there
}

function invalid(path: string, expected: string): VigilError {
  return new VigilError(
    'MODEL_CARD_INVALID',
    `Expected ${expected} in ${path}.`,
    'Train the network again, or install the package again.',
    { path },
  );
}
