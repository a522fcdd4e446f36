import { describe, expect, it } from 'vitest';
import { VigilError } from '../src/runtime/errors.js';
import { expandPath, parseCatalogue } from '../src/vehicle/catalogue.js';
import {
  branchesAbove,
  buildTree,
  loadTree,
  requireSignal,
  standardCatalogues,
} from '../src/vehicle/tree.js';
import { checkValue, requireValue } from '../src/vehicle/value.js';
import { thrownBy } from './50-support.js';

const tree = loadTree();

describe('the shipped catalogues', () => {
  it('hold the VSS 6.0 signals the product reads or serves, with their kinds, types, units and limits', () => {
    const facts: readonly (readonly [string, string, string, string | undefined, number?, number?])[] = [
      ['Vehicle.Speed', 'sensor', 'float', 'km/h'],
      ['Vehicle.Chassis.SteeringWheel.Angle', 'sensor', 'int16', 'degrees'],
      ['Vehicle.Chassis.Brake.PedalPosition', 'sensor', 'uint8', 'percent', 0, 100],
      ['Vehicle.Chassis.Accelerator.PedalPosition', 'sensor', 'uint8', 'percent', 0, 100],
      ['Vehicle.Powertrain.Transmission.CurrentGear', 'sensor', 'int8', undefined],
      ['Vehicle.Body.Lights.DirectionIndicator.Left.IsSignaling', 'actuator', 'boolean', undefined],
      ['Vehicle.Body.Lights.DirectionIndicator.Right.IsSignaling', 'actuator', 'boolean', undefined],
      ['Vehicle.Cabin.Door.Row2.PassengerSide.IsOpen', 'actuator', 'boolean', undefined],
      ['Vehicle.Cabin.Seat.Row1.DriverSide.IsBelted', 'sensor', 'boolean', undefined],
      ['Vehicle.Driver.DistractionLevel', 'sensor', 'float', 'percent', 0, 100],
      ['Vehicle.Driver.FatigueLevel', 'sensor', 'float', 'percent', 0, 100],
      ['Vehicle.Driver.AttentiveProbability', 'sensor', 'float', 'percent', 0, 100],
      ['Vehicle.Driver.IsEyesOnRoad', 'sensor', 'boolean', undefined],
      ['Vehicle.ADAS.DMS.IsEnabled', 'actuator', 'boolean', undefined],
      ['Vehicle.ADAS.DMS.IsWarning', 'sensor', 'boolean', undefined],
      ['Vehicle.ADAS.DMS.IsError', 'sensor', 'boolean', undefined],
      ['Vehicle.TraveledDistance', 'sensor', 'uint32', 'm'],
      ['Vehicle.Powertrain.CombustionEngine.Speed', 'sensor', 'float', 'rpm'],
      ['Vehicle.CurrentLocation.Latitude', 'sensor', 'double', 'degrees', -90, 90],
      ['Vehicle.Cabin.HVAC.Station.Row1.Driver.Temperature', 'actuator', 'float', 'Celsius'],
      ['Vehicle.Cabin.HVAC.Station.Row2.Passenger.FanSpeed', 'actuator', 'uint8', 'percent', 0, 100],
      ['Vehicle.Cabin.HVAC.IsRecirculationActive', 'actuator', 'boolean', undefined],
      ['Vehicle.Cabin.HVAC.AmbientAirTemperature', 'sensor', 'float', 'Celsius'],
      ['Vehicle.Cabin.Door.Row1.DriverSide.Window.Position', 'actuator', 'uint8', 'percent', 0, 100],
      ['Vehicle.Cabin.Sunroof.Position', 'sensor', 'int8', 'percent', -100, 100],
      ['Vehicle.Cabin.Seat.Row2.Middle.HeatingCooling', 'actuator', 'int8', 'percent', -100, 100],
      ['Vehicle.Cabin.Seat.Row1.DriverSide.Position', 'actuator', 'uint16', 'mm', 0],
      ['Vehicle.Cabin.Light.IsDomeOn', 'actuator', 'boolean', undefined],
      ['Vehicle.Cabin.Light.AmbientLight.Row1.DriverSide.Intensity', 'actuator', 'uint8', 'percent', 1, 100],
      ['Vehicle.Cabin.Infotainment.Media.Volume', 'actuator', 'uint8', 'percent', 0, 100],
      [
        'Vehicle.Cabin.Infotainment.Navigation.DestinationSet.Latitude',
        'actuator',
        'double',
        'degrees',
        -90,
        90,
      ],
      ['Vehicle.Occupant.Row1.PassengerSide.Identifier.Subject', 'sensor', 'string', undefined],
      ['Vehicle.Occupant.Row1.DriverSide.HeadPosition.Yaw', 'sensor', 'float', 'degrees', -180, 180],
      ['Vehicle.Occupant.Row1.DriverSide.HeadPosition.Pitch', 'sensor', 'float', 'degrees', -90, 90],
      ['Vehicle.Occupant.Row1.DriverSide.HeadPosition.X', 'sensor', 'int16', 'mm'],
      ['Vehicle.Occupant.Row1.DriverSide.MidEyeGaze.Elevation', 'sensor', 'float', 'degrees', -90, 90],
    ];
    for (const [path, kind, datatype, unit, min, max] of facts) {
      expect(requireSignal(tree, path)).toMatchObject({ kind, datatype, unit, min, max });
    }
  });

  it('allow the values that VSS allows', () => {
    const allowed = (path: string) => requireSignal(tree, path).allowed;
    const movable = ['INACTIVE', 'CLOSE', 'OPEN', 'ONE_SHOT_CLOSE', 'ONE_SHOT_OPEN'];
    expect(allowed('Vehicle.Cabin.Door.Row2.PassengerSide.Window.Switch')).toEqual(movable);
    expect(allowed('Vehicle.Cabin.Sunroof.Switch')).toEqual([...movable, 'TILT_UP', 'TILT_DOWN']);
    expect(allowed('Vehicle.Cabin.HVAC.Station.Row1.Driver.AirDistribution')).toEqual([
      'UP',
      'MIDDLE',
      'DOWN',
    ]);
    expect(allowed('Vehicle.Cabin.Seat.Row1.Middle.OccupancyStatus')).toEqual([
      'UNKNOWN',
      'OCCUPIED',
      'EMPTY',
    ]);
    expect(allowed('Vehicle.Cabin.Infotainment.Navigation.Mute')).toEqual(['MUTED', 'ALERT_ONLY', 'UNMUTED']);
    expect(allowed('Vehicle.Body.Windshield.Front.Wiping.Mode')).toEqual([
      ...['OFF', 'SLOW', 'MEDIUM', 'FAST', 'INTERVAL', 'RAIN_SENSOR'],
    ]);
  });

  it('cover what a driver monitor and an assistant touch', () => {
    const below = (branch: string) => tree.branches.get(branch)?.length ?? 0;
    expect(tree.signals.length).toBeGreaterThan(300);
    for (const branch of [
      'Driver',
      'Occupant',
      'ADAS.DMS',
      'Powertrain',
      'Chassis',
      'Body',
      'CurrentLocation',
    ])
      expect(below(`Vehicle.${branch}`)).toBeGreaterThan(3);
    for (const branch of ['HVAC', 'Door', 'Seat', 'Sunroof', 'Light', 'Infotainment'])
      expect(below(`Vehicle.Cabin.${branch}`)).toBeGreaterThan(4);
    expect(tree.signals.filter(({ kind }) => kind === 'actuator').length).toBeGreaterThan(150);
    for (const private_ of ['Kss', 'Eyes.Perclos', 'Eyes.BlinkDuration', 'Eyes.MicrosleepCount', 'Gaze.Zone'])
      expect(tree.byPath.has(`Vehicle.Driver.Vigil.${private_}`)).toBe(true);
    expect(tree.byPath.has('Vehicle.Cabin.Infotainment.Vigil.Assistant.State')).toBe(true);
  });

  it('keep everything private below a branch named Vigil, and nothing else there', () => {
    const overlay = tree.signals.filter(({ path }) => path.includes('.Vigil.'));
    expect(overlay.map(({ path }) => path)).toContain('Vehicle.Driver.Vigil.Eyes.Perclos');
    expect(requireSignal(tree, 'Vehicle.Driver.Vigil.State').allowed).toContain('MICROSLEEP');
    expect(requireSignal(tree, 'Vehicle.ADAS.DMS.Vigil.Availability').allowed).toContain('UNAVAILABLE');
    const standard = loadTree(standardCatalogues.slice(0, -1));
    expect(standard.signals.filter(({ path }) => path.includes('Vigil'))).toEqual([]);
    expect(standard.signals.length + overlay.length).toBe(tree.signals.length);
  });

  it('are ordered by path, indexed by position, and know the leaves of every branch', () => {
    const paths = tree.signals.map(({ path }) => path);
    expect(paths).toEqual([...paths].sort());
    tree.signals.forEach((signal, i) => {
      expect(signal.index).toBe(i);
    });
    for (const [branch, leaves] of tree.branches) {
      expect(leaves.map(({ path }) => path)).toEqual(paths.filter((path) => path.startsWith(`${branch}.`)));
    }
    expect(branchesAbove('Vehicle.A.B')).toEqual(['Vehicle.A', 'Vehicle']);
  });
});

describe('a catalogue', () => {
  const parse = (entry: string, path = 'Vehicle.X'): unknown =>
    parseCatalogue(`catalogue: t\nsignals:\n  '${path}': ${entry}\n`, 'x.yaml');

  it('expands alternatives in paths', () => {
    expect(expandPath('A.Row{1,2}.{X,Y}')).toEqual(['A.Row1.X', 'A.Row1.Y', 'A.Row2.X', 'A.Row2.Y']);
  });

  it.each([
    ['{ kind: gauge, datatype: float, about: a }', 'sensor, actuator, attribute for kind'],
    ['{ kind: sensor, datatype: int64, about: a }', 'for datatype'],
    ['{ kind: sensor, datatype: float, unit: furlong, about: a }', 'for unit'],
    ['{ kind: sensor, datatype: boolean, unit: percent, about: a }', 'no unit for a boolean'],
    ['{ kind: sensor, datatype: float, min: 2, max: 1, about: a }', 'min not above max'],
    ['{ kind: sensor, datatype: uint8, max: 256, about: a }', 'a uint8 for max'],
    ['{ kind: sensor, datatype: int8, min: 0.5, about: a }', 'a int8 for min'],
    ['{ kind: sensor, datatype: string, min: 0, about: a }', 'no min for a string'],
    ['{ kind: sensor, datatype: string, allowed: [], about: a }', 'a list of values for allowed'],
    ['{ kind: sensor, datatype: string, allowed: [A, A], about: a }', 'different values'],
    ['{ kind: sensor, datatype: string, allowed: [A, 1], about: a }', 'string values in allowed'],
    ['{ kind: sensor, datatype: uint8, max: 3, allowed: [2, 4], about: a }', 'uint8 values in allowed'],
    ['{ kind: sensor, datatype: float }', 'a description for about'],
    ['{ kind: sensor, datatype: float, about: a, colour: red }', 'only the keys'],
    ['7', 'a mapping'],
  ])('refuses %s and says what it expected, in which file, at which path', (entry, expected) => {
    const error = thrownBy(() => parse(entry));
    expect(error).toBeInstanceOf(VigilError);
    expect(error.code).toBe('SIGNAL_TREE_INVALID');
    expect(error.message).toContain('x.yaml: Vehicle.X: expected');
    expect(error.message).toContain(expected);
  });

  it.each(['Vehicle', 'Car.X', 'Vehicle.x', 'Vehicle..X', 'Vehicle.X-Y'])('refuses the path %s', (path) => {
    expect(thrownBy(() => parse('{ kind: sensor, datatype: float, about: a }', path)).code).toBe(
      'SIGNAL_TREE_INVALID',
    );
  });

  it('refuses doubled paths and paths that are leaf and branch at once', () => {
    const define = (path: string): ReturnType<typeof parseCatalogue> =>
      parseCatalogue(
        `catalogue: t\nsignals:\n  ${path}: { kind: sensor, datatype: float, about: a }\n`,
        `${path}.yaml`,
      );
    expect(() => buildTree([...define('Vehicle.X'), ...define('Vehicle.X')])).toThrow(/one definition/);
    expect(() => buildTree([...define('Vehicle.X'), ...define('Vehicle.X.Y')])).toThrow(/a leaf/);
  });

  it('names a file that is missing or is not YAML', () => {
    expect(thrownBy(() => loadTree(['no/such.yaml'])).message).toContain('no/such.yaml');
    expect(thrownBy(() => parseCatalogue('{', 'broken.yaml')).message).toContain(
      'broken.yaml: expected YAML',
    );
  });
});

describe('values', () => {
  it.each([
    ['Vehicle.Speed', 51.5, undefined],
    ['Vehicle.Speed', 'fast', 'type'],
    ['Vehicle.Speed', NaN, 'not-a-number'],
    ['Vehicle.Speed', Infinity, 'not-a-number'],
    ['Vehicle.Speed', 1e39, 'range'],
    ['Vehicle.Chassis.Brake.PedalPosition', 100, undefined],
    ['Vehicle.Chassis.Brake.PedalPosition', 101, 'range'],
    ['Vehicle.Chassis.Brake.PedalPosition', -1, 'range'],
    ['Vehicle.Chassis.Brake.PedalPosition', 0.5, 'type'],
    ['Vehicle.Chassis.SteeringWheel.Angle', -32_768, undefined],
    ['Vehicle.Chassis.SteeringWheel.Angle', 32_768, 'range'],
    ['Vehicle.IsMoving', 1, 'type'],
    ['Vehicle.IsMoving', false, undefined],
    ['Vehicle.LowVoltageSystemState', 'ON', undefined],
    ['Vehicle.LowVoltageSystemState', 'BROKEN', 'allowed'],
  ])('%s = %s: %s', (path, value, kind) => {
    expect(checkValue(requireSignal(tree, path), value)?.kind).toBe(kind);
  });

  it('are refused to callers with path, expectation and what came', () => {
    const error = thrownBy(() =>
      requireValue(requireSignal(tree, 'Vehicle.Chassis.Brake.PedalPosition'), 120),
    );
    expect(error.code).toBe('INVALID_VALUE');
    expect(error.message).toContain(
      'Expected 0 to 100 percent for Vehicle.Chassis.Brake.PedalPosition but received 120',
    );
  });

  it('belong to leaves: a branch or an unknown path is an error that says so', () => {
    expect(thrownBy(() => requireSignal(tree, 'Vehicle.Driver')).message).toContain('a branch');
    expect(thrownBy(() => requireSignal(tree, 'Vehicle.Nothing')).code).toBe('UNKNOWN_SIGNAL');
  });
});
