import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../../src/runtime/paths.js';

export interface CantoolsResult {
  readonly version: string;
  readonly frames: number;
  readonly decodeSeconds: number;
  readonly parseSeconds: number;
}

/** cantools on a log, when a Python that has it is at hand; undefined otherwise. */
export function cantools(dbc: string, log: string): CantoolsResult | undefined {
  const program = join(packageRoot, 'hil', 'bench', 'peers', 'cantools_log.py');
  const python = process.env['VIGIL_PEER_PYTHON'] ?? 'python3';
  const { status, stdout } = spawnSync(python, [program, dbc, log], { encoding: 'utf8' });
  return status === 0 ? (JSON.parse(stdout) as CantoolsResult) : undefined;
}

/** As `cantools`, on texts. */
export function cantoolsOnText(dbc: string, log: string): CantoolsResult | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'vigil-bench-'));
  try {
    writeFileSync(join(folder, 'traffic.dbc'), dbc);
    writeFileSync(join(folder, 'traffic.log'), log);
    return cantools(join(folder, 'traffic.dbc'), join(folder, 'traffic.log'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
