import type { E2eWindows } from './e2e-state.js';

/** Checksum kinds that a validity file may name; docs/validity.md says where each comes from. */
export const checksumNames = [
  'toyota',
  'honda',
  'hyundai-fd',
  'hyundai-nibbles',
  'hyundai-ones',
  'vw-mqb',
  'vw-pq',
  'subaru',
  'subaru-preglobal',
  'chrysler',
  'giorgio',
  'tesla',
  'psa',
  'e2e-p01',
  'e2e-p02',
  'e2e-p04',
  'e2e-p05',
  'e2e-p06',
  'e2e-p07',
  'e2e-p08',
  'e2e-p11',
  'e2e-p22',
] as const;
export type ChecksumName = (typeof checksumNames)[number];

/** Which bytes of the Data ID enter the checksum of profiles 1 and 11. */
export const dataIdModes = ['both', 'alternating', 'low', 'nibble'] as const;
export type DataIdMode = (typeof dataIdModes)[number];

/** A number for all messages, or the name of a DBC attribute of the message. */
export type DataId = number | { readonly attribute: string };

export interface ChecksumSpec {
  readonly kind: ChecksumName;
  /**
   * DBC signals: the field, or its lower and its upper bits. `*Name` matches the one signal that ends so; `63|8@0`
   * gives start bit, length and byte order as a DBC does, where it has no signal there.
   */
  readonly signals: readonly string[];
  readonly dataId: DataId | undefined;
  readonly dataIdMode: DataIdMode;
  /** Signal that carries the upper half byte of the Data ID in mode `nibble`. */
  readonly dataIdSignal: string | undefined;
  /** Start value (psa) or final XOR (giorgio): the default, and by identifier. */
  readonly constant: number | undefined;
  readonly constantOf: ReadonlyMap<number, number>;
  /** 16 bytes by identifier (vw-mqb) or for all (`list`). */
  readonly list: readonly number[] | undefined;
  readonly listOf: ReadonlyMap<number, readonly number[]>;
  /** Header of profiles 4 to 8, bytes from the start of the payload. */
  readonly offset: number;
  /** Payload bytes the sum covers, from the start (hyundai-nibbles); 0 for all. */
  readonly bytes: number;
}

export interface CounterSpec {
  readonly signals: readonly string[];
  /** Values before it starts again; the field's own when absent. */
  readonly values: number | undefined;
  /** Furthest step that still counts as frames lost on the way. */
  readonly maxDelta: number | undefined;
}

export interface RuleSpec {
  /** Names or identifiers; `all`: every message that has the signals. */
  readonly messages: 'all' | readonly (string | number)[];
  /** Whether every message of the list must be in the DBC. */
  readonly required: boolean;
  readonly checksum: ChecksumSpec | undefined;
  readonly counter: CounterSpec | undefined;
  /** Repetitions of the counter after which the values are invalid. */
  readonly repeats: number;
  /** Windows of the E2E state machine; undefined: each frame is judged by itself. */
  readonly stateMachine: E2eWindows | undefined;
}

/** A signal that must not stand still while others move. */
export interface FrozenSpec {
  readonly message: string;
  readonly signal: string;
  readonly against: readonly { readonly message: string; readonly signal: string }[];
  /** In the unit of `against`: each of them must have moved by more. */
  readonly moved: number;
  /** How long the signal must have stood still, ms. */
  readonly forMs: number;
}

/** When a message counts as gone. */
export interface AliveSpec {
  /** Periods without a frame. */
  readonly periods: number;
  /** Never sooner than this, ms. */
  readonly atLeastMs: number;
  /** The bus counts as silent after this, ms. */
  readonly busSilentMs: number;
}

/** A file of signals/validity, checked for shape. */
export interface ValidityRules {
  readonly name: string;
  readonly about: string;
  readonly rules: readonly RuleSpec[];
  readonly frozen: readonly FrozenSpec[];
  readonly alive: AliveSpec;
}

export const defaultAlive: AliveSpec = { periods: 10, atLeastMs: 0, busSilentMs: 500 };

/** What holds for a vehicle without a validity file: silence is noticed, nothing else is checked. */
export const noRules: ValidityRules = { name: '', about: '', rules: [], frozen: [], alive: defaultAlive };
