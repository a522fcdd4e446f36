import { speechRate } from '../../../audio/resampler.js';
import type { Random } from './random.js';

/** Root mean square. */
export function level(samples: Float32Array): number {
  let sum = 0;
  for (const value of samples) sum += value * value;
  return Math.sqrt(sum / Math.max(1, samples.length));
}

/** What a one-pole low-pass keeps of its last output. */
export function pole(cornerHz: number): number {
  return Math.exp((-2 * Math.PI * cornerHz) / speechRate);
}

/** Noise through `order` one-pole low-passes and, from 0 Hz on, a high-pass; of level 1. */
function shaped(
  length: number,
  lowPassHz: number,
  order: number,
  highPassHz: number,
  random: Random,
): Float32Array {
  const keep = pole(lowPassHz);
  const keepBass = highPassHz > 0 ? pole(highPassHz) : 1;
  const state = new Float64Array(order);
  const out = new Float32Array(length);
  let bass = 0;
  for (let i = 0; i < length; i++) {
    let value = random.uniform() - 0.5;
    for (let stage = 0; stage < order; stage++) value = state[stage] += (1 - keep) * (value - state[stage]);
    bass += (1 - keepBass) * (value - bass);
    out[i] = value - bass;
  }
  return scaled(out, 1 / Math.max(1e-9, level(out)));
}

function scaled(samples: Float32Array, gain: number): Float32Array {
  for (let i = 0; i < samples.length; i++) samples[i] *= gain;
  return samples;
}

/** Harmonics of a combustion engine whose speed wanders; of level 1. */
function engine(length: number, random: Random): Float32Array {
  const table = new Float32Array(1024);
  const fall = random.between(0.3, 1.6);
  for (let harmonic = 1; harmonic <= 28; harmonic++) {
    const share = random.uniform() / harmonic ** fall;
    const phase = random.between(0, 2 * Math.PI);
    for (let i = 0; i < table.length; i++)
      table[i] += share * Math.sin((2 * Math.PI * harmonic * i) / table.length + phase);
  }
  const from = random.between(18, 120);
  const to = random.chance(0.4) ? from * random.between(0.7, 1.5) : from;
  const out = new Float32Array(length);
  let at = 0;
  for (let i = 0; i < length; i++) {
    out[i] = table[Math.floor(at)];
    at += ((from + ((to - from) * i) / length) * table.length) / speechRate;
    at %= table.length;
  }
  return scaled(out, 1 / Math.max(1e-9, level(out)));
}

/** How loud gusts make wind, around 1: noise of at most a hertz or two. */
function gusts(length: number, random: Random): Float32Array {
  const slow = shaped(length, random.between(0.3, 2), 2, 0, random);
  const depth = random.between(0, 0.6);
  return slow.map((value) => Math.max(0.1, 1 + depth * value));
}

/** Bumps of the road and clicks of switches: short tones that die away. */
function addEvents(out: Float32Array, random: Random): void {
  const count = random.below(1 + Math.ceil(out.length / speechRate));
  for (let event = 0; event < count; event++) {
    const at = random.below(out.length);
    const isClick = random.chance(0.4);
    const step = (2 * Math.PI * (isClick ? random.between(800, 3500) : random.between(40, 250))) / speechRate;
    const fade = Math.exp(
      -1 / (speechRate * (isClick ? random.between(0.002, 0.01) : random.between(0.02, 0.12))),
    );
    let height = random.between(1, 5);
    for (let i = at; i < out.length && height > 0.01; i++, height *= fade)
      out[i] += height * Math.sin(step * (i - at));
  }
}

/**
 * Noise as in a driven car, of level 1, in random shares: rumble of the road, tyres on rough asphalt, wind in gusts,
 * the engine's harmonics, the fan, bumps; now and then flat noise alone.
 */
export function carNoise(length: number, random: Random): Float32Array {
  const out = new Float32Array(length);
  const add = (part: Float32Array, share: number): void => {
    for (let i = 0; i < length; i++) out[i] += share * part[i];
  };
  if (random.chance(0.12))
    add(shaped(length, random.between(2000, 8000), 1, random.between(20, 400), random), 1);
  else {
    add(shaped(length, random.between(30, 160), 2, 0, random), random.between(0.3, 1));
    add(
      shaped(length, random.between(250, 1200), 2, random.between(40, 200), random),
      random.between(0, 0.6),
    );
    const blowing = gusts(length, random);
    const wind = shaped(length, random.between(200, 2500), 1, random.between(0, 100), random);
    add(
      wind.map((value, i) => value * blowing[i]),
      random.between(0, 0.6),
    );
    if (random.chance(0.6)) add(engine(length, random), random.between(0, 0.8));
    if (random.chance(0.4))
      add(shaped(length, random.between(800, 4000), 2, 300, random), random.between(0, 0.4));
    add(shaped(length, 8000, 1, 0, random), random.between(0, 0.05));
    if (random.chance(0.3)) addEvents(out, random);
  }
  return scaled(out, 1 / Math.max(1e-9, level(out)));
}

/** Several people talking at once, of level 1. */
export function babble(length: number, utterances: readonly Float32Array[], random: Random): Float32Array {
  const out = new Float32Array(length);
  const speakers = 2 + random.below(5);
  for (let speaker = 0; speaker < speakers; speaker++) {
    const share = random.between(0.3, 1);
    for (let at = -random.below(speechRate); at < length;) {
      const utterance = random.pick(utterances);
      const gain = share / Math.max(1e-6, level(utterance));
      for (let i = Math.max(0, -at); i < utterance.length && at + i < length; i++)
        out[at + i] += gain * utterance[i];
      at += utterance.length + random.below(speechRate / 2);
    }
  }
  return scaled(out, 1 / Math.max(1e-9, level(out)));
}
