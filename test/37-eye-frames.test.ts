import { describe, expect, it } from 'vitest';
import { lidLabel, scoreClip } from '../hil/eval/eye-frames.js';
import type { EyeObservation, FaceObservation } from '../src/camera/observation.js';

const labels = [
  { start: 100, peak: 102, end: 106, uncertain: false },
  { start: 200, peak: 220, end: 240, uncertain: false },
  { start: 300, peak: 301, end: 303, uncertain: true },
];

describe('labels of frames', () => {
  it('a blink is closed at its peak only, a long closure but for its ends', () => {
    expect([99, 100, 101, 102, 103, 105, 106].map((frame) => lidLabel(frame, labels))).toEqual([
      null,
      null,
      null,
      'closed',
      null,
      null,
      null,
    ]);
    expect([202, 203, 220, 236, 237].map((frame) => lidLabel(frame, labels))).toEqual([
      null,
      'closed',
      'closed',
      'closed',
      null,
    ]);
  });

  it('open is far from any event, and every sixth frame; uncertain events say nothing', () => {
    expect([60, 61, 84, 90, 114, 120].map((frame) => lidLabel(frame, labels))).toEqual([
      'open',
      null,
      'open',
      null,
      null,
      'open',
    ]);
    for (let frame = 288; frame < 315; frame++) expect(lidLabel(frame, labels)).toBeNull();
  });
});

describe('eyes cut from films', () => {
  const image = { brightness: 0.5, contrast: 0.2, sharpness: 100, saturatedShare: 0 };

  function face(frame: number, eye: EyeObservation): FaceObservation {
    return {
      kind: 'face',
      t: frame * 40,
      frame,
      presence: 1,
      box: { x: 0, y: 0, width: 1, height: 1 },
      eyes: { left: eye, right: { ...eye, weight: 0 } },
      mouthOpening: 0,
      head: { yawDeg: 0, pitchDeg: 0, rollDeg: 0 },
      gaze: { azimuthDeg: 0, elevationDeg: 0, confidence: 1 },
      image,
    };
  }

  async function* film(): AsyncGenerator<FaceObservation, void, undefined> {
    await Promise.resolve();
    for (let frame = 0; frame < 200; frame++) {
      const closed = frame === 102;
      // Geometry misses the closure; the network sees it, and errs at frame 0.
      const closedProbability = closed || frame === 0 ? 0.9 : 0.2;
      yield frame === 12
        ? { kind: 'noFace', t: 480, frame, presence: 0, image }
        : face(frame, { openness: 0.3, weight: 1, ...(frame === 18 ? {} : { closedProbability }) });
    }
  }

  it('counts eyes that were seen and asked, by network and by lid gap', async () => {
    const { closures, network, geometry } = await scoreClip('film', film(), labels);
    const open = Array.from({ length: 200 }, (_, frame) => lidLabel(frame, labels)).filter(
      (l) => l === 'open',
    );
    // Two open frames are left out: no face at 12, not asked at 18.
    const n = open.length - 2 + 1;
    expect(closures).toBe(2);
    expect(network).toMatchObject({ n, closed: 1, closedRecall: 1 });
    expect(network.openRecall).toBeCloseTo((n - 2) / (n - 1), 12);
    expect(geometry).toMatchObject({ n, closedRecall: 0, openRecall: 1, balancedAccuracy: 0.5 });
  });
});
