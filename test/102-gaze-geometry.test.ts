import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { areaOfBox, distanceDeg, mirrored, overlap } from '../src/driver/gaze/area.js';
import { checkCabin, gazeZones } from '../src/driver/gaze/cabin-check.js';
import { loadCabin } from '../src/driver/gaze/cabin.js';
import { mountAimedAtEyes, toCamera, toVehicle } from '../src/driver/gaze/vehicle-frame.js';
import { inArea3, zoneAt } from '../src/driver/gaze/zones.js';
import { signalsDir } from '../src/runtime/paths.js';
import { parse } from 'yaml';

const lhd = loadCabin('generic-lhd');
const rhd = loadCabin('generic-rhd');

const angle = (limit: number) => fc.double({ min: -limit, max: limit, noNaN: true });
const directions = fc.record({ yawDeg: angle(179), pitchDeg: angle(85) });

describe('vehicle frame', () => {
  it('brings the zero to straight ahead, whatever the mount', () => {
    fc.assert(
      fc.property(angle(70), angle(40), angle(20), (yawDeg, pitchDeg, rollDeg) => {
        const ahead = toVehicle({ yawDeg, pitchDeg }, { yawDeg, pitchDeg, rollDeg });
        expect(ahead.yawDeg).toBeCloseTo(0, 6);
        expect(ahead.pitchDeg).toBeCloseTo(0, 6);
      }),
    );
  });

  it('is a difference of angles for a level camera, and not for one that looks up', () => {
    const level = toVehicle({ yawDeg: -20, pitchDeg: -10 }, { yawDeg: 25, pitchDeg: 0 });
    expect(level.yawDeg).toBeCloseTo(-45, 6);
    expect(level.pitchDeg).toBeCloseTo(-10, 6);
    const zero = { yawDeg: 0, pitchDeg: 20 };
    expect(toVehicle({ yawDeg: 0, pitchDeg: -5 }, zero).pitchDeg).toBeCloseTo(-25, 6);
    // A level look to the left, 60 degrees: a camera that looks up at the driver reads it as 10 degrees up.
    const seen = { yawDeg: 61.5, pitchDeg: 9.8 };
    expect(toVehicle(seen, zero).yawDeg).toBeCloseTo(60, 0);
    expect(toVehicle(seen, zero).pitchDeg).toBeCloseTo(0, 0);
  });

  it('has a way back', () => {
    fc.assert(
      fc.property(angle(80), angle(60), angle(50), angle(30), (yawDeg, pitchDeg, yaw0, pitch0) => {
        const zero = { yawDeg: yaw0, pitchDeg: pitch0 };
        const back = toVehicle(toCamera({ yawDeg, pitchDeg }, zero), zero);
        // At the zenith an arc sine tells little.
        expect(back.yawDeg).toBeCloseTo(yawDeg, 3);
        expect(back.pitchDeg).toBeCloseTo(pitchDeg, 4);
      }),
    );
  });

  it('takes the roll of the camera out', () => {
    const zero = { yawDeg: 0, pitchDeg: 0, rollDeg: 90 };
    // Leaning to the right by a quarter turn, up in the image is to the driver's left in the car.
    const up = toVehicle({ yawDeg: 0, pitchDeg: 30 }, zero);
    expect(up.yawDeg).toBeCloseTo(30, 6);
    expect(up.pitchDeg).toBeCloseTo(0, 6);
  });

  it('knows where straight ahead reads for a camera aimed at the eyes', () => {
    expect(mountAimedAtEyes({ forwardCm: 80, leftCm: 0, upCm: -30 }).pitchDeg).toBeCloseTo(20.56, 1);
    const side = mountAimedAtEyes({ forwardCm: 50, leftCm: -50, upCm: 0 });
    // The camera stands to the driver's right, so straight ahead is left of its lens.
    expect(side.yawDeg).toBeCloseTo(45, 6);
    expect(side.pitchDeg).toBeCloseTo(0, 6);
  });
});

describe('areas', () => {
  const box = { azimuthDeg: [-10, 10], elevationDeg: [-5, 5] } as const;

  it('measure how far out or how deep in a direction is', () => {
    expect(distanceDeg({ yawDeg: 0, pitchDeg: 0 }, box)).toBe(-5);
    expect(distanceDeg({ yawDeg: 13, pitchDeg: 0 }, box)).toBe(3);
    expect(distanceDeg({ yawDeg: 0, pitchDeg: -9 }, box)).toBe(4);
    const behind = { azimuthDeg: [105, 255], elevationDeg: [-90, 30] } as const;
    expect(distanceDeg({ yawDeg: -170, pitchDeg: 0 }, behind)).toBeLessThan(0);
    expect(distanceDeg({ yawDeg: -100, pitchDeg: 0 }, behind)).toBeCloseTo(5, 6);
  });

  it('mirror twice to themselves, and keep distances', () => {
    fc.assert(
      fc.property(directions, fc.constantFrom(...lhd.zones), ({ yawDeg, pitchDeg }, zone) => {
        const there = distanceDeg({ yawDeg, pitchDeg }, zone);
        expect(distanceDeg({ yawDeg: -yawDeg, pitchDeg }, mirrored(zone))).toBeCloseTo(there, 6);
        const back = mirrored(mirrored(zone));
        expect([...back.azimuthDeg, ...back.elevationDeg]).toEqual([
          ...zone.azimuthDeg,
          ...zone.elevationDeg,
        ]);
      }),
    );
  });

  it('hold every point of a box that they were made from', () => {
    const side = (from: number, to: number) =>
      fc.tuple(fc.double({ min: from, max: to, noNaN: true }), fc.double({ min: 1, max: 60, noNaN: true }));
    fc.assert(
      fc.property(
        side(20, 200),
        side(-100, 100),
        side(-100, 100),
        fc.tuple(fc.nat(100), fc.nat(100), fc.nat(100)),
        (forward, left, up, at) => {
          const ranges = [forward, left, up].map(([from, size]) => [from, from + size] as const);
          const area = areaOfBox({ forward: ranges[0], left: ranges[1], up: ranges[2] });
          const [x, y] = ranges.map(([from, to], i) => from + ((to - from) * at[i]) / 100);
          const yawDeg = (Math.atan2(y, x) * 180) / Math.PI;
          expect(yawDeg).toBeGreaterThanOrEqual(area.azimuthDeg[0] - 1e-9);
          expect(yawDeg).toBeLessThanOrEqual(area.azimuthDeg[1] + 1e-9);
        },
      ),
    );
  });
});

describe('cabin files', () => {
  it('hold every zone once, apart from each other, with mirrors and cluster as driving tasks', () => {
    for (const cabin of [lhd, rhd]) {
      expect(cabin.zones.map(({ zone }) => zone)).toEqual(gazeZones);
      cabin.zones.forEach((a, i) =>
        cabin.zones.slice(0, i).forEach((b) => expect(overlap(a, b), `${a.zone} ${b.zone}`).toBe(false)),
      );
      expect(cabin.zones.filter(({ drivingTask }) => drivingTask).map(({ zone }) => zone)).toEqual([
        'driverSideMirror',
        'passengerSideMirror',
        'rearViewMirror',
        'instrumentCluster',
      ]);
    }
    expect(rhd.driverSide).toBe('right');
  });

  // Published geometric estimates for a left-hand drive car, their + to the RIGHT.
  it.each([
    ['roadAhead', 1, -3],
    ['instrumentCluster', 4, -25],
    ['instrumentCluster', 5, -24],
    ['infotainment', 23, -13],
    ['rearViewMirror', 29, 16],
    ['infotainment', 33, -20],
    ['driverSideMirror', -39, -12],
    ['passengerSideMirror', 46, -6],
    ['gloveBox', 53, -23],
    ['lap', 13, -50],
    ['lap', 30, -60],
    ['passenger', 82, 4],
    ['driverSideWindow', -80, 0],
  ] as const)('%s is where the target lists have it: %d/%d', (zone, rightDeg, pitchDeg) => {
    expect(zoneAt({ yawDeg: -rightDeg, pitchDeg }, lhd, null, 6).zone).toBe(zone);
    expect(zoneAt({ yawDeg: rightDeg, pitchDeg }, rhd, null, 6).zone).toBe(zone);
  });

  const text = readFileSync(join(signalsDir, 'cabin', 'generic-lhd.yaml'), 'utf8');
  const changed = (change: (root: Record<string, Record<string, unknown>>) => void) => {
    const root = parse(text) as Record<string, Record<string, unknown>>;
    change(root);
    return () => checkCabin(root, 'file');
  };
  const boxed = (forward: number[]) => ({
    mark: 'E',
    clause: 'x',
    boxCm: { forward, left: [0, 1], up: [0, 1] },
  });
  const road = { azimuthDeg: [-20, 20], elevationDeg: [-12, 12], mark: 'E', clause: 'x' };

  it.each([
    ['zones.roof', changed(({ zones }) => delete zones['roof'])],
    ['zones.ceiling', changed(({ zones }) => (zones['ceiling'] = road))],
    [
      'zones.driverSideMirror',
      changed(({ zones }) => (zones['roadAhead'] = { ...road, azimuthDeg: [-30, 45] })),
    ],
    [
      'zones.roadAhead.azimuthDeg',
      changed(({ zones }) => (zones['roadAhead'] = { ...road, azimuthDeg: [20, -20] })),
    ],
    [
      'zones.roadAhead.elevationDeg',
      changed(({ zones }) => (zones['roadAhead'] = { ...road, elevationDeg: [-95, 5] })),
    ],
    ['zones.roadAhead.mark', changed(({ zones }) => (zones['roadAhead'] = { ...road, mark: 'X' }))],
    ['zones.roadAhead.clause', changed(({ zones }) => (zones['roadAhead'] = { ...road, clause: '' }))],
    ['zones.roadAhead.colour', changed(({ zones }) => (zones['roadAhead'] = { ...road, colour: 1 }))],
    [
      'zones.roadAhead.drivingTask',
      changed(({ zones }) => (zones['roadAhead'] = { ...road, drivingTask: 1 })),
    ],
    ['zones.footwell.boxCm.forward', changed(({ zones }) => (zones['footwell'] = boxed([-5, 20])))],
    ['driverSide', changed((root) => (root['driverSide'] = {}))],
    ['version', changed((root) => delete root['version'])],
  ])('are refused with the entry named: %s', (where, check) => {
    expect(check).toThrow(
      expect.objectContaining({
        code: 'CABIN_INVALID',
        message: expect.stringContaining(`${where} `) as string,
      }) as Error,
    );
  });

  it('are named when they are missing or the mirror of a mirror', () => {
    expect(() => loadCabin('none')).toThrow(expect.objectContaining({ code: 'CABIN_UNREADABLE' }) as Error);
    const folder = mkdtempSync(join(tmpdir(), 'vigil-cabin-'));
    try {
      for (const [id, of] of [
        ['a', 'b'],
        ['b', 'a'],
      ])
        writeFileSync(join(folder, `${id}.yaml`), `id: ${id}\nversion: 1\ntitle: x\nmirrorOf: ${of}\n`);
      writeFileSync(join(folder, 'c.yaml'), text);
      for (const id of ['a', 'c'])
        expect(() => loadCabin(id, folder)).toThrow(
          expect.objectContaining({ code: 'CABIN_INVALID' }) as Error,
        );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('zones', () => {
  it('give every direction one, keep it for small movements, and are surer inside than at the border', () => {
    fc.assert(
      fc.property(directions, angle(1), angle(1), (direction, yaw, pitch) => {
        const look = zoneAt(direction, lhd, null, 6);
        expect(look.confidence).toBeGreaterThanOrEqual(0);
        expect(look.confidence).toBeLessThanOrEqual(1);
        const near = { yawDeg: direction.yawDeg + yaw, pitchDeg: direction.pitchDeg + pitch };
        // Two distances change by at most 1.5 degrees each, which is the hysteresis.
        if (Math.hypot(yaw, pitch) < 1) expect(zoneAt(near, lhd, look.zone, 6).zone).toBe(look.zone);
        if (look.zone === 'roadAhead')
          expect(zoneAt(direction, lhd, null, 6, true).zone).not.toBe('roadAhead');
      }),
    );
    expect(zoneAt({ yawDeg: 0, pitchDeg: 0 }, lhd, null, 6).confidence).toBe(1);
    expect(zoneAt({ yawDeg: -21.5, pitchDeg: -12 }, lhd, null, 6).confidence).toBeLessThan(0.3);
  });

  it('see area 3 below 30 degrees, between the planes at 55 degrees', () => {
    const at = (yawDeg: number, pitchDeg: number, factor = 1) => inArea3({ yawDeg, pitchDeg }, lhd, factor);
    expect(at(0, -29.9)).toBe(false);
    expect(at(0, -30.1)).toBe(true);
    expect(at(-54, -40)).toBe(true);
    expect(at(-56, -40)).toBe(false);
    expect(at(56, -40)).toBe(false);
    expect(at(0, -35, 1.4)).toBe(false);
    expect(at(0, -45, 1.4)).toBe(true);
    // A side window that reaches low takes its margin out.
    const low = { ...lhd.windows[0], azimuthDeg: [36, 60], elevationDeg: [-28, 10] } as const;
    expect(inArea3({ yawDeg: 50, pitchDeg: -35 }, { ...lhd, windows: [low] })).toBe(false);
  });
});
