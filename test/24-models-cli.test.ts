import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

// paths.ts reads VIGIL_MODELS when it is first imported, so it is set before anything of ours is loaded.
const directory = mkdtempSync(join(tmpdir(), 'vigil-models-'));
process.env['VIGIL_MODELS'] = directory;
const { register } = await import('../src/cli/models.js');
const { manifest } = await import('../src/runtime/models.js');
const ids = manifest().models.map(({ id }) => id);
const converted = manifest()
  .models.filter(({ kind }) => kind === 'converted')
  .map(({ id }) => id);
/** Our own models come with the sources. */
const isOurs = (id: string) => !converted.includes(id);

let stdout = '';
let stderr = '';

beforeEach(() => {
  stdout = '';
  stderr = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    stdout += String(text);
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    stderr += String(text);
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
});
afterAll(() => rmSync(directory, { recursive: true }));

/** Runs `vigil ...words`; the exit code it leaves, or commander's error code for wrong usage. */
async function vigil(...words: string[]): Promise<number | string> {
  const program = new Command('vigil').exitOverride();
  register(program);
  try {
    await program.parseAsync(words, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return error.code;
    throw error;
  }
  return typeof process.exitCode === 'number' ? process.exitCode : 0;
}

function rows(): Record<string, unknown>[] {
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('vigil models', () => {
  it('lists and verifies before anything is built', async () => {
    expect(await vigil('models', 'list')).toBe(0);
    for (const id of ids) expect(stdout).toContain(`${id}  [${isOurs(id) ? 'ready' : 'missing'}]`);
    expect(stdout).toContain('Apache-2.0');
    stdout = '';
    expect(await vigil('models', 'verify', '--json')).toBe(1);
    expect(rows().map(({ id, state }) => [id, state])).toEqual(
      ids.map((id) => [id, isOurs(id) ? 'ready' : 'missing']),
    );
    expect(stderr).toContain('no file');
    expect(stderr).toContain('vigil models build');
  });

  it('builds with progress on stderr and results on stdout', async () => {
    expect(await vigil('models', 'build', '--json')).toBe(0);
    expect(rows().map(({ id, action }) => [id, action])).toEqual(
      ids.map((id) => [id, isOurs(id) ? 'committed' : 'built']),
    );
    for (const id of converted) expect(stderr).toContain(`${id} built (`);
    expect(readdirSync(directory).length).toBe(converted.length);
  });

  it('keeps on the second start and rebuilds with --force', async () => {
    await vigil('models', 'build');
    expect(stdout.match(/^kept /gm)?.length).toBe(converted.length);
    stdout = '';
    await vigil('models', 'build', '--force');
    expect(stdout.match(/^built /gm)?.length).toBe(converted.length);
  });

  it('verifies what is right, and names both hashes of what is not', async () => {
    expect(await vigil('models', 'verify')).toBe(0);
    expect(stdout.match(/^ready /gm)?.length).toBe(ids.length);
    const file = join(directory, 'canonical_face_mesh.json');
    writeFileSync(file, readFileSync(file, 'utf8').replace('vertices', 'Vertices'));
    expect(await vigil('models', 'verify')).toBe(1);
    expect(stdout).toContain('mismatch  canonical_face_mesh');
    expect(stderr).toMatch(/canonical_face_mesh: expected sha256 [0-9a-f]{64} but found [0-9a-f]{64}/);
  });

  it('shows examples in its help and refuses wrong usage', async () => {
    expect(await vigil('models', '--help')).toBe('commander.helpDisplayed');
    expect(stdout).toContain('Examples:');
    expect(stdout).toContain('vigil models verify');
    expect(await vigil('models', 'build', '--forse')).toBe('commander.unknownOption');
    expect(await vigil('models', 'bild')).toBe('commander.unknownCommand');
  });
});
