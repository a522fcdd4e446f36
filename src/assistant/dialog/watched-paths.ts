import { destinationPaths } from '../action/action.js';
import { hasPlace, pathAt, places } from '../action/place.js';
import { driverPaths } from './driver-view.js';
import type { DialogConfig } from './turn.js';

/** Every path whose value a dialog looks at, ordered: the rest of the vehicle need not be told to it. */
export function watchedPaths({ tree, actions, safety }: DialogConfig): string[] {
  const paths = new Set<string>([
    'Vehicle.Speed',
    'Vehicle.Cabin.DriverPosition',
    ...Object.values(driverPaths),
    ...Object.values(destinationPaths),
  ]);
  for (const { action } of actions.intents.values()) {
    if (action.kind === 'read') {
      for (const { paths: read } of Object.values(action.readings)) for (const path of read) paths.add(path);
    } else if (action.kind === 'effects') {
      for (const { path, seen } of action.effects) {
        for (const one of seen.kind === 'target' ? [path] : [path, seen.path])
          for (const at of hasPlace(one) ? places.map((place) => pathAt(one, place, 'LEFT')) : [one])
            paths.add(at);
      }
    }
  }
  for (const { condition } of safety) if (condition !== null) paths.add(condition.path);
  // A front-only thing has no rear paths.
  return [...paths].filter((path) => tree.byPath.has(path)).sort();
}
