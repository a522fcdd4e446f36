// Puts the addons into build/native: in an installed package those that came with it where they fit this machine
// (native/prebuild.sh makes them), else built with cmake-js. npm's `install` script and binding.gyp both call this.
// VIGIL_BUILD_FROM_SOURCE=1 always builds, and a checkout always does.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { copyFileSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const require = createRequire(import.meta.url);

function fail(message) {
  process.stderr.write(`vigil: ${message}\n`);
  process.exit(1);
}

const out = join(root, 'build', 'native');

/** Whether the addons in the folder load here: another C library, or another processor, and they do not. */
function load(folder) {
  const addons = readdirSync(folder).filter((name) => name.endsWith('.node'));
  const code = addons.map((name) => `require(${JSON.stringify(join(folder, name))});`).join('');
  return addons.length > 0 && spawnSync(process.execPath, ['-e', code], { stdio: 'ignore' }).status === 0;
}

/** Where the tests are, the sources may have changed since. */
const isCheckout = existsSync(join(root, 'native', 'test'));
const fromSource = isCheckout || process.env.VIGIL_BUILD_FROM_SOURCE !== undefined;
const prebuilt = join(root, 'prebuilds', `${process.platform}-${process.arch}`);
if (!fromSource && existsSync(prebuilt) && load(prebuilt)) {
  mkdirSync(join(out, 'Release'), { recursive: true });
  for (const name of readdirSync(prebuilt)) copyFileSync(join(prebuilt, name), join(out, 'Release', name));
  writeFileSync(join(out, '.built'), '');
  process.exit(0);
}

let cmakeJs;
let nodeAddonApi;
try {
  cmakeJs = join(dirname(require.resolve('cmake-js/package.json')), 'bin', 'cmake-js');
  nodeAddonApi = dirname(require.resolve('node-addon-api/package.json'));
} catch (error) {
  fail(
    `cmake-js and node-addon-api are needed to build the addons (${error.message}). Run \`npm ci\` first.`,
  );
}

const jobs = process.env.VIGIL_BUILD_JOBS ?? '2';
const quiet = process.env.VIGIL_BUILD_VERBOSE === undefined;
const result = spawnSync(
  process.execPath,
  [
    cmakeJs,
    'compile',
    '--directory',
    root,
    '--out',
    out,
    '--parallel',
    jobs,
    '--config',
    'Release',
    `--CDNODE_ADDON_API_DIR=${nodeAddonApi}`,
    ...(quiet ? ['--log-level', 'error'] : []),
  ],
  { cwd: root, encoding: 'utf8', stdio: quiet ? 'pipe' : 'inherit' },
);
if (result.error) fail(`cmake-js could not be started: ${result.error.message}`);
if (result.status !== 0) {
  process.stderr.write(`${result.stdout ?? ''}${result.stderr ?? ''}`);
  fail(
    'the native build failed (output above). Needed: a C++20 compiler, CMake, libturbojpeg0-dev, libzstd-dev: ' +
      '`apt-get install g++ make cmake libturbojpeg0-dev libzstd-dev`.',
  );
}
mkdirSync(out, { recursive: true });
writeFileSync(join(out, '.built'), '');
