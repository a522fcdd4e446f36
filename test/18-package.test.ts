import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../src/runtime/paths.js';
import { runProgram, temporaryFolder, type ChildResult } from './10-support.js';

// What an embedder gets: the packed package, installed into an empty project by npm, addons built there and loaded.

const minutes = 60_000;
const project = temporaryFolder('package');
const installed = join(project, 'node_modules', 'vigil');

/** Files by condition, at any depth. */
interface ExportTargets {
  readonly [condition: string]: string | ExportTargets;
}

interface PackageJson {
  readonly name: string;
  readonly version: string;
  readonly bin: Record<string, string>;
  readonly exports: ExportTargets;
}
const { name, version, bin, exports } = JSON.parse(
  readFileSync(join(packageRoot, 'package.json'), 'utf8'),
) as PackageJson;
const tarball = `${name}-${version}.tgz`;

/** The environment without what an outer `npm run` left in it about this project. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const outer = /^(npm_(lifecycle|package|config_local_prefix|command|execpath)|INIT_CWD|NODE_ENV|VITEST)/;
  const kept = Object.entries(process.env).filter(([key]) => !outer.test(key));
  return { ...Object.fromEntries(kept), ONNXRUNTIME_NODE_INSTALL: 'skip' };
}

async function must(command: string, args: readonly string[], cwd: string): Promise<ChildResult> {
  const result = await runProgram(command, args, { cwd, env: cleanEnvironment(), timeoutMs: 5 * minutes });
  expect(result.code, `${command} ${args.join(' ')}\n${result.stdout}${result.stderr}`).toBe(0);
  return result;
}

/** Runs an ES module inside the project and returns what it printed as JSON. */
async function inProject(source: string): Promise<unknown> {
  const file = join(project, 'script.mjs');
  writeFileSync(file, source);
  return JSON.parse((await must(process.execPath, [file], project)).stdout) as unknown;
}

function filesOf(targets: ExportTargets): string[] {
  return Object.values(targets).flatMap((target) =>
    typeof target === 'string' ? [target] : filesOf(target),
  );
}

let packed: string[] = [];

beforeAll(async () => {
  const { stdout } = await must('npm', ['pack', '--json', '--pack-destination', project], packageRoot);
  // What prepack prints comes first; npm's own JSON is the last thing.
  const [listing] = JSON.parse(stdout.slice(stdout.search(/^\[/m))) as [{ files: { path: string }[] }];
  packed = listing.files.map(({ path }) => path);
  // npm 12 runs no install script that the project did not allow; older ones ignore the field or warn without it.
  const allowScripts = { [`file:${tarball}`]: true, 'onnxruntime-node': false };
  writeFileSync(
    join(project, 'package.json'),
    JSON.stringify({ name: 'empty', private: true, allowScripts }),
  );
  const options = ['--prefer-offline', '--no-audit', '--no-fund'];
  await must('npm', ['install', ...options, `./${tarball}`], project);
}, 8 * minutes);

describe('the package', () => {
  it('holds what it promises', () => {
    const promised = [...Object.values(bin), ...filesOf(exports)];
    const needed = [
      'binding.gyp',
      'CMakeLists.txt',
      'native/build.mjs',
      'native/core/addon.cc',
      'LICENSE',
      'NOTICE',
    ];
    for (const path of [...promised, ...needed, 'models/manifest.json']) {
      expect(packed).toContain(path.replace(/^\.\//, ''));
    }
  });

  it('holds neither tests nor built files nor anything large', () => {
    expect(
      packed.filter((path) => /(^|\/)(test|build|node_modules)\/|\.(node|mp4|mcap|tsbuildinfo)$/.test(path)),
    ).toEqual([]);
  });

  it('was built on installation, without the test-only addon', () => {
    const built = readdirSync(join(installed, 'build', 'native', 'Release')).filter((file) =>
      file.endsWith('.node'),
    );
    expect(built.sort()).toEqual(['can.node', 'core.node', 'speech.node', 'vision.node']);
  });

  it('loads every addon', async () => {
    const loaded = await inProject(`
      import { loadAddon } from './node_modules/vigil/dist/src/runtime/native.js';
      const names = ['core', 'can', 'vision'];
      process.stdout.write(JSON.stringify(names.map((name) => typeof loadAddon(name))));
    `);
    expect(loaded).toEqual(['object', 'object', 'object']);
  });

  it('builds its models and runs one', async () => {
    await must(process.execPath, [join(installed, bin['vigil']), 'models', 'build'], project);
    await must(process.execPath, [join(installed, bin['vigil']), 'models', 'verify'], project);
    const result = await inProject(`
      import { OnnxSession } from './node_modules/vigil/dist/src/runtime/onnx-session.js';
      import { requireModel } from './node_modules/vigil/dist/src/runtime/models.js';
      const session = new OnnxSession(requireModel('face_detection_short_range').path);
      const size = ({ shape }) => shape.reduce((product, length) => product * length, 1);
      const outputs = session.outputs.map((port) => new Float32Array(size(port)));
      session.run(session.inputs.map((port) => new Float32Array(size(port)).fill(0.5)), outputs);
      process.stdout.write(JSON.stringify({ version: session.runtimeVersion, numbers: outputs[0].every(Number.isFinite) }));
    `);
    expect(result).toEqual({ version: '1.27.0', numbers: true });
  });

  it('has a working command', async () => {
    const { stdout } = await must(join(project, 'node_modules', '.bin', 'vigil'), ['--version'], project);
    expect(stdout.trim()).toBe(version);
  });

  it('brought ONNX Runtime without the files that its own install script would have fetched', () => {
    const root = join(project, 'node_modules', 'onnxruntime-node', 'bin');
    const files = readdirSync(root, { recursive: true, encoding: 'utf8' });
    expect(files.some((file) => file.endsWith('libonnxruntime.so.1'))).toBe(true);
    expect(files.filter((file) => /cuda|tensorrt/i.test(file))).toEqual([]);
  });
});

describe('binding.gyp', () => {
  it('is one target without code of its own that calls the same build script', () => {
    const gyp = JSON.parse(readFileSync(join(packageRoot, 'binding.gyp'), 'utf8')) as {
      targets: { type: string; actions: { action: string[] }[] }[];
    };
    expect(gyp.targets).toHaveLength(1);
    expect(gyp.targets[0].type).toBe('none');
    expect(gyp.targets[0].actions.map(({ action }) => action)).toEqual([
      ['node', '<(module_root_dir)/native/build.mjs'],
    ]);
  });

  // Where Node came without its headers (Debian keeps them in another package) or without npm beside it, node-gyp
  // would have to fetch something: then only the form of the file is checked, above.
  const prefix = dirname(dirname(process.execPath));
  const nodeGyp = join(
    prefix,
    'lib',
    'node_modules',
    'npm',
    'node_modules',
    'node-gyp',
    'bin',
    'node-gyp.js',
  );
  const offline = existsSync(nodeGyp) && existsSync(join(prefix, 'include', 'node', 'common.gypi'));
  if (offline) {
    it(
      'builds the addons with node-gyp',
      async () => {
        await must(process.execPath, [nodeGyp, 'rebuild', `--nodedir=${prefix}`], installed);
        expect(existsSync(join(installed, 'build', 'native', 'Release', 'core.node'))).toBe(true);
      },
      3 * minutes,
    );
  }
});
