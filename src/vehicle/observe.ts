import { distinctUntilChanged, Observable } from 'rxjs';
import type { Sample } from './sample.js';
import type { VehicleStore } from './store.js';

/** The present sample(s) of a leaf or branch on subscription, then every further one. Never completes. */
export function observe(store: VehicleStore, path: string): Observable<Sample> {
  return new Observable((subscriber) => {
    const subscription = store.subscribe(path, (sample) => subscriber.next(sample), true);
    return () => subscription.unsubscribe();
  });
}

/** As `observe` for one leaf, but only when value, quality or reason differ from the sample before. */
export function observeChanges(store: VehicleStore, path: string): Observable<Sample> {
  return observe(store, path).pipe(
    distinctUntilChanged((a, b) => a.value === b.value && a.quality === b.quality && a.reason === b.reason),
  );
}
