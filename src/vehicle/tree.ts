import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf, VigilError } from '../runtime/errors.js';
import { signalsDir } from '../runtime/paths.js';
import { parseCatalogue } from './catalogue.js';
import type { SignalDefinition } from './catalogue.js';
import type { Signal } from './value.js';

/** The signal tree: its leaves ordered by path, and the branches above them. Immutable. */
export interface SignalTree {
  readonly signals: readonly Signal[];
  readonly byPath: ReadonlyMap<string, Signal>;
  /** Every branch path, for example `Vehicle.Driver`, with the leaves below it, ordered by path. */
  readonly branches: ReadonlyMap<string, readonly Signal[]>;
}

/** VSS 6.0 subset, then our overlay. */
export const standardCatalogues: readonly string[] = [
  'vss-6.0.yaml',
  'vss-6.0-body.yaml',
  'vss-6.0-cabin.yaml',
  'vigil.yaml',
].map((name) => join(signalsDir, 'vss', name));

/** `Vehicle.A.B` -> `['Vehicle.A', 'Vehicle']`, nearest first. */
export function branchesAbove(path: string): string[] {
  const above: string[] = [];
  for (let dot = path.lastIndexOf('.'); dot !== -1; dot = path.lastIndexOf('.', dot - 1))
    above.push(path.slice(0, dot));
  return above;
}

function conflict(definition: SignalDefinition, expected: string): VigilError {
  return new VigilError(
    'SIGNAL_TREE_INVALID',
    `${definition.file}: ${definition.path}: expected ${expected}.`,
    'Correct the catalogue.',
    { file: definition.file, path: definition.path },
  );
}

/** Builds a tree from the definitions of all catalogues. @throws VigilError `SIGNAL_TREE_INVALID`. */
export function buildTree(definitions: readonly SignalDefinition[]): SignalTree {
  const sorted = [...definitions].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  const byPath = new Map<string, Signal>();
  const branches = new Map<string, Signal[]>();
  for (const definition of sorted) {
    const { file, ...fields } = definition;
    if (byPath.has(fields.path))
      throw conflict(definition, `one definition, found another before that of ${file}`);
    const signal: Signal = { index: byPath.size, ...fields };
    byPath.set(signal.path, signal);
    for (const branch of branchesAbove(signal.path)) {
      const leaves = branches.get(branch);
      if (leaves === undefined) branches.set(branch, [signal]);
      else leaves.push(signal);
    }
  }
  for (const definition of sorted) {
    if (branches.has(definition.path)) throw conflict(definition, 'a leaf, but other signals lie below it');
  }
  return { signals: [...byPath.values()], byPath, branches };
}

function readCatalogue(file: string): SignalDefinition[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new VigilError(
      'SIGNAL_TREE_INVALID',
      `Expected a readable signal catalogue at ${file}: ${messageOf(error)}.`,
      'Check the path.',
      { file },
      { cause: error },
    );
  }
  return parseCatalogue(text, file);
}

/** Reads and validates catalogues. @throws VigilError `SIGNAL_TREE_INVALID` naming file, path and expectation. */
export function loadTree(files: readonly string[] = standardCatalogues): SignalTree {
  return buildTree(files.flatMap(readCatalogue));
}

/** @throws VigilError `UNKNOWN_SIGNAL`. */
export function requireSignal(tree: SignalTree, path: string): Signal {
  const signal = tree.byPath.get(path);
  if (signal !== undefined) return signal;
  throw new VigilError(
    'UNKNOWN_SIGNAL',
    `Expected the path of a signal but received ${JSON.stringify(path)}${tree.branches.has(path) ? ', a branch' : ''}.`,
    'See signals/vss for the paths that exist.',
    { path },
  );
}
