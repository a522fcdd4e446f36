import { mkdirSync, readdirSync, rmSync, statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';

const gib = 2 ** 30;
/** Of the time at which it was begun: sorted by name they are sorted by age. */
const pattern = /^drive-\d{8}T\d{6}(-\d+)?\.mcap$/;

/** The name of a drive that begins at a wall time. */
export function driveName(wallMs: number): string {
  const stamp = new Date(wallMs).toISOString().replace(/[-:]/g, '').slice(0, 15);
  return `drive-${stamp}.mcap`;
}

/** A folder of recorded drives that keeps to a size: the oldest go first. Nothing else in it is touched. */
export class DriveFolder {
  constructor(
    readonly path: string,
    private readonly limits: { readonly maxGiB: number; readonly minFreeGiB: number },
  ) {
    mkdirSync(path, { recursive: true });
  }

  /** Where a drive that begins now can be written. */
  newFile(wallMs: number): string {
    const name = driveName(wallMs);
    const taken = new Set(this.#drives());
    let candidate = name;
    for (let i = 2; taken.has(candidate); i++) candidate = name.replace('.mcap', `-${i}.mcap`);
    return join(this.path, candidate);
  }

  /** Deletes the oldest drives beyond the limit, never the newest one. Returns how many. */
  trim(): number {
    const drives = this.#drives().map((name) => {
      const file = join(this.path, name);
      return { file, bytes: statSync(file).size };
    });
    let bytes = drives.reduce((sum, drive) => sum + drive.bytes, 0);
    let deleted = 0;
    for (const drive of drives.slice(0, -1)) {
      if (bytes <= this.limits.maxGiB * gib) break;
      rmSync(drive.file);
      bytes -= drive.bytes;
      deleted += 1;
    }
    return deleted;
  }

  /** Why nothing may be written at present; empty when something may. */
  full(): string {
    const { bavail, bsize } = statfsSync(this.path);
    const freeGiB = (bavail * bsize) / gib;
    if (freeGiB >= this.limits.minFreeGiB) return '';
    return `only ${freeGiB.toFixed(2)} GiB are free in ${this.path}, ${this.limits.minFreeGiB} are to stay`;
  }

  #drives(): string[] {
    return readdirSync(this.path)
      .filter((name) => pattern.test(name))
      .sort();
  }
}
