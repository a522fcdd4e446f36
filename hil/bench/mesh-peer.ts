import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../../src/runtime/paths.js';

/** What peers/mediapipe_face_mesh.py prints. CPU time is of the whole process. */
export interface MeshPeer {
  readonly version: string;
  readonly decodeMs: number;
  readonly meshMs: number;
  /** Frame number -> 478 x [x, y] in pixels, of every tenth frame. */
  readonly landmarks: ReadonlyMap<number, readonly (readonly number[])[]>;
}

interface Printed {
  version: string;
  decodeMs: number;
  meshMs: number;
  landmarks: Record<string, number[][]>;
}

/** MediaPipe's own face mesh over the frames; undefined without a Python that has it (VIGIL_PEER_PYTHON names one). */
export function meshPeer(jpegs: readonly Uint8Array[]): MeshPeer | undefined {
  const program = join(packageRoot, 'hil', 'bench', 'peers', 'mediapipe_face_mesh.py');
  const python = process.env['VIGIL_PEER_PYTHON'] ?? 'python3';
  const folder = mkdtempSync(join(tmpdir(), 'vigil-bench-'));
  try {
    for (const [i, jpeg] of jpegs.entries())
      writeFileSync(join(folder, `${String(i).padStart(6, '0')}.jpg`), jpeg);
    const ended = spawnSync(python, [program, folder], { encoding: 'utf8', maxBuffer: 1 << 28 });
    if (ended.status !== 0) return undefined;
    const { landmarks, ...times } = JSON.parse(ended.stdout) as Printed;
    return {
      ...times,
      landmarks: new Map(Object.entries(landmarks).map(([i, points]) => [Number(i), points])),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
