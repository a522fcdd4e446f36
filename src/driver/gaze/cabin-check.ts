import { VigilError } from '../../runtime/errors.js';
import type { ConfidenceMark } from '../policy/policy.js';
import { areaOfBox, overlap, type Area } from './area.js';
import type { Cabin, CitedArea, ZoneArea } from './cabin.js';
import type { GazeZone } from './glance-facts.js';

/** A cabin file: areas of its own, or the mirror image of another's. */
export type CabinEntry =
  | { readonly kind: 'geometry'; readonly cabin: Cabin }
  | {
      readonly kind: 'mirror';
      readonly id: string;
      readonly version: number;
      readonly title: string;
      readonly mirrorOf: string;
    };

export const gazeZones: readonly GazeZone[] = [
  'roadAhead',
  'driverSideWindow',
  'passengerSideWindow',
  'driverSideMirror',
  'passengerSideMirror',
  'rearViewMirror',
  'instrumentCluster',
  'infotainment',
  'passenger',
  'gloveBox',
  'lap',
  'footwell',
  'roof',
  'behind',
];

const marks: readonly string[] = ['P', 'Q', 'S', 'M', 'E'];

/**
 * Checks a parsed cabin file: every zone there, none unknown, ranges in order, no two areas in one place.
 * @param source named in error messages
 * @throws VigilError `CABIN_INVALID`
 */
export function checkCabin(parsed: unknown, source: string): CabinEntry {
  const root = record(parsed, source, 'the document');
  const id = text(root['id'], source, 'id');
  const title = text(root['title'], source, 'title');
  const { version } = root;
  if (typeof version !== 'number' || !Number.isInteger(version))
    throw invalidCabin(source, 'version', 'an integer', version);
  if (root['mirrorOf'] !== undefined) {
    noOthers(root, ['id', 'version', 'title', 'mirrorOf'], source, '');
    return { kind: 'mirror', id, version, title, mirrorOf: text(root['mirrorOf'], source, 'mirrorOf') };
  }
  noOthers(root, ['id', 'version', 'title', 'driverSide', 'zones', 'windows'], source, '');
  const { driverSide } = root;
  if (driverSide !== 'left' && driverSide !== 'right')
    throw invalidCabin(source, 'driverSide', 'left or right', driverSide);

  const zoneEntries = record(root['zones'], source, 'zones');
  noOthers(zoneEntries, gazeZones, source, 'zones.');
  const zones = gazeZones.map((zone) => zoneArea(zone, zoneEntries[zone], source));
  for (const [i, zone] of zones.entries()) {
    const other = zones.slice(0, i).find((earlier) => overlap(earlier, zone));
    if (other !== undefined)
      throw invalidCabin(source, `zones.${zone.zone}`, `an area that leaves ${other.zone} free`, shown(zone));
  }
  const windowEntries = record(root['windows'], source, 'windows');
  const windows = Object.entries(windowEntries).map(([name, entry]) => {
    const fields = record(entry, source, `windows.${name}`);
    return citedArea(fields, source, `windows.${name}`, []);
  });
  return { kind: 'geometry', cabin: { id, version, title, driverSide, zones, windows } };
}

function zoneArea(zone: GazeZone, entry: unknown, source: string): ZoneArea {
  const where = `zones.${zone}`;
  const fields = record(entry, source, where);
  const { drivingTask = false } = fields;
  if (typeof drivingTask !== 'boolean')
    throw invalidCabin(source, `${where}.drivingTask`, 'true or false', drivingTask);
  return { zone, drivingTask, ...citedArea(fields, source, where, ['drivingTask']) };
}

function citedArea(
  fields: Record<string, unknown>,
  source: string,
  where: string,
  others: readonly string[],
): CitedArea {
  const asBox = fields['boxCm'] !== undefined;
  const geometry = asBox ? ['boxCm'] : ['azimuthDeg', 'elevationDeg'];
  noOthers(fields, [...geometry, 'mark', 'clause', ...others], source, `${where}.`);
  const { mark } = fields;
  if (typeof mark !== 'string' || !marks.includes(mark))
    throw invalidCabin(source, `${where}.mark`, `one of ${marks.join(', ')}`, mark);
  const clause = text(fields['clause'], source, `${where}.clause`);
  const area = asBox ? boxArea(fields['boxCm'], source, `${where}.boxCm`) : angleArea(fields, source, where);
  return { ...area, mark: mark as ConfidenceMark, clause };
}

function angleArea(fields: Record<string, unknown>, source: string, where: string): Area {
  return {
    azimuthDeg: range(fields['azimuthDeg'], -180, 360, 'degrees', source, `${where}.azimuthDeg`),
    elevationDeg: range(fields['elevationDeg'], -90, 90, 'degrees', source, `${where}.elevationDeg`),
  };
}

function boxArea(entry: unknown, source: string, where: string): Area {
  const fields = record(entry, source, where);
  noOthers(fields, ['forward', 'left', 'up'], source, `${where}.`);
  return areaOfBox({
    // A box around or behind the eyes has no range of directions.
    forward: range(fields['forward'], 5, 500, 'cm', source, `${where}.forward`),
    left: range(fields['left'], -300, 300, 'cm', source, `${where}.left`),
    up: range(fields['up'], -300, 300, 'cm', source, `${where}.up`),
  });
}

function range(
  value: unknown,
  min: number,
  max: number,
  unit: string,
  source: string,
  where: string,
): readonly [number, number] {
  const expected = `two rising numbers from ${min} to ${max} ${unit}`;
  if (!Array.isArray(value) || value.length !== 2) throw invalidCabin(source, where, expected, value);
  const [from, to] = value as unknown[];
  if (typeof from !== 'number' || typeof to !== 'number' || !(from >= min && from < to && to <= max))
    throw invalidCabin(source, where, expected, value);
  return [from, to];
}

function text(value: unknown, source: string, where: string): string {
  if (typeof value !== 'string' || value === '') throw invalidCabin(source, where, 'a non-empty text', value);
  return value;
}

function record(value: unknown, source: string, where: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalidCabin(source, where, 'a mapping', value);
  return value as Record<string, unknown>;
}

function noOthers(fields: object, allowed: readonly string[], source: string, prefix: string): void {
  const extra = Object.keys(fields).find((key) => !allowed.includes(key));
  if (extra !== undefined) throw invalidCabin(source, `${prefix}${extra}`, 'no entry of this name', 'one');
}

function shown({ azimuthDeg, elevationDeg }: Area): string {
  return JSON.stringify({ azimuthDeg, elevationDeg });
}

export function invalidCabin(source: string, where: string, expected: string, came: unknown): VigilError {
  const found = came === undefined ? 'nothing' : typeof came === 'string' ? came : JSON.stringify(came);
  return new VigilError(
    'CABIN_INVALID',
    `Expected ${expected} for ${where} in ${source} but found ${found}.`,
    'Correct the cabin file; signals/cabin/generic-lhd.yaml shows every entry.',
    { source, where },
  );
}
