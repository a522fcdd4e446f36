import type { VehicleStore } from '../vehicle/store.js';
import type { Subscription } from '../vehicle/topics.js';

const gazeZone = 'Vehicle.Driver.Vigil.Gaze.Zone';

/**
 * Tells when the driver begins and ends to look at the screen, as the driver monitor publishes it; what is not known is
 * no look.
 */
export function watchScreenGaze(
  store: VehicleStore,
  look: (t: number, isOnScreen: boolean) => void,
): Subscription {
  let before = false;
  return store.subscribe(gazeZone, ({ t, value, quality }) => {
    const isOnScreen = quality === 'valid' && value === 'INFOTAINMENT';
    if (isOnScreen === before) return;
    before = isOnScreen;
    look(t, isOnScreen);
  });
}
