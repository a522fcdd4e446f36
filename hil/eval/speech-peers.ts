import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Automaton } from '../../src/assistant/grammar/automaton.js';
import { packageRoot } from '../../src/runtime/paths.js';

export interface PeerHearing {
  readonly version: string;
  /** Words of the grammar that its dictionary lacks. */
  readonly missing: readonly string[];
  /** For each sound, what it heard and what that cost. */
  readonly heard: readonly { readonly text: string; readonly cpuMs: number }[];
}

/**
 * PocketSphinx through a grammar; undefined without a Python that has it (`VIGIL_PEER_PYTHON` names one).
 * @param sounds at 16 kHz
 */
export function pocketSphinx(automaton: Automaton, sounds: readonly Float32Array[]): PeerHearing | undefined {
  const program = join(packageRoot, 'hil', 'eval', 'peers', 'pocketsphinx_fsg.py');
  const folder = mkdtempSync(join(tmpdir(), 'vigil-peer-'));
  try {
    const { states, start, accept, arcs } = automaton;
    const grammar = join(folder, 'grammar.json');
    const words = arcs.map(({ from, to, word }) => [from, to, word]);
    writeFileSync(grammar, JSON.stringify({ states, start, accept, arcs: words }));
    const files = sounds.map((samples, i) => {
      const file = join(folder, `${i}.raw`);
      const bytes = Buffer.alloc(2 * samples.length);
      samples.forEach((value, at) =>
        bytes.writeInt16LE(Math.round(32_767 * Math.max(-1, Math.min(1, value))), 2 * at),
      );
      writeFileSync(file, bytes);
      return file;
    });
    const list = join(folder, 'list.txt');
    writeFileSync(list, files.join('\n'));
    const python = process.env['VIGIL_PEER_PYTHON'] ?? 'python3';
    const ended = spawnSync(python, [program, grammar, list], { encoding: 'utf8', maxBuffer: 1 << 28 });
    if (ended.status !== 0) return undefined;
    const [head, ...rest] = ended.stdout.trim().split('\n');
    const { version, missing } = JSON.parse(head) as Pick<PeerHearing, 'version' | 'missing'>;
    const heard = rest.map((line) => JSON.parse(line) as PeerHearing['heard'][number]);
    // No sentence at all says that the grammar was not taken, not that nothing was understood.
    const isUsable = heard.length === sounds.length && heard.some(({ text }) => text !== '');
    return isUsable ? { version, missing, heard } : undefined;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
