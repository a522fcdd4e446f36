import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { messageOf, VigilError } from '../../src/runtime/errors.js';
import { driverActings, type DriverActing } from './dialog-driver.js';
import { places, type Place } from '../../src/assistant/action/place.js';
import type { Destination } from '../../src/assistant/action/plan.js';
import type { Certainty } from '../../src/assistant/dialog/exchange.js';
import type { Meaning } from '../../src/assistant/grammar/match.js';
import type { Quality } from '../../src/vehicle/quality.js';
import type { SignalValue } from '../../src/vehicle/value.js';

/** Something that happens at a time, and all that the assistant may say and move until the next turn. */
export interface ScenarioTurn {
  /** Seconds after the beginning. */
  readonly at: number;
  readonly from: Place;
  /** Opens the microphone before anything is said. */
  readonly wake: boolean;
  readonly say: string | null;
  /** Instead of a certainty: what is said is heard by microphone and recogniser. */
  readonly sound: TurnSound | null;
  /** Instead of words: what was understood. */
  readonly meaning: Meaning | null;
  readonly certainty: Certainty;
  readonly set: Readonly<Record<string, SignalValue>>;
  /** Signals that lose their value, and how. */
  readonly lose: Readonly<Record<string, Exclude<Quality, 'valid'>>>;
  readonly suggestion: boolean;
  /** From now on the driver does this, as the driver graph is shown it; null: goes on as before. */
  readonly driver: DriverActing | null;
  readonly says: readonly string[];
  readonly actuates: Readonly<Record<string, SignalValue>>;
  /** How many utterances are cut off; null: not looked at. */
  readonly hushes: number | null;
  /** Phase at the end of the turn; null: not looked at. */
  readonly phase: string | null;
}

/** Where the sound of a turn comes from. */
export type TurnSound =
  | { readonly kind: 'file'; readonly path: string }
  /** The turn's words, said by a program: `espeak-ng en-us+m3`. */
  | { readonly kind: 'voice'; readonly voice: string };

export interface Scenario {
  readonly name: string;
  readonly about: string;
  readonly vehicle: Readonly<Record<string, SignalValue>>;
  readonly destinations: Readonly<Record<string, Destination>>;
  /** Actuators that do not move. */
  readonly stuck: readonly string[];
  /** Actuators whose owner refuses. */
  readonly refused: readonly string[];
  readonly turns: readonly ScenarioTurn[];
  /** Seconds that the scenario lasts. */
  readonly ends: number;
}

const turnKeys = [
  'at',
  'from',
  'wake',
  'say',
  'speaks',
  'voice',
  'meaning',
  'certainty',
  'set',
  'lose',
  'suggestion',
  'driver',
  'says',
  'actuates',
  'hushes',
  'phase',
];

/** Every scenario of a folder, by file name. @throws VigilError `SCENARIO_INVALID` */
export function readScenarios(folder: string): Scenario[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.yaml'))
    .sort()
    .flatMap((file) => readScenario(join(folder, file)));
}

/** A file with one scenario or a list of them. @throws VigilError `SCENARIO_INVALID` */
export function readScenario(file: string): Scenario[] {
  let content: unknown;
  try {
    content = parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw invalid(file, 'a scenario in YAML', messageOf(error));
  }
  return (Array.isArray(content) ? content : [content]).map((entry) => scenarioOf(entry, file));
}

function scenarioOf(entry: unknown, file: string): Scenario {
  const raw = entry as Partial<Omit<Scenario, 'turns'>> & { turns?: Parameters<typeof turnOf>[0][] };
  const { name, about = '', vehicle = {}, destinations = {}, stuck = [], refused = [] } = raw;
  if (typeof name !== 'string' || !Array.isArray(raw.turns) || raw.turns.length === 0)
    throw invalid(file, 'name and turns', JSON.stringify(entry).slice(0, 80));
  const turns = raw.turns.map((turn) => turnOf(turn, file, `${file}, ${name}`));
  const last = turns[turns.length - 1].at;
  return { name, about, vehicle, destinations, stuck, refused, turns, ends: raw.ends ?? last + 40 };
}

function turnOf(
  turn: Partial<ScenarioTurn> & { readonly speaks?: string; readonly voice?: string },
  file: string,
  where: string,
): ScenarioTurn {
  const unknown = Object.keys(turn).find((key) => !turnKeys.includes(key));
  if (unknown !== undefined) throw invalid(where, turnKeys.join(', '), unknown);
  const { at, from = 'driver', wake = false, say = null, meaning = null, certainty = 'act' } = turn;
  if (typeof at !== 'number') throw invalid(where, 'a time in seconds for at', String(at));
  if (!places.includes(from)) throw invalid(where, places.join(', '), from);
  const { set = {}, lose = {}, suggestion = false, says = [], actuates = {} } = turn;
  const { hushes = null, phase = null, driver = null } = turn;
  if (driver !== null && !driverActings.includes(driver))
    throw invalid(where, driverActings.join(', '), driver);
  const { speaks, voice } = turn;
  if (voice !== undefined && say === null) throw invalid(where, 'say beside voice', 'no words');
  const sound =
    speaks !== undefined
      ? ({ kind: 'file', path: join(dirname(file), speaks) } as const)
      : voice !== undefined
        ? ({ kind: 'voice', voice } as const)
        : null;
  return {
    ...{ at, from, wake, say, sound, meaning, certainty, set, lose, suggestion, driver },
    ...{ says, actuates, hushes, phase },
  };
}

function invalid(where: string, expected: string, came: string): VigilError {
  return new VigilError(
    'SCENARIO_INVALID',
    `Expected ${expected} in ${where} but found ${came}.`,
    'docs/dialog.md describes scenario files.',
  );
}
