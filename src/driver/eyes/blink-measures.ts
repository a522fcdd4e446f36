import { rateHz } from '../frame-rate.js';
import type { View } from '../view.js';
import { blinkMeasures, type BlinkMeasures } from './blink-statistics.js';

/** What can be said of the driver's blinks at `t`. */
export function blinkMeasuresOf(view: View, t: number): BlinkMeasures {
  const { perclos, measuredMs } = view.perclos.short;
  return blinkMeasures(view.eyes.blinks, {
    t,
    hz: rateHz(view.frameRate),
    reason: view.eyes.baseline.open === null ? 'calibrating' : null,
    windowReason: perclos.quality === 'valid' ? null : perclos.reason,
    measuredMs,
  });
}
