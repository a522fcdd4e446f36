/** How a unit relates to the base unit of its dimension: base = value * factor + offset. */
interface UnitMeaning {
  readonly dimension: string;
  readonly factor: number;
  readonly offset: number;
}

const dimensions: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  speed: { 'km/h': 1, kph: 1, kmh: 1, kmph: 1, 'm/s': 3.6, mps: 3.6, mph: 1.609344, 'mi/h': 1.609344 },
  acceleration: { 'm/s^2': 1, 'm/s2': 1, 'm/s/s': 1, 'm/s²': 1, 'm/ss': 1, g: 9.80665 },
  length: { m: 1, mm: 0.001, cm: 0.01, km: 1000, mi: 1609.344, miles: 1609.344, inch: 0.0254 },
  time: { s: 1, sec: 1, ms: 0.001, min: 60, h: 3600, hr: 3600 },
  angle: { degrees: 1, degree: 1, deg: 1, '°': 1, rad: 180 / Math.PI, mrad: 0.18 / Math.PI },
  'rate of turn': { 'degrees/s': 1, 'deg/s': 1, 'd/s': 1, '°/s': 1, 'rad/s': 180 / Math.PI, dps: 1 },
  share: { percent: 1, '%': 1, ratio: 100 },
  'rotational speed': { rpm: 1, '1/min': 1, 'rev/min': 1 },
  torque: { nm: 1 },
  volume: { l: 1, litre: 1, liter: 1, ml: 0.001, gal: 3.785411784 },
  pressure: { kpa: 1, bar: 100, mbar: 0.1, pa: 0.001, psi: 6.894757293168361 },
  voltage: { v: 1, mv: 0.001 },
  current: { a: 1, ma: 0.001 },
  'light on a surface': { lx: 1, lux: 1 },
  'heart beats': { bpm: 1 },
  'events per minute': { cpm: 1 },
};

/** Base unit Celsius. */
const temperatures: Readonly<Record<string, readonly [factor: number, offset: number]>> = {
  celsius: [1, 0],
  degc: [1, 0],
  c: [1, 0],
  '°c': [1, 0],
  'deg c': [1, 0],
  k: [1, -273.15],
  kelvin: [1, -273.15],
  f: [5 / 9, -160 / 9],
  degf: [5 / 9, -160 / 9],
  '°f': [5 / 9, -160 / 9],
};

function meanings(): Map<string, UnitMeaning> {
  const found = new Map<string, UnitMeaning>();
  for (const [dimension, units] of Object.entries(dimensions)) {
    for (const [unit, factor] of Object.entries(units)) found.set(unit, { dimension, factor, offset: 0 });
  }
  for (const [unit, [factor, offset]] of Object.entries(temperatures))
    found.set(unit, { dimension: 'temperature', factor, offset });
  return found;
}

const known = meanings();

/** Spellings differ in case from one DBC to the next; none of the units we know does by meaning. */
function meaningOf(unit: string): UnitMeaning | undefined {
  return known.get(unit.trim().toLowerCase());
}

export type UnitConversion =
  /** `to` = value in `from` * factor + offset. */
  | { readonly kind: 'linear'; readonly factor: number; readonly offset: number }
  /** Both are known and measure different things. */
  | { readonly kind: 'different'; readonly from: string; readonly to: string }
  /** One of them is not in the table. */
  | { readonly kind: 'unknown'; readonly unit: string };

/** How a value in a DBC's unit becomes one in a VSS unit. Pure. */
export function convertUnit(from: string, to: string): UnitConversion {
  const [source, target] = [meaningOf(from), meaningOf(to)];
  if (source === undefined) return { kind: 'unknown', unit: from };
  if (target === undefined) return { kind: 'unknown', unit: to };
  if (source.dimension !== target.dimension)
    return { kind: 'different', from: source.dimension, to: target.dimension };
  return {
    kind: 'linear',
    factor: source.factor / target.factor,
    offset: (source.offset - target.offset) / target.factor,
  };
}
