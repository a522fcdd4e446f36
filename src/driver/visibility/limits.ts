/**
 * What visibility is judged by. Every number is our own choice (mark E: engineering), for the reason beside it;
 * docs/visibility.md says what was measured with them.
 */
export const visibilityLimits = {
  image: {
    /** A picture with less contrast shows nothing: something lies on the lens. 0.03 is 8 grey levels. */
    coveredContrast: 0.03,
    /** Without a face, pictures below this mean are called dark rather than covered. */
    darkBrightness: 0.03,
    /** A face of less than 9 grey levels' mean has 3 levels between lid and iris: less than a sensor's noise. */
    darkFace: 0.035,
    /**
     * `ImageQuality.detail`: filmed faces have 0.33 and more, the same behind a blur of a tenth of the distance
     * between the eyes 0.03 to 0.09, with noise of 2 levels in both. Less than this, the lids' edges are gone.
     */
    blurredDetail: 0.1,
    /** A face that was sharper is blurred already at a quarter of its own detail, up to this much. */
    blurredShare: 0.25,
    blurredAtMost: 0.2,
    detailMemoryMs: 10_000,
    /** Sensor noise never repeats; compressed webcams repeat one frame, at most two. */
    stillMs: 1000,
  },
  eye: {
    /** Nothing but skin, glass or a bar has so little structure: eyes have 0.07 and more of the cheek's luma. */
    flatContrast: 0.05,
    /** Blurred behind something: closed lids keep 0.7 and more of the open eye's structure. */
    flattened: 0.5,
    contrastMemoryMs: 10_000,
    /** A quarter of the patch white: lids and iris are not seen. */
    blindedShare: 0.25,
    /** Dark glasses, dark hair: darker than half the cheek, and not as usual. */
    darkBrightness: 0.5,
    darkFamiliarity: 0.75,
    /** Below this openness the landmarks claim half-closed, and closed lids. */
    halfOpen: 0.15,
    closed: 0.08,
    /** Familiarity that an open, a half-closed and a closed eye keeps at least: lids change the picture. */
    familiar: { open: 0.6, halfClosed: 0.5, closed: 0.42 },
    /** Both eyes together may be this much less familiar when neither is more familiar than `pairMax`. */
    pairMargin: 0.15,
    pairMax: 0.7,
    /** Before this driver's eyes are learnt: a drawn eye correlates by 0.43 and more with open ones. */
    likeness: 0.3,
    /** Lids that seem shut are only doubted at once when they look like no lids at all: a sleeper must be seen. */
    certainFamiliarity: 0.2,
    /** The same for lids that were seen to come down: they are what they were, unless nothing of them is left. */
    closingFamiliarity: 0.05,
    /** So long after lids were seen to come down they are taken for lids: a sleeper has been warned twice by then. */
    closingMs: 4500,
    /** An eye is seen to close when it was seen open this shortly before. */
    seenBeforeMs: 300,
    /** Seen from the side an eye looks otherwise than it was learnt; so it does when the head is lifted or sinks. */
    maxYawDeg: 25,
    maxPitchDeg: 25,
    /** A camera below or above the face sees a level head this much pitched, at most. */
    maxLevelPitchDeg: 15,
    minWeight: 0.5,
  },
  surroundings: {
    /** Closed lids left 0.69 to 0.99 of it on filmed eyes, 0.9 and more on rendered ones; bars and glasses at most 0.7. */
    same: 0.8,
    /** Hands left at most 0.51. A rendered head that nods by 24 degrees leaves 0.52, by 16 degrees 0.63. */
    changed: 0.55,
    /** And so much less than while the eyes were open: strange light is there with open eyes, too. */
    drop: 0.3,
    /** Longer than a hand needs to come before the eyes. */
    memoryMs: 2000,
    /** What resembles the eye in such a face: strands of hair reach 0.7, eyes that are seen 0.8. */
    familiar: 0.75,
    /** A head that turns by 15 degrees changes as much as a hand does. */
    maxTurnDeg: 12,
  },
  lowerFace: {
    /** Talking and laughing keep 0.3 and more most of the time; a mask or a hand stays around 0. */
    familiar: 0.25,
    /** Since the eyes were seen open: a mouth that is seen from above is another picture. */
    maxNodDeg: 15,
    /** A mask has no lips: 0.05 of the cheek's luma, faces 0.07 and more. */
    flatContrast: 0.06,
  },
  lids: {
    /** People who look at something hard blink four times a minute at least; rested drivers 15 to 20 times. */
    noBlinkMs: 40_000,
    /** Relative spread of openness over that time below which not even the glances show: landmarks' own noise. */
    noiseSpread: 0.025,
  },
} as const;

/** How long a cause must be seen, and be gone, before it is said so; ms of frames that can tell. */
export const faultTimes = {
  cameraCovered: { onMs: 1000, offMs: 500 },
  imageTooDark: { onMs: 1000, offMs: 500 },
  imageSaturated: { onMs: 1000, offMs: 500 },
  imageUniform: { onMs: 1000, offMs: 500 },
  outOfFocus: { onMs: 2000, offMs: 1000 },
  /** The picture has stood for `stillMs` by then. */
  imageFrozen: { onMs: 0, offMs: 0 },
  wrongSeat: { onMs: 2000, offMs: 1000 },
  /** Shorter than a microsleep, which a hand before the eyes would else be taken for. */
  eyesCovered: { onMs: 700, offMs: 1000 },
  glare: { onMs: 700, offMs: 1000 },
  oneEyeCovered: { onMs: 2000, offMs: 2000 },
  oneEyeGlare: { onMs: 1000, offMs: 2000 },
  lowerFaceCovered: { onMs: 3000, offMs: 2000 },
  /** Longer than the detector's interval of 3 s: two looks must agree. */
  severalFaces: { onMs: 3500, offMs: 0 },
  eyesNotBlinking: { onMs: 0, offMs: 0 },
} as const;
