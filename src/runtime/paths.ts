import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

function findPackageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'binding.gyp'))) {
    const parent = dirname(folder);
    if (parent === folder)
      throw new Error('vigil: the package root (the folder with binding.gyp) was not found');
    folder = parent;
  }
  return folder;
}

/** The folder that holds package.json, whether this file runs from `src/` or from `dist/src/`. */
export const packageRoot = findPackageRoot();

/** Everything that is built and not committed. */
export const buildDir = join(packageRoot, 'build');

/** Contracts as data: DBC, VSS, mappings, policies, .proto. */
export const signalsDir = join(packageRoot, 'signals');

/** Where built models lie; `VIGIL_MODELS` moves it (a read-only installation, several versions side by side). */
export const modelsDir = process.env['VIGIL_MODELS'] ?? join(buildDir, 'models');

/** Real data for evaluations and benchmarks; the product itself never needs it. */
export const dataDir = process.env['VIGIL_DATA'] ?? join(packageRoot, '..', 'shared', 'data');
