import { createRequire } from 'node:module';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { VigilError, messageOf } from './errors.js';
import { buildDir } from './paths.js';

const require = createRequire(import.meta.url);

/** Our addons; each is one shared object built from `native/<name>`. */
export type AddonName = 'core' | 'can' | 'vision' | 'speech';

/**
 * Loads an addon. The caller states its type, as each addon's TypeScript wrapper owns the declaration of what
 * the C++ side exports.
 * @throws VigilError `NATIVE_NOT_BUILT` or `NATIVE_LOAD_FAILED`
 */
export function loadAddon(name: AddonName): unknown {
  const file = join(buildDir, 'native', 'Release', `${name}.node`);
  if (!existsSync(file)) {
    throw new VigilError(
      'NATIVE_NOT_BUILT',
      `Expected the native addon ${name}.node at ${file} but found nothing.`,
      'Run `npm run install` in the package folder (or `./run setup` in a checkout) to build it.',
      { file },
    );
  }
  try {
    return require(file);
  } catch (error) {
    throw new VigilError(
      'NATIVE_LOAD_FAILED',
      `Expected ${file} to load but it failed: ${messageOf(error)}.`,
      'Rebuild it with `npm run install`; libturbojpeg and libzstd must be installed.',
      { file },
      { cause: error },
    );
  }
}

/** The ONNX Runtime shared library that onnxruntime-node installed for this platform. */
export function onnxRuntimeLibrary(): string {
  const root = dirname(require.resolve('onnxruntime-node/package.json'));
  return join(root, 'bin', 'napi-v6', process.platform, process.arch, 'libonnxruntime.so.1');
}
