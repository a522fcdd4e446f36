import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openRecording } from '../hil/recording/reader.js';
import { packageRoot } from '../src/runtime/paths.js';

const cli = join(packageRoot, 'dist', 'src', 'cli', 'main.js');
const fixture = join(packageRoot, 'test', 'fixtures', 'face', 'drive.mcap');
const folder = mkdtempSync(join(tmpdir(), 'vigil-replay-cli-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function vigil(...args: string[]): Promise<Ran> {
  return new Promise((resolve) => {
    execFile(process.execPath, [cli, 'replay', ...args], { maxBuffer: 1 << 28 }, (error, out, err) => {
      resolve({ code: error === null ? 0 : (error.code as unknown as number), out, err });
    });
  });
}

describe('vigil replay', () => {
  it('tells what happened, then what it cost', async () => {
    const { code, out, err } = await vigil(fixture, '--speed', 'max', '--diagnostics');
    expect(code).toBe(0);
    expect(out).toMatch(/ALERT urgent {5}microsleep: eyes closed for/);
    expect(out).toContain('120 frames, 120 with a face');
    expect(out).toMatch(/blinks {7}3/);
    expect(out).toContain('vision.frame');
    expect(out).toMatch(/mesh +120/);
    expect(out).toContain('drops: 0 of 120 frames');
    expect(err).toBe('');
  });

  it('prints the same JSON lines every time, and timings only when asked', async () => {
    const first = await vigil(fixture, '--speed', 'max', '--json');
    const second = await vigil(fixture, '--speed', 'max', '--json', '--diagnostics');
    const lines = second.out.trimEnd().split('\n');
    expect(JSON.parse(lines.at(-1)!)).toMatchObject({ kind: 'diagnostics', vision: { completed: 120 } });
    expect(lines.slice(0, -1).join('\n')).toBe(first.out.trimEnd());
    const kinds = first.out
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { kind: string }).kind);
    expect(kinds[0]).toBe('start');
    expect(kinds.at(-1)).toBe('summary');
    expect(kinds.filter((kind) => kind === 'blink')).toHaveLength(3);
  });

  it('writes outputs beside inputs, and never over a file that is there', async () => {
    const path = join(folder, 'out.mcap');
    expect((await vigil(fixture, '--speed', 'max', '-o', path)).code).toBe(0);
    const again = await vigil(fixture, '--speed', 'max', '-o', path);
    expect(again.code).toBe(1);
    expect(again.err).toContain('RECORDING_EXISTS');
    const bytes = readFileSync(path);
    expect((await vigil(fixture, '--speed', 'max', '-o', path, '--force')).code).toBe(0);
    expect(readFileSync(path).equals(bytes)).toBe(true);

    const [source, written] = await Promise.all([openRecording(fixture), openRecording(path)]);
    const count = (topic: string): number =>
      written.topics.find((info) => info.topic === topic)?.messages ?? 0;
    expect(written.metadata).toEqual(source.metadata);
    expect(count('camera')).toBe(120);
    expect(count('vigil/face')).toBe(120);
    expect(count('vigil/alert')).toBe(2);
    const outputs: Record<string, unknown>[] = [];
    for await (const message of written.messages({ topics: ['vigil/alert'] })) {
      if (message.kind === 'output') outputs.push(written.decode(message));
    }
    expect(outputs[0]).toMatchObject({ rule: 'microsleep', change: 'raised', level: 3 });
    await Promise.all([source.close(), written.close()]);

    // A recording with outputs replays like the one it was made from.
    const replayed = await vigil(path, '--speed', 'max', '--json');
    const original = await vigil(fixture, '--speed', 'max', '--json');
    expect(replayed.out).toBe(original.out);
  });

  it('ends with 3 when the recording is damaged', async () => {
    const path = join(folder, 'cut.mcap');
    const bytes = readFileSync(fixture);
    writeFileSync(path, bytes.subarray(0, Math.floor(bytes.length * 0.98)));
    const { code, out } = await vigil(path, '--speed', 'max');
    expect(code).toBe(3);
    expect(out).toContain('The recording is damaged after');
  });

  it('ends with 2 on wrong usage and says what was expected', async () => {
    for (const args of [
      ['--speed', 'fast'],
      ['--from', 'x'],
      ['--from', '5', '--to', '2'],
      ['--frobnicate'],
    ]) {
      const { code, err } = await vigil(fixture, ...args);
      expect(code).toBe(2);
      expect(err).toMatch(/Expected|unknown option/);
    }
  });

  it('names the file that is not there', async () => {
    const { code, err } = await vigil(join(folder, 'nothing.mcap'));
    expect(code).toBe(1);
    expect(err).toContain('RECORDING_NOT_FOUND');
  });

  it('in real time stays with the clock; an interrupt ends it in good order with what it has', async () => {
    const child = spawn(process.execPath, [cli, 'replay', fixture, '--json', '--diagnostics']);
    let out = '';
    child.stdout.on('data', (data: Buffer) => (out += data.toString()));
    await new Promise((resolve) => child.stdout.once('data', resolve));
    setTimeout(() => child.kill('SIGINT'), 2000);
    const code = await new Promise((resolve) => child.once('exit', resolve));
    expect(code).toBe(130);
    const lines = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.at(-2)).toMatchObject({ kind: 'summary', interrupted: true });
    const ended = lines.at(-2)!['endedMs'] as number;
    expect(ended).toBeGreaterThan(500);
    expect(ended).toBeLessThan(3500);
  });

  it('does not mind a reader that has seen enough', async () => {
    const child = spawn('bash', [
      '-c',
      `"${process.execPath}" "${cli}" replay "${fixture}" --speed max --json | head -n 1`,
    ]);
    let err = '';
    child.stderr.on('data', (data: Buffer) => (err += data.toString()));
    const code = await new Promise((resolve) => child.once('exit', resolve));
    expect(code).toBe(0);
    expect(err).toBe('');
  });
});
