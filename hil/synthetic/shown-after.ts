import type { SignalValue } from '../../src/vehicle/value.js';

/** What else moves when an actuator is asked for something, and where it shows. */
const shown: Readonly<Record<string, Readonly<Record<string, readonly [path: string, value: SignalValue]>>>> =
  {
    'Vehicle.Cabin.Sunroof.Switch': {
      ONE_SHOT_OPEN: ['Vehicle.Cabin.Sunroof.Position', 100],
      ONE_SHOT_CLOSE: ['Vehicle.Cabin.Sunroof.Position', 0],
      TILT_UP: ['Vehicle.Cabin.Sunroof.Position', -100],
    },
    'Vehicle.Cabin.Infotainment.Media.Action': {
      PLAY: ['Vehicle.Cabin.Infotainment.Media.Played.PlaybackRate', 1],
      STOP: ['Vehicle.Cabin.Infotainment.Media.Played.PlaybackRate', 0],
      SKIP_FORWARD: ['Vehicle.Cabin.Infotainment.Media.Played.Track', 'the next song'],
      SKIP_BACKWARD: ['Vehicle.Cabin.Infotainment.Media.Played.Track', 'the last song'],
    },
  };

/** What a vehicle that works shows after a request: path and value. */
export function shownAfter(path: string, value: SignalValue): readonly [path: string, value: SignalValue] {
  const elsewhere = Object.hasOwn(shown, path) ? shown[path] : {};
  const text = String(value);
  return Object.hasOwn(elsewhere, text) ? elsewhere[text] : [path, value];
}
