import { expandPath } from '../../src/vehicle/catalogue.js';
import type { SignalTree } from '../../src/vehicle/tree.js';
import type { SignalValue } from '../../src/vehicle/value.js';

const cabin = 'Vehicle.Cabin';
const place = 'Row{1,2}.{DriverSide,PassengerSide}';

/** How the bench's cabin stands at the beginning. */
const patterns: Readonly<Record<string, SignalValue>> = {
  [`${cabin}.Door.${place}.Window.Position`]: 0,
  [`${cabin}.Door.${place}.IsOpen`]: false,
  [`${cabin}.Door.${place}.IsLocked`]: true,
  [`${cabin}.HVAC.Station.Row{1,2}.{Driver,Passenger}.Temperature`]: 21,
  [`${cabin}.HVAC.Station.Row{1,2}.{Driver,Passenger}.FanSpeed`]: 40,
  [`${cabin}.HVAC.IsAirConditioningActive`]: false,
  [`${cabin}.HVAC.IsRecirculationActive`]: false,
  [`${cabin}.HVAC.AmbientAirTemperature`]: 22,
  [`${cabin}.Seat.${place}.Heating`]: 0,
  [`${cabin}.Seat.${place}.HeatingCooling`]: 0,
  [`${cabin}.Sunroof.Position`]: 0,
  [`${cabin}.Sunroof.Shade.Position`]: 0,
  [`${cabin}.Light.IsDomeOn`]: false,
  [`${cabin}.Infotainment.Media.Volume`]: 40,
  [`${cabin}.Infotainment.Media.Played.PlaybackRate`]: 0,
  [`${cabin}.Infotainment.Media.Played.Track`]: 'a song',
  [`${cabin}.Infotainment.HMI.Brightness`]: 60,
  'Vehicle.Body.Windshield.Front.Wiping.Mode': 'OFF',
  'Vehicle.Body.Lights.LightSwitch': 'AUTO',
  'Vehicle.Body.Trunk.Rear.IsOpen': false,
  'Vehicle.Exterior.AirTemperature': 14,
  'Vehicle.Powertrain.Range': 310_000,
  'Vehicle.ADAS.CruiseControl.IsEnabled': false,
};

/** Path to value, of what the tree has. */
export function usualCabin(tree: SignalTree): [path: string, value: SignalValue][] {
  return Object.entries(patterns).flatMap(([pattern, value]) =>
    expandPath(pattern)
      .filter((path) => tree.byPath.has(path))
      .map((path): [string, SignalValue] => [path, value]),
  );
}
