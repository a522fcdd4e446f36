const frame = 320; // 20 ms
/** A frame counts as speech down to 20 dB below the loudest. */
const activeShare = 0.01;

/** Root mean square of the frames with speech, so that pauses do not make a speaker quiet. */
export function activeLevel(samples: Float32Array): number {
  const energies: number[] = [];
  for (let at = 0; at + frame <= samples.length; at += frame) energies.push(energy(samples, at, at + frame));
  if (energies.length === 0) return Math.sqrt(energy(samples, 0, samples.length));
  const floor = activeShare * energies.reduce((most, e) => Math.max(most, e), 0);
  const active = energies.filter((e) => e >= floor);
  return Math.sqrt(active.reduce((sum, e) => sum + e, 0) / active.length);
}

/**
 * Speech with noise at `snrDb` against its active level. The noise is cut at a random place and goes round at its end;
 * what would exceed full scale is made quieter as a whole, as an input with headroom would hear it.
 */
export function mixed(
  speech: Float32Array,
  noise: Float32Array,
  snrDb: number,
  random: () => number,
): Float32Array {
  const start = Math.floor(random() * noise.length);
  const piece = Float32Array.from(speech, (_, i) => noise[(start + i) % noise.length]);
  const level = Math.sqrt(energy(piece, 0, piece.length));
  if (level === 0) return speech;
  const gain = (activeLevel(speech) / level) * 10 ** (-snrDb / 20);
  const out = Float32Array.from(speech, (value, i) => value + gain * piece[i]);
  const peak = out.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return peak <= 0.99 ? out : out.map((value) => (value * 0.99) / peak);
}

/** Mean of the squares. */
function energy(samples: Float32Array, from: number, to: number): number {
  let sum = 0;
  for (let i = from; i < to; i++) sum += samples[i] * samples[i];
  return sum / Math.max(1, to - from);
}
