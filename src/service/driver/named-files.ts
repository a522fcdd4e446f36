import { basename, dirname, isAbsolute } from 'node:path';
import { loadCabin, type Cabin } from '../../driver/gaze/cabin.js';
import { loadPolicy, policyConflict, type Policy } from '../../driver/policy/policy.js';
import { VigilError } from '../../runtime/errors.js';
import { standardMappingFile } from '../../vehicle/mapping.js';

/** Of what is shipped by name, or a file of the integrator's own by its absolute path. */
function load<T>(nameOrFile: string, read: (id: string, folder?: string) => T): T {
  if (!isAbsolute(nameOrFile)) return read(nameOrFile);
  return read(basename(nameOrFile).replace(/\.ya?ml$/, ''), dirname(nameOrFile));
}

/** @throws VigilError as `loadPolicy`, `POLICY_CONFLICT` */
export function policiesOf(names: readonly string[]): readonly Policy[] {
  const policies = names.map((name) => load(name, loadPolicy));
  const conflict = policyConflict(policies);
  if (conflict === null) return policies;
  throw new VigilError(
    'POLICY_CONFLICT',
    `Expected policies that can be in force together but ${conflict}.`,
    'Correct driver.policy in the configuration.',
  );
}

/** @throws VigilError as `loadCabin` */
export function cabinOf(name: string): Cabin {
  return load(name, loadCabin);
}

export function mappingFileOf(name: string): string {
  return isAbsolute(name) ? name : standardMappingFile(name);
}
