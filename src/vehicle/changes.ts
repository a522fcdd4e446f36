import type { Sample } from './sample.js';
import type { VehicleStore } from './store.js';

/** Collects what changes in the store between two calls of `take`. */
export interface ChangedSamples {
  /** The newest sample of every path whose value, quality or reason differs from what was taken last, by path. */
  take(): Sample[];
  close(): void;
}

/** Bounded by the number of paths, however many samples pass. */
export function changedSamples(store: VehicleStore, branch = 'Vehicle'): ChangedSamples {
  const newest = new Map<string, Sample>();
  const taken = new Map<string, Sample>();
  const subscription = store.subscribe(branch, (sample) => newest.set(sample.path, sample));
  return {
    take: () => {
      const changed = [...newest.values()].filter((sample) => differs(sample, taken.get(sample.path)));
      newest.clear();
      for (const sample of changed) taken.set(sample.path, sample);
      return changed.sort((a, b) => (a.path < b.path ? -1 : 1));
    },
    close: () => subscription.unsubscribe(),
  };
}

function differs(sample: Sample, before: Sample | undefined): boolean {
  return (
    before === undefined ||
    sample.value !== before.value ||
    sample.quality !== before.quality ||
    sample.reason !== before.reason
  );
}
