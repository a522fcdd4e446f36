import { speechRate } from '../../audio/resampler.js';
import { voiceFrame } from '../../audio/voice-activity.js';

/** Samples of one millisecond. */
export const samplesPerMs = speechRate / 1000;

/** Length of one frame of voice activity, ms. */
export const frameMs = voiceFrame / samplesPerMs;
