import { speechRate } from '../../../audio/resampler.js';
import type { Random } from './random.js';

/** Root mean square. */
function level(samples: Float32Array): number {
  return Math.sqrt(samples.reduce((sum, value) => sum + value * value, 0) / Math.max(1, samples.length));
}

/**
 * Noise as in a driven car, of level 1: rumble of the road that falls with the square of the frequency, wind that falls
 * with it, the engine's harmonics, in random shares; now and then flat noise instead.
 */
export function carNoise(length: number, random: Random): Float32Array {
  const out = new Float32Array(length);
  const flat = random.chance(0.2) ? 1 : random.between(0, 0.06);
  const road = random.between(0.3, 1);
  const wind = random.between(0, 0.5);
  // Corners of one-pole low-passes: rumble between 40 and 160 Hz twice, wind between 200 and 1500 Hz.
  const roadPole = pole(random.between(40, 160));
  const windPole = pole(random.between(200, 1500));
  const engineHz = random.between(20, 110);
  const engine = random.chance(0.6) ? random.between(0, 0.3) : 0;
  const harmonics = Array.from({ length: 6 }, (_, i) => ({
    step: (2 * Math.PI * engineHz * (i + 1)) / speechRate,
    phase: random.between(0, 2 * Math.PI),
    share: random.uniform() / (i + 1),
  }));
  const state = [0, 0, 0];
  for (let i = 0; i < length; i++) {
    const white = random.between(-1, 1);
    state[0] += (1 - roadPole) * (white - state[0]);
    state[1] += (1 - roadPole) * (state[0] - state[1]);
    state[2] += (1 - windPole) * (white - state[2]);
    let tone = 0;
    if (engine > 0) for (const h of harmonics) tone += h.share * Math.sin(h.step * i + h.phase);
    // The low-passes take level away; 1 / (1 - pole) gives about as much back.
    out[i] =
      flat * white +
      (road * state[1]) / (1 - roadPole) +
      (0.3 * wind * state[2]) / Math.sqrt(1 - windPole) +
      engine * tone;
  }
  const scale = 1 / Math.max(1e-9, level(out));
  return out.map((value) => value * scale);
}

function pole(cornerHz: number): number {
  return Math.exp((-2 * Math.PI * cornerHz) / speechRate);
}

/** A small room: the sound itself and echoes of random sign that die away, 60 dB within 0.08 to 0.5 s. */
export function reverberated(samples: Float32Array, random: Random): Float32Array {
  const decayS = random.between(0.08, 0.5);
  const echoes = 120;
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

/** A microphone's colour: a gentle tilt up or down, and at times no bass. */
export function coloured(samples: Float32Array, random: Random): Float32Array {
  const tilt = random.between(-0.5, 0.7);
  const bassPole = random.chance(0.4) ? pole(random.between(80, 300)) : 0;
  let before = 0;
  let bass = 0;
  return samples.map((value) => {
    const tilted = value - tilt * before;
    before = value;
    if (bassPole === 0) return tilted;
    bass += (1 - bassPole) * (tilted - bass);
    return tilted - bass;
  });
}

export interface Scene {
  /** 16 kHz, -1 to 1. */
  readonly audio: Float32Array;
  /** Where the utterance ends in it, samples. */
  readonly end: number;
}

/**
 * An utterance as a microphone in a car might hear it: a while after the start, in a room, at 5 to 20 dB above noise or
 * in quiet, loud or low; at times between other speech.
 * @param others what may be said before and after
 */
export function scene(utterance: Float32Array, others: readonly Float32Array[], random: Random): Scene {
  const lead = Math.round(random.between(0.05, 1.2) * speechRate);
  const tail = Math.round(random.between(0.45, 0.6) * speechRate);
  const speech = new Float32Array(lead + utterance.length + tail);
  speech.set(utterance, lead);
  const pause = (): number => Math.round(random.between(0.05, 0.3) * speechRate);
  if (others.length > 0 && random.chance(0.2)) {
    const before = random.pick(others);
    const to = lead - pause();
    for (let i = 1; i <= Math.min(to, before.length); i++) speech[to - i] = before[before.length - i];
  }
  if (others.length > 0 && random.chance(0.25)) {
    const after = random.pick(others);
    const from = lead + utterance.length + pause();
    for (let i = 0; i < after.length && from + i < speech.length; i++) speech[from + i] = after[i];
  }
  let audio: Float32Array = speech;
  if (random.chance(0.6)) audio = reverberated(audio, random);
  if (random.chance(0.7)) audio = coloured(audio, random);
  const speechLevel = Math.max(1e-6, level(audio.subarray(lead, lead + utterance.length)));
  const snrDb = random.chance(0.7) ? random.between(5, 20) : random.between(25, 50);
  const noise = carNoise(audio.length, random);
  const noiseLevel = speechLevel * 10 ** (-snrDb / 20);
  const gain = 10 ** (random.between(-36, -14) / 20) / speechLevel;
  audio = audio.map((value, i) => Math.max(-1, Math.min(1, gain * (value + noiseLevel * noise[i]))));
  return { audio, end: lead + utterance.length };
}
