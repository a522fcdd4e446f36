import { rateHz } from '../frame-rate.js';
import type { Policy } from '../policy/policy.js';
import type { View } from '../view.js';
import { blinkMeasures, type BlinkMeasures } from './blink-statistics.js';
import { perclosMeasures } from './perclos-measures.js';

/** What can be said of the driver's blinks at `t`. */
export function blinkMeasuresOf(view: View, policy: Policy, t: number): BlinkMeasures {
  const { perclos, measuredMs } = perclosMeasures(view, policy).short;
  return blinkMeasures(view.eyes.blinks, {
    t,
    hz: rateHz(view.frameRate),
    reason: view.eyes.baseline.open === null ? 'calibrating' : null,
    windowReason: perclos.quality === 'valid' ? null : perclos.reason,
    measuredMs,
  });
}
