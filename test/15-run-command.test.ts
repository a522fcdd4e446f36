import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../src/runtime/paths.js';
import { runProgram, temporaryFolder } from './10-support.js';

const run = (...args: string[]) => runProgram(join(packageRoot, 'run'), args, { cwd: '/' });

describe('./run', () => {
  it('explains itself', async () => {
    for (const args of [['help'], ['--help'], []]) {
      const { code, stdout } = await run(...args);
      expect(code).toBe(0);
      for (const command of ['setup', 'demo', 'test', 'bench', 'eval'])
        expect(stdout).toContain(`./run ${command}`);
    }
  });

  it.each([[['replya']], [['test', '--sanitise']]])('refuses %j with exit code 2', async (args) => {
    const { code, stderr, stdout } = await run(...args);
    expect(code).toBe(2);
    expect(stderr).toContain(`"./run ${args.join(' ')}" is not known`);
    expect(stdout).toBe('');
  });
});

describe('the prerequisites of ./run', () => {
  const folder = temporaryFolder('prerequisites');

  /** Runs `./run setup` with these scripts in front of the machine's own programs. */
  async function runWith(name: string, scripts: Record<string, string>) {
    const bin = join(folder, name);
    mkdirSync(bin);
    const log = join(bin, 'log');
    const recorder = { 'apt-get': `echo "$*" >> '${log}'`, sudo: '[ "$1" != -n ] || shift; exec "$@"' };
    for (const [program, body] of Object.entries({ ...recorder, ...scripts })) {
      writeFileSync(join(bin, program), `#!/bin/sh\n${body}\n`);
      chmodSync(join(bin, program), 0o755);
    }
    const env = { ...process.env, PATH: `${bin}:${process.env['PATH'] ?? ''}` };
    const result = await runProgram(join(packageRoot, 'run'), ['setup'], { env });
    return { ...result, apt: existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : [] };
  }

  it('are installed once, and by name, when they are missing', async () => {
    const { code, apt, stderr } = await runWith('old-cmake', { cmake: 'echo cmake version 3.10.2' });
    expect(apt).toEqual(['-qq update', 'install -qq -y --no-install-recommends cmake']);
    // The recorder installs nothing, so that what was missing still is.
    expect(code).toBe(2);
    expect(stderr).toContain('these Debian packages are needed: cmake');
    expect(stderr).toContain('apt-get install -y --no-install-recommends cmake');
  });

  it('say where Node comes from when this Debian has only an older one', async () => {
    const { code, apt, stderr } = await runWith('old-node', {
      node: 'echo 18.19.0',
      'apt-cache': 'echo "  Candidate: 18.19.0+dfsg-6"',
    });
    expect(code).toBe(2);
    expect(stderr).toContain('Node 20.17 or later is needed, this Debian offers 18.19.0');
    expect(apt).toEqual(['-qq update']);
  });
});

describe('the closing line of ./run test', () => {
  const folder = temporaryFolder('tally');
  const doctest = (passed: number, failed: number) =>
    `[doctest] test cases:   ${passed + failed} |   ${passed} passed | ${failed} failed | 0 skipped\n`;
  const vitest = (passed: number, failed: number, testResults: unknown[] = []) =>
    JSON.stringify({ numPassedTests: passed, numFailedTests: failed, testResults });
  const brokenFile = { status: 'failed', assertionResults: [] };
  const failedFile = { status: 'failed', assertionResults: [{ status: 'failed' }] };

  it.each<[string, string, number, string, number, number, string]>([
    ['all is well', doctest(40, 0), 0, vitest(200, 0), 0, 0, '240 passed, 0 failed'],
    ['tests failed', doctest(38, 2), 1, vitest(199, 1, [failedFile]), 1, 0, '237 passed, 3 failed'],
    ['lint failed', doctest(40, 0), 0, vitest(200, 0), 0, 2, '240 passed, 2 failed'],
    ['the native tests crashed', 'Segmentation fault\n', 139, vitest(200, 0), 0, 0, '200 passed, 1 failed'],
    [
      'a test file did not load',
      doctest(40, 0),
      0,
      vitest(200, 0, [brokenFile]),
      1,
      0,
      '240 passed, 1 failed',
    ],
    ['vitest failed without a failed test', doctest(40, 0), 0, vitest(200, 0), 1, 0, '240 passed, 1 failed'],
    ['nothing was run', doctest(0, 0), 0, vitest(0, 0), 0, 0, '0 passed, 2 failed'],
  ])('when %s', async (_case, native, nativeStatus, json, vitestStatus, lint, line) => {
    const nativeFile = join(folder, 'native.txt');
    const vitestFile = join(folder, 'vitest.json');
    writeFileSync(nativeFile, native);
    writeFileSync(vitestFile, json);
    const tally = join(packageRoot, 'test', 'tally.mjs');
    const { code, stdout } = await runProgram(process.execPath, [
      ...[tally, nativeFile, `${nativeStatus}`, vitestFile, `${vitestStatus}`, `${lint}`],
    ]);
    expect(stdout).toBe(`${line}\n`);
    expect(code).toBe(line.endsWith(' 0 failed') ? 0 : 1);
  });
});
