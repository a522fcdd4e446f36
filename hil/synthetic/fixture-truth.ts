import { join } from 'node:path';
import { packageRoot } from '../../src/runtime/paths.js';
import { closedAbove, lidTruth, microsleepScript, type LidTruth } from './drive-script.js';

/** Where the committed recording of the synthetic driver lies: drive.mcap and drive.json. */
export const fixtureFolder = join(packageRoot, 'test', 'fixtures', 'face');

/** What drive.json holds: frame numbers as in the recording, from 0. */
export interface FixtureTruth {
  readonly about: string;
  readonly framesPerSecond: number;
  readonly frameCount: number;
  readonly width: number;
  readonly height: number;
  readonly speedKmh: number;
  readonly closedAbove: number;
  readonly lids: readonly LidTruth[];
}

/** The truth table that follows from the script; nothing is drawn. */
export function fixtureTruth(): FixtureTruth {
  return {
    about:
      'Rendered driver. start: first closed frame, peak: middle of the shut ones, end: first open frame.',
    framesPerSecond: microsleepScript.framesPerSecond,
    frameCount: microsleepScript.frameCount,
    width: 320,
    height: 240,
    speedKmh: 80,
    closedAbove,
    lids: lidTruth(microsleepScript),
  };
}
