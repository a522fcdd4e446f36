import { VigilError } from '../src/runtime/errors.js';
import { VehicleStore } from '../src/vehicle/store.js';
import { loadTree } from '../src/vehicle/tree.js';

/** The VigilError that `call` throws; fails when it throws nothing or something else. */
export function thrownBy(call: () => unknown): VigilError {
  try {
    call();
  } catch (error) {
    if (error instanceof VigilError) return error;
    throw error;
  }
  throw new Error('expected an error but nothing was thrown');
}

export interface ReportedError {
  readonly error: unknown;
  readonly path: string;
}

/** A store over the shipped tree that collects what its listeners throw. */
export function newStore(historyLength?: number): { store: VehicleStore; errors: ReportedError[] } {
  const errors: ReportedError[] = [];
  const onListenerError = (error: unknown, path: string): void => void errors.push({ error, path });
  const tree = loadTree();
  return {
    store: new VehicleStore(
      historyLength === undefined ? { tree, onListenerError } : { tree, onListenerError, historyLength },
    ),
    errors,
  };
}
