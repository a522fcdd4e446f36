import { speechRate } from '../../../audio/resampler.js';
import { level, pole } from './noise.js';
import type { Random } from './random.js';

/** A small room: the sound itself and echoes of random sign that die away, 60 dB within 0.05 to 0.5 s. */
export function reverberated(samples: Float32Array, random: Random): Float32Array {
  const decayS = random.between(0.05, 0.5);
  const echoes = 90;
  const share = random.between(0.1, 0.6) / Math.sqrt(echoes);
  const out = Float32Array.from(samples);
  for (let echo = 0; echo < echoes; echo++) {
    const delayS = decayS * random.uniform() ** 1.5;
    const delay = Math.round(delayS * speechRate) + 8;
    const gain = 3 * share * 10 ** ((-3 * delayS) / decayS) * (random.chance(0.5) ? 1 : -1);
    for (let i = delay; i < out.length; i++) out[i] += gain * samples[i - delay];
  }
  return out;
}

/** A microphone's colour: a gentle tilt up or down, at times no bass, at times no treble. */
export function coloured(samples: Float32Array, random: Random): Float32Array {
  const tilt = random.between(-0.5, 0.7);
  const bassPole = random.chance(0.5) ? pole(random.between(80, 350)) : 0;
  const treblePole = random.chance(0.4) ? pole(random.between(1800, 5000)) : 0;
  let before = 0;
  let bass = 0;
  const treble = [0, 0];
  return samples.map((value) => {
    let out = value - tilt * before;
    before = value;
    if (bassPole > 0) {
      bass += (1 - bassPole) * (out - bass);
      out -= bass;
    }
    if (treblePole === 0) return out;
    treble[0] += (1 - treblePole) * (out - treble[0]);
    treble[1] += (1 - treblePole) * (treble[0] - treble[1]);
    return treble[1];
  });
}

/** As through a telephone's codec: 8 bits on the scale of G.711's mu-law; -1 to 1. */
export function companded(samples: Float32Array): Float32Array {
  const mu = 255;
  const most = Math.log1p(mu);
  return samples.map((value) => {
    const code = Math.round((127 * Math.log1p(mu * Math.abs(value))) / most);
    return (Math.sign(value) * Math.expm1((code * most) / 127)) / mu;
  });
}

export interface Scene {
  /** 16 kHz, -1 to 1. */
  readonly audio: Float32Array;
  /** Where the utterance ends in it, samples. */
  readonly end: number;
  /** Of the utterance's level over that of the noise. */
  readonly snrDb: number;
}

/** What there is to be heard beside an utterance. */
export interface Surroundings {
  /** What may be said before and after; none: nothing is. */
  readonly others: readonly Float32Array[];
  /** Noises of level 1, each longer than any scene. */
  readonly noises: readonly Float32Array[];
}

/** Half of the scenes are loud ones: those are where phrases are missed. */
function randomSnrDb(random: Random): number {
  const kind = random.uniform();
  if (kind < 0.5) return random.between(-3, 8);
  return kind < 0.8 ? random.between(8, 20) : random.between(25, 50);
}

/**
 * An utterance as a microphone in a car might hear it: a while after the start, in a room, 3 dB below to 20 dB above
 * noise or in quiet, loud or low; at times between other speech.
 */
export function scene(utterance: Float32Array, { others, noises }: Surroundings, random: Random): Scene {
  const lead = Math.round(random.between(0.05, 1.2) * speechRate);
  const tail = Math.round(random.between(0.45, 0.6) * speechRate);
  const speech = new Float32Array(lead + utterance.length + tail);
  speech.set(utterance, lead);
  const pause = (): number => Math.round(random.between(0.03, 0.3) * speechRate);
  const ownLevel = Math.max(1e-6, level(utterance));
  const likened = (other: Float32Array): number =>
    (ownLevel / Math.max(1e-6, level(other))) * random.between(0.6, 1.3);
  if (others.length > 0 && random.chance(0.25)) {
    const before = random.pick(others);
    const gain = likened(before);
    const to = lead - pause();
    for (let i = 1; i <= Math.min(to, before.length); i++) speech[to - i] = gain * before[before.length - i];
  }
  if (others.length > 0 && random.chance(0.3)) {
    const after = random.pick(others);
    const gain = likened(after);
    const from = lead + utterance.length + pause();
    for (let i = 0; i < after.length && from + i < speech.length; i++) speech[from + i] = gain * after[i];
  }
  let audio: Float32Array = random.chance(0.65) ? reverberated(speech, random) : speech;
  const snrDb = randomSnrDb(random);
  const speechLevel = Math.max(1e-6, level(audio.subarray(lead, lead + utterance.length)));
  const noise = random.pick(noises);
  const start = random.below(Math.max(1, noise.length - audio.length));
  const noiseGain = speechLevel * 10 ** (-snrDb / 20);
  audio = audio.map((value, i) => value + noiseGain * noise[start + (i % (noise.length - start))]);
  // The microphone hears both: what it does to speech it does to noise.
  if (random.chance(0.7)) audio = coloured(audio, random);
  const gain = 10 ** (random.between(-40, -12) / 20) / Math.max(1e-6, level(audio));
  audio = audio.map((value) => Math.max(-1, Math.min(1, gain * value)));
  return { audio: random.chance(0.1) ? companded(audio) : audio, end: lead + utterance.length, snrDb };
}
