import { parse } from 'yaml';
import { messageOf } from '../../runtime/errors.js';
import type { Destination } from '../action/plan.js';
import { Entry, type FileKind } from '../grammar/entry.js';
import type { Named } from '../grammars.js';

/** Somewhere on earth, degrees of WGS 84. */
export interface Position {
  readonly latitudeDeg: number;
  readonly longitudeDeg: number;
}

/** A place or a person that can be driven to. */
export interface KnownPlace {
  /** What slots hold: `home`, `work`, or any other key. */
  readonly key: string;
  readonly name: string;
  /** Further ways to say the name. */
  readonly say: readonly string[];
  /** Null: known by name only, which is enough to telephone. */
  readonly position: Position | null;
  /** Categories of the command files: `fuel`, `pizza` and `restaurant`. */
  readonly kinds: readonly string[];
}

/** What a car knows of the world: places of interest, and people with where they live. */
export interface PlaceBook {
  readonly places: readonly KnownPlace[];
  readonly contacts: readonly KnownPlace[];
}

const placeFiles: FileKind = { code: 'PLACES_INVALID', docs: 'docs/understanding.md' };

/**
 * A place book from YAML:
 *
 *     places: { home: { name: home, at: [48.137, 11.575] }, luigi: { name: Pizzeria Luigi, at: [48.2, 11.6], kinds: [pizza, restaurant] } }
 *     contacts: { anna: { name: Anna Smith, say: [anna], at: [48.1, 11.5] } }
 *
 * @throws VigilError `PLACES_INVALID` naming the entry
 */
export function readPlaceBook(text: string, source: string): PlaceBook {
  let parsed: unknown;
  try {
    parsed = parse(text);
  } catch (error) {
    throw new Entry(undefined, source, 'the document', placeFiles).wrong('YAML', messageOf(error));
  }
  const root = new Entry(parsed, source, 'the document', placeFiles).only(['places', 'contacts']);
  const [places, contacts] = ['places', 'contacts'].map((part) =>
    root.children(part).map(([key, entry]) => placeOf(key, entry)),
  );
  const twice = contacts.find(({ key }) => places.some((place) => place.key === key));
  if (twice !== undefined) throw root.wrong('keys that are places or contacts', `${twice.key} in both`);
  return { places, contacts };
}

function placeOf(key: string, entry: Entry): KnownPlace {
  const { say, at, kinds } = { say: entry.child('say'), at: entry.child('at'), kinds: entry.child('kinds') };
  entry.only(['name', 'say', 'at', 'kinds']);
  const texts = (list: Entry): string[] => (list.absent ? [] : list.items().map((item) => item.text()));
  return {
    key,
    name: entry.child('name').text(),
    say: texts(say),
    position: at.absent ? null : positionOf(at),
    kinds: texts(kinds),
  };
}

function positionOf(entry: Entry): Position {
  const [latitudeDeg, longitudeDeg, ...more] = entry.items().map((item) => item.number());
  const fits = Math.abs(latitudeDeg) <= 90 && Math.abs(longitudeDeg) <= 180 && more.length === 0;
  if (!fits) throw entry.wrong('[latitude, longitude] in degrees', [latitudeDeg, longitudeDeg, ...more]);
  return { latitudeDeg, longitudeDeg };
}

/**
 * Where one can be guided to, by what slots and actions call it: every place and person by key, and of every kind the
 * nearest one. Without a position of the car nothing is nearest, and kinds are left out.
 * @param here of the car; null: not known
 */
export function destinationsFrom(
  { places, contacts }: PlaceBook,
  here: Position | null,
): Record<string, Destination> {
  const known = [...places, ...contacts].flatMap(({ key, name, position, kinds }) => {
    if (position === null) return [];
    const distanceKm = here === null ? null : distanceKmBetween(here, position);
    return [{ key, kinds, destination: { name, ...position, distanceKm } }];
  });
  const nearest = new Map<string, Destination>();
  for (const { kinds, destination } of known) {
    for (const kind of kinds) {
      const best = nearest.get(kind);
      if (destination.distanceKm === null) continue;
      if (best === undefined || destination.distanceKm < (best.distanceKm ?? Infinity))
        nearest.set(kind, destination);
    }
  }
  return Object.fromEntries([
    ...nearest,
    ...known.map(({ key, destination }) => [key, destination] as const),
  ]);
}

/** Values of the dynamic lists that a book fills: `contacts`, and `contactsPossessive` ("anna's"). */
export function namesFrom({ contacts }: PlaceBook): Readonly<Record<string, readonly Named[]>> {
  const named = contacts.map(({ key, name, say }) => ({ value: key, say: [...new Set([name, ...say])] }));
  return {
    contacts: named,
    contactsPossessive: named.map(({ value, say }) => ({ value, say: say.flatMap(possessives) })),
  };
}

function possessives(name: string): string[] {
  return /s$/i.test(name) ? [`${name}'s`, `${name}'`] : [`${name}'s`];
}

/** Mean radius of the earth, IUGG 1980. */
const earthRadiusKm = 6371.0088;

/** Along the great circle, by the haversine formula (Sinnott 1984). */
export function distanceKmBetween(a: Position, b: Position): number {
  const radians = Math.PI / 180;
  const halfLatitude = ((b.latitudeDeg - a.latitudeDeg) * radians) / 2;
  const halfLongitude = ((b.longitudeDeg - a.longitudeDeg) * radians) / 2;
  const h =
    Math.sin(halfLatitude) ** 2 +
    Math.cos(a.latitudeDeg * radians) * Math.cos(b.latitudeDeg * radians) * Math.sin(halfLongitude) ** 2;
  return 2 * earthRadiusKm * Math.asin(Math.min(1, Math.sqrt(h)));
}
