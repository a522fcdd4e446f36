import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildDir, packageRoot } from '../src/runtime/paths.js';

interface CompileCommand {
  readonly file: string;
  readonly command: string;
}

/** How this checkout's addons were compiled, as CMake wrote it down. */
const commands = JSON.parse(
  readFileSync(join(buildDir, 'native', 'compile_commands.json'), 'utf8'),
) as CompileCommand[];
const baseline = process.arch === 'x64' ? '-march=x86-64-v2' : '-march=armv8-a';

describe('the addons', () => {
  it('come from every native folder', () => {
    for (const folder of ['core', 'can', 'vision']) {
      expect(commands.some(({ file }) => file.startsWith(join(packageRoot, 'native', folder)))).toBe(true);
    }
  });

  it.each(commands.map(({ file, command }) => [file.slice(packageRoot.length + 1), command]))(
    '%s is compiled for the baseline, without fused multiply-add',
    (_file, command) => {
      const flags = command.split(/\s+/);
      expect(flags.filter((flag) => flag.startsWith('-march='))).toEqual([baseline]);
      expect(flags).toContain('-ffp-contract=off');
      expect(flags).toContain('-std=c++20');
      expect(flags.filter((flag) => /^-(ffast-math|Ofast|mtune=native|funsafe)/.test(flag))).toEqual([]);
    },
  );

  it('leave -march=native and fast-math out of the build files', () => {
    for (const file of ['CMakeLists.txt', 'native/build.mjs', 'binding.gyp']) {
      expect(readFileSync(join(packageRoot, file), 'utf8')).not.toMatch(/march=native|fast-math/);
    }
  });
});
