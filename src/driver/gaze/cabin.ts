import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { VigilError, messageOf } from '../../runtime/errors.js';
import { signalsDir } from '../../runtime/paths.js';
import type { ConfidenceMark } from '../policy/policy.js';
import { mirrored, type Area } from './area.js';
import { checkCabin, invalidCabin, type CabinEntry } from './cabin-check.js';
import type { GazeZone } from './glance-facts.js';

export type DriverSide = 'left' | 'right';

/** A named area with where it comes from. */
export interface CitedArea extends Area {
  readonly mark: ConfidenceMark;
  readonly clause: string;
}

export interface ZoneArea extends CitedArea {
  readonly zone: GazeZone;
  /** A look there serves the driving: a mirror or the cluster. */
  readonly drivingTask: boolean;
}

/** Where things are around the driver's eyes, in the vehicle frame. */
export interface Cabin {
  readonly id: string;
  readonly version: number;
  readonly title: string;
  readonly driverSide: DriverSide;
  readonly zones: readonly ZoneArea[];
  readonly windows: readonly CitedArea[];
}

let generic: Cabin | undefined;

/** The generic left-hand drive car, read once. @throws as `loadCabin` */
export function genericCabin(): Cabin {
  generic ??= loadCabin();
  return generic;
}

/**
 * Reads `signals/cabin/<id>.yaml`, and the file it is the mirror of.
 * @throws VigilError `CABIN_UNREADABLE` or `CABIN_INVALID`, naming the entry, what was expected and what came
 */
export function loadCabin(id = 'generic-lhd', folder = join(signalsDir, 'cabin')): Cabin {
  const entry = readCabin(id, folder);
  if (entry.kind === 'geometry') return entry.cabin;
  const other = readCabin(entry.mirrorOf, folder);
  if (other.kind !== 'geometry')
    throw invalidCabin(id, 'mirrorOf', 'a cabin with areas of its own', entry.mirrorOf);
  const { driverSide, zones, windows } = other.cabin;
  return {
    id: entry.id,
    version: entry.version,
    title: entry.title,
    driverSide: driverSide === 'left' ? 'right' : 'left',
    zones: zones.map((zone) => ({ ...zone, ...mirrored(zone) })),
    windows: windows.map((window) => ({ ...window, ...mirrored(window) })),
  };
}

function readCabin(id: string, folder: string): CabinEntry {
  const file = join(folder, `${id}.yaml`);
  let parsed: unknown;
  try {
    parsed = parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new VigilError(
      'CABIN_UNREADABLE',
      `Expected the geometry of a cabin in YAML at ${file} but reading it failed: ${messageOf(error)}.`,
      'Restore the file from the package, or name another cabin.',
      { file },
      { cause: error },
    );
  }
  const entry = checkCabin(parsed, file);
  const named = entry.kind === 'geometry' ? entry.cabin.id : entry.id;
  if (named !== id) throw invalidCabin(file, 'id', JSON.stringify(id), named);
  return entry;
}
