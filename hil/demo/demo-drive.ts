import { createHash } from 'node:crypto';
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadDbc } from '../../src/can/dbc-parser.js';
import { buildDir, signalsDir } from '../../src/runtime/paths.js';
import { importDrive, type ImportOptions, type ImportSummary } from '../import/import-drive.js';
import { softwareVersion } from '../recording/software-version.js';
import { demoCandump } from './can-trace.js';
import { demoClip, publishedFile } from './published-clip.js';

/** Where the demo drive lies. */
export const demoDrivePath = join(buildDir, 'demo.mcap');

const cacheFolder = join(buildDir, 'cache');
const dbcPath = join(signalsDir, 'dbc', 'vigil-demo.dbc');

/** Raised when what this file makes of the same inputs changes. */
const recipe = 2;

const description = {
  vehicle: 'Vigil demo vehicle',
  mapping: 'vigil-demo',
} as const;

export interface DemoBuildOptions {
  /** Build even when nothing has changed. */
  readonly force?: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: ImportOptions['onProgress'];
}

export interface DemoBuild {
  readonly path: string;
  /** Null when the drive was up to date. */
  readonly summary: ImportSummary | null;
}

/** Beside the drive: what it was made from and how long it came out. */
interface Stamp {
  readonly key: string;
  readonly bytes: number;
}

const stampPath = join(buildDir, 'demo.json');

async function isUpToDate(key: string): Promise<boolean> {
  try {
    const stamp = JSON.parse(await readFile(stampPath, 'utf8')) as Stamp;
    return stamp.key === key && stamp.bytes === (await stat(demoDrivePath)).size;
  } catch {
    // No stamp, no drive, or a stamp that is none: build.
    return false;
  }
}

function keyOf(canLog: string, dbc: Uint8Array): string {
  const hash = createHash('sha256').update(
    JSON.stringify([recipe, softwareVersion(), demoClip, description]),
  );
  return hash.update(dbc).update(canLog).digest('hex');
}

/**
 * Builds build/demo.mcap: a real person's video out of a published npm package, and our demo vehicle's CAN traffic.
 * Does nothing when it is there and nothing it is made from has changed.
 * @throws VigilError of `publishedFile` and `importDrive`
 */
export async function buildDemoDrive(options: DemoBuildOptions = {}): Promise<DemoBuild> {
  const { force = false, signal } = options;
  const canLog = demoCandump({ database: loadDbc(dbcPath).database });
  const key = keyOf(canLog, await readFile(dbcPath));
  if (!force && (await isUpToDate(key))) return { path: demoDrivePath, summary: null };
  const video = await publishedFile(demoClip, cacheFolder, signal);
  const can = join(cacheFolder, 'demo.log');
  await writeFile(can, canLog);
  await rm(stampPath, { force: true });
  const summary = await importDrive({
    ...{ output: demoDrivePath, video, can, dbc: dbcPath, force: true, ...description },
    // The trace is made for this video and has the drive's own stamps.
    canAbsolute: true,
    ...(signal && { signal }),
    ...(options.onProgress && { onProgress: options.onProgress }),
  });
  const stamp: Stamp = { key, bytes: summary.bytes };
  await writeFile(stampPath, `${JSON.stringify(stamp)}\n`);
  return { path: demoDrivePath, summary };
}
