import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../src/runtime/paths.js';
import { runProgram, temporaryFolder, type ChildResult } from './10-support.js';

// What an embedder gets: the packed package, installed into empty projects by npm. In the first the addons are built; in
// the second, on a machine without a compiler, those that came with the package are taken.

const minutes = 60_000;
const project = temporaryFolder('package');
const installed = join(project, 'node_modules', 'vigil');
const bareProject = temporaryFolder('package-prebuilt');
/** The package as packed here, unpacked: what lies in its prebuilds decides what an installation does. */
const unpacked = join(temporaryFolder('package-unpacked'), 'package');
const prebuilt = join(unpacked, 'prebuilds', `linux-${process.arch}`);
const released = join('build', 'native', 'Release');
const shipped = ['can.node', 'core.node', 'speech.node', 'vision.node'];

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

async function must(
  command: string,
  args: readonly string[],
  cwd: string,
  environment: NodeJS.ProcessEnv = {},
): Promise<ChildResult> {
  const env = { ...cleanEnvironment(), ...environment };
  const result = await runProgram(command, args, { cwd, env, timeoutMs: 5 * minutes });
  expect(result.code, `${command} ${args.join(' ')}\n${result.stdout}${result.stderr}`).toBe(0);
  return result;
}

/** Packs the unpacked package with what lies in its prebuilds now, and installs it into an empty project. */
async function installInto(folder: string, environment?: NodeJS.ProcessEnv): Promise<void> {
  await must('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], unpacked);
  // npm 12 runs no install script that the project did not allow; older ones ignore the field or warn without it.
  const allowScripts = { [`file:${tarball}`]: true, 'onnxruntime-node': false };
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'empty', private: true, allowScripts }));
  const options = ['--prefer-offline', '--no-audit', '--no-fund'];
  await must('npm', ['install', ...options, `./${tarball}`], folder, environment);
}

/** A PATH on which Node, npm and the shell are all there is. */
function bareEnvironment(): NodeJS.ProcessEnv {
  const folder = temporaryFolder('path');
  const npm = (process.env['PATH'] ?? '').split(':').map((directory) => join(directory, 'npm'));
  symlinkSync(process.execPath, join(folder, 'node'));
  symlinkSync(realpathSync(npm.find((path) => existsSync(path))!), join(folder, 'npm'));
  symlinkSync('/bin/sh', join(folder, 'sh'));
  return { PATH: folder, CC: undefined, CXX: undefined };
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
  await must('tar', ['-xzf', join(project, tarball), '-C', dirname(unpacked)], project);
  // Addons came with it, but not for this machine.
  rmSync(join(unpacked, 'prebuilds'), { recursive: true, force: true });
  mkdirSync(prebuilt, { recursive: true });
  writeFileSync(join(prebuilt, 'core.node'), 'for another processor');
  await installInto(project);
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
    // Whether addons for other machines were made before packing is up to who packs (native/prebuild.sh).
    const own = packed.filter((path) => !/^prebuilds\/linux-(x64|arm64)\/[\w.-]+\.(node|so\.\d)$/.test(path));
    expect(
      own.filter((path) =>
        /(^|\/)(test|build|prebuilds|node_modules)\/|\.(node|mp4|mcap|tsbuildinfo)$/.test(path),
      ),
    ).toEqual([]);
  });

  it('was built on installation, as the addons in it did not load, without the test-only addon', () => {
    const built = readdirSync(join(installed, released)).filter((file) => file.endsWith('.node'));
    expect(built.sort()).toEqual(shipped);
  });

  it('loads every addon', async () => {
    const loaded = await inProject(`
      import { loadAddon } from './node_modules/vigil/dist/src/runtime/native.js';
      const names = ['core', 'can', 'vision', 'speech'];
      process.stdout.write(JSON.stringify(names.map((name) => typeof loadAddon(name))));
    `);
    expect(loaded).toEqual(['object', 'object', 'object', 'object']);
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

describe('the package with addons for this machine', () => {
  let bare: NodeJS.ProcessEnv;

  beforeAll(async () => {
    for (const file of shipped) copyFileSync(join(installed, released, file), join(prebuilt, file));
    bare = bareEnvironment();
    await installInto(bareProject, bare);
  }, 6 * minutes);

  /** What a script in the project prints as JSON, where there is no compiler. */
  async function printed(file: string, source: string): Promise<unknown> {
    writeFileSync(join(bareProject, file), source);
    return JSON.parse((await must(process.execPath, [file], bareProject, bare)).stdout) as unknown;
  }

  const use = `
    const vigil = await createVigil({});
    const { quality, reason } = vigil.value('Vehicle.Speed');
    await vigil.dispose();
    process.stdout.write(JSON.stringify({ quality, reason }));
  `;

  it('installs without a compiler: nothing was built, the addons are those that came', () => {
    const folder = join(bareProject, 'node_modules', 'vigil');
    expect(readdirSync(join(folder, 'build', 'native'))).toEqual(['.built', 'Release']);
    expect(readdirSync(join(folder, released)).sort()).toEqual(shipped);
    for (const file of shipped) {
      expect(readFileSync(join(folder, released, file)).equals(readFileSync(join(prebuilt, file)))).toBe(
        true,
      );
    }
  });

  it('starts from an ES module', async () => {
    const answer = await printed('script.mjs', `import { createVigil } from 'vigil'; ${use}`);
    expect(answer).toEqual({ quality: 'unavailable', reason: expect.any(String) as unknown });
  });

  it('starts from CommonJS', async () => {
    const answer = await printed(
      'script.cjs',
      `const { createVigil } = require('vigil'); (async () => { ${use} })();`,
    );
    expect(answer).toEqual({ quality: 'unavailable', reason: expect.any(String) as unknown });
  });

  it('has types for both, none of which is any', async () => {
    const body = `
      const options: VigilOptions = { config: {} };
      export const states = createVigil(options).then((vigil) => vigil.driverState$);
      void states.then((state$) => state$.subscribe(({ kind, sinceMs }) => kind === 'microsleep' && sinceMs.toFixed()));
      export const typed: 0 extends 1 & typeof states ? false : true = true;
    `;
    writeFileSync(
      join(bareProject, 'consumer.mts'),
      `import { createVigil, type VigilOptions } from 'vigil';${body}`,
    );
    writeFileSync(
      join(bareProject, 'consumer.cts'),
      `import vigil = require('vigil');
       const { createVigil } = vigil;
       type VigilOptions = Parameters<typeof createVigil>[0];${body}`,
    );
    const compiler = join(packageRoot, 'node_modules', 'typescript', 'bin', 'tsc');
    const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2022'];
    await must(process.execPath, [compiler, ...options, 'consumer.mts', 'consumer.cts'], bareProject);
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
