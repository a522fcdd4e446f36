import { describe, expect, it } from 'vitest';
import { watchClip } from '../hil/eval/gaze-clips.js';
import { lineThrough } from '../hil/eval/gaze-rendered.js';
import { gazeTargets, lookingAt } from '../hil/eval/gaze-targets.js';
import { judgeLooks, posedLooks, restPoses, type Side } from '../hil/eval/gaze-zones.js';
import type { FacePose } from '../hil/synthetic/face-pose.js';
import type { FaceSeen } from '../src/camera/observation.js';
import { faceAt, perform } from './70-support/person.js';
import { policy } from './70-support/watch.js';

/** What a perfect vision chain would read of a pose. */
function perfectFace(pose: Partial<FacePose>): FaceSeen {
  const { headYawDeg = 0, headPitchDeg = 0, gazeAzimuthDeg = 0, gazeElevationDeg = 0 } = pose;
  return {
    ...faceAt(0, 0, 0.28, headYawDeg, headPitchDeg),
    gaze: {
      azimuthDeg: headYawDeg + gazeAzimuthDeg,
      elevationDeg: headPitchDeg + gazeElevationDeg,
      confidence: 1,
    },
  };
}

describe('evaluation of gaze', () => {
  it.each<Side>(['lhd', 'rhd'])(
    'gives a perfect vision chain full marks, %s, owl and lizard, through a camera that looks up',
    (side) => {
      const ahead = restPoses(side).map(perfectFace);
      const looks = posedLooks(side).map((look) => ({ ...look, face: perfectFace(look.pose) }));
      const judged = judgeLooks(side, ahead, looks, policy, false);
      expect(judged.length).toBeGreaterThan(20);
      for (const { target, movement, zone, rightAway } of judged) {
        expect(zone, `${movement} ${target.name}`).toBe(target.zone);
        expect(rightAway, `${movement} ${target.name}`).toBe(true);
      }
    },
  );

  it('counts a lost face against it', () => {
    const ahead = restPoses('lhd').map(perfectFace);
    const [look] = posedLooks('lhd');
    const [judged] = judgeLooks('lhd', ahead, [{ ...look, face: null }], policy);
    expect(judged).toMatchObject({ seen: false, zone: null, rightZone: false, rightAway: false });
  });

  it('poses a look so that head and eyes add up to it, as far as they reach', () => {
    const rest = { yawDeg: 5, pitchDeg: 10 };
    for (const { direction } of gazeTargets)
      for (const movement of ['owl', 'lizard'] as const) {
        const { pose, missedDeg } = lookingAt(direction, rest, movement);
        const off = Math.hypot(
          pose.headYawDeg! + pose.gazeAzimuthDeg! - direction.yawDeg,
          pose.headPitchDeg! + pose.gazeElevationDeg! - direction.pitchDeg,
        );
        expect(off).toBeCloseTo(missedDeg, 6);
        if (
          movement === 'lizard' &&
          Math.abs(direction.yawDeg - 5) < 35 &&
          Math.abs(direction.pitchDeg - 10) < 25
        )
          expect(pose.headYawDeg).toBeCloseTo(5, 6);
      }
  });

  it('fits a line through readings', () => {
    const pairs = [-20, -5, 0, 10, 15].map((truth) => [truth, 3 + 0.5 * truth] as const);
    expect(lineThrough(pairs)).toMatchObject({ n: 5, slope: 0.5 });
    expect(lineThrough(pairs).offsetDeg).toBeCloseTo(3, 9);
    expect(lineThrough(pairs).errorDeg).toBeCloseTo(5, 9);
  });

  it('tells how long somebody on film looked ahead', async () => {
    const observations = perform({ lengthMs: 30_000, turns: [{ fromMs: 20_000, forMs: 3000, yawDeg: 45 }] });
    const film = (async function* () {
      for (const observation of observations) yield await Promise.resolve(observation);
    })();
    const { roadShare, awayShare, unknownShare, seconds } = await watchClip('film', film);
    expect(seconds).toBeCloseTo(30, 0);
    expect(awayShare).toBeCloseTo(0.103, 2);
    expect(roadShare + awayShare + unknownShare).toBeCloseTo(1, 9);
  });
});
