import { parse } from 'yaml';
import { messageOf, VigilError } from '../../runtime/errors.js';

/** Which amounts a setting takes in one unit; the empty unit is a bare number. */
export interface AmountRange {
  readonly unit: string;
  readonly min: number | null;
  readonly max: number | null;
}

/** What a setting can be set to. */
export interface SettingValue {
  readonly name: string;
  readonly says: readonly string[];
  /** How many of `says` this setting names itself; the rest hold for values of this name anywhere. */
  readonly own: readonly string[];
  readonly requiresAmount: boolean;
  readonly requiresConfirmation: boolean;
  /** The value that undoes this one, where the catalogue knows one. */
  readonly antonym: string | null;
}

/** One thing that can be set in a vehicle. */
export interface Setting {
  readonly name: string;
  /** Everything it is called, its own name included. */
  readonly says: readonly string[];
  readonly values: readonly SettingValue[];
  readonly amounts: readonly AmountRange[];
  /** Settings that are set together by this one. */
  readonly includes: readonly string[];
}

export type Catalogue = readonly Setting[];

interface RawValue {
  canonicalName: string;
  requiresAmount?: boolean;
  requiresConfirmation?: boolean;
  antonym?: string;
}

interface RawSetting {
  canonicalName: string;
  values?: RawValue[];
  amounts?: { unit: string; min?: number; max?: number }[];
  includedSettings?: string[];
}

interface RawNames {
  alternativeNames?: string[];
  alternativeValueNames?: Record<string, string[]>;
}

/** Names of values that hold for every setting that has no names of its own for them. */
const everywhere = '*DEFAULT*';

/**
 * A catalogue from two YAML texts: settings with their values, amounts and included settings, and what people call
 * them.
 * @throws VigilError `CATALOGUE_INVALID`
 */
export function parseCatalogue(settings: string, names: string): Catalogue {
  const raw = parsed(settings, 'the settings');
  const called = parsed(names, 'the names') as Record<string, RawNames | undefined> | null;
  if (!Array.isArray(raw)) throw invalid('a list of settings', typeof raw);
  if (called === null || typeof called !== 'object') throw invalid('names by setting', typeof called);
  const general = called[everywhere]?.alternativeValueNames ?? {};
  return (raw as Partial<RawSetting>[]).map((setting, i) => {
    if (typeof setting.canonicalName !== 'string')
      throw invalid(`canonicalName in setting ${i + 1}`, JSON.stringify(setting));
    return settingOf(setting as RawSetting, called[setting.canonicalName] ?? {}, general);
  });
}

function settingOf(
  { canonicalName, values = [], amounts = [], includedSettings = [] }: RawSetting,
  { alternativeNames = [], alternativeValueNames = {} }: RawNames,
  general: Readonly<Record<string, readonly string[]>>,
): Setting {
  const antonyms = new Map<string, string>();
  for (const { canonicalName: name, antonym } of values) {
    if (antonym === undefined) continue;
    antonyms.set(name, antonym);
    antonyms.set(antonym, name);
  }
  return {
    name: canonicalName,
    says: unique([canonicalName, ...alternativeNames.map(String)]),
    values: values.map((value) => {
      const own = (alternativeValueNames[value.canonicalName] ?? []).map(String);
      return {
        name: value.canonicalName,
        own,
        says: unique([value.canonicalName, ...own, ...(general[value.canonicalName] ?? []).map(String)]),
        requiresAmount: value.requiresAmount === true,
        requiresConfirmation: value.requiresConfirmation === true,
        antonym: antonyms.get(value.canonicalName) ?? null,
      };
    }),
    amounts: amounts.map(({ unit, min = null, max = null }) => ({ unit, min, max })),
    includes: includedSettings,
  };
}

function parsed(text: string, what: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    throw invalid(`${what} in YAML`, messageOf(error));
  }
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names)];
}

function invalid(expected: string, came: string): VigilError {
  return new VigilError('CATALOGUE_INVALID', `Expected ${expected} but found ${came}.`);
}
