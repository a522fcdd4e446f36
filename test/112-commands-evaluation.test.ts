import { appendFileSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { randomUniform } from '../hil/demo/noise.js';
import { accuracyOver, isRight, type Trial } from '../hil/eval/command-score.js';
import { commands } from '../hil/eval/commands.js';
import { activeLevel, mixed } from '../hil/eval/speech-mix.js';
import { TrialStore } from '../hil/eval/trial-store.js';
import { packageRoot } from '../src/runtime/paths.js';
import { wavBytes } from './111-support.js';

const folder = mkdtempSync(join(tmpdir(), 'vigil-commands-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const trial = (clip: string, snr: Trial['snr'], right: boolean): Trial => ({
  clip,
  snr,
  seed: 1,
  noise: null,
  right,
  llr: 0,
  said: '',
  cpuMs: 1,
});
const level = (samples: Float32Array): number =>
  Math.sqrt(samples.reduce((sum, value) => sum + value * value, 0) / samples.length);

describe('mixing', () => {
  const random = randomUniform(3);
  const noise = Float32Array.from({ length: 50_000 }, () => random() - 0.5);
  const tone = Float32Array.from({ length: 16_000 }, (_, i) => 0.1 * Math.sin(i * 0.2));

  it('puts noise below the active speech by the decibels asked for', () => {
    for (const snr of [0, 6, 24]) {
      const out = mixed(tone, noise, snr, randomUniform(1));
      const added = out.map((value, i) => value - tone[i]);
      expect(20 * Math.log10(activeLevel(tone) / level(added))).toBeCloseTo(snr, 1);
    }
  });

  it('does not take pauses for quiet speech', () => {
    const paused = new Float32Array(4 * tone.length);
    paused.set(tone, tone.length);
    expect(activeLevel(paused) / level(tone)).toBeCloseTo(1, 1);
  });

  it('is the same for the same seed and never beyond full scale', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: -20, max: 30 }), (seed, snr) => {
        const out = mixed(tone, noise, snr, randomUniform(seed));
        expect(out).toEqual(mixed(tone, noise, snr, randomUniform(seed)));
        expect(out.every((value) => Math.abs(value) <= 1)).toBe(true);
      }),
      { numRuns: 10 },
    );
  });
});

describe('score', () => {
  const clip = { name: 'a', path: '', intent: 'order', slots: { size: 'small', drink: 'tea' } };

  it('wants the intent and every slot, and no other', () => {
    expect(isRight(clip, { intent: 'order', slots: { drink: 'tea', size: 'small' } })).toBe(true);
    expect(isRight(clip, { intent: 'cancel', slots: clip.slots })).toBe(false);
    expect(isRight(clip, { intent: 'order', slots: { size: 'small' } })).toBe(false);
    expect(isRight(clip, { intent: 'order', slots: { size: 'large', drink: 'tea' } })).toBe(false);
    expect(isRight(clip, { intent: 'order', slots: { ...clip.slots, milk: 'some' } })).toBe(false);
    expect(isRight(clip, undefined)).toBe(false);
  });

  it('weighs conditions alike, and resamples clips', () => {
    const trials = [trial('a', 6, false), trial('b', 6, false), trial('a', 24, true)];
    const { accuracy, low, high } = accuracyOver(trials);
    expect(accuracy).toBeCloseTo(0.5);
    expect(low).toBeLessThanOrEqual(0.5);
    expect(high).toBeGreaterThanOrEqual(0.5);
    const sure = accuracyOver(Array.from({ length: 20 }, (_, i) => trial(`${i}`, 'clean', true)));
    expect(sure).toMatchObject({ accuracy: 1, low: 1, high: 1, trials: 20 });
    const half = accuracyOver(Array.from({ length: 100 }, (_, i) => trial(`${i}`, 'clean', i % 2 === 0)));
    expect(half.low).toBeGreaterThan(0.36);
    expect(half.low).toBeLessThan(0.44);
    expect(half.high).toBeGreaterThan(0.56);
    expect(half.high).toBeLessThan(0.64);
  });
});

it('results survive a stop, a torn line is done again', () => {
  const file = join(folder, 'deep', 'trials.jsonl');
  new TrialStore<Trial>(file).put('one', trial('a', 6, true));
  appendFileSync(file, '{"key":"two","value":{"clip":"b"');
  const again = new TrialStore<Trial>(file);
  expect(again.get('one')).toEqual(trial('a', 6, true));
  expect(again.get('two')).toBeUndefined();
});

describe('eval commands', () => {
  const coffee = join(folder, 'speech', 'commands-coffee');
  mkdirSync(join(coffee, 'wav'), { recursive: true });
  mkdirSync(join(folder, 'speech', 'noise'));
  copyFileSync(
    join(packageRoot, 'test', 'fixtures', 'speech', 'latte.wav'),
    join(coffee, 'wav', 'latte.wav'),
  );
  const slots = { size: 'large', coffeeDrink: 'latte', milkAmount: ' soy milk' };
  const label = { intent: 'orderDrink', slots };
  writeFileSync(join(coffee, 'label.json'), JSON.stringify({ 'latte.wav': label, 'gone.wav': label }));
  const random = randomUniform(8);
  const hiss = Array.from({ length: 40_000 }, () => 0.2 * (random() - 0.5));
  writeFileSync(join(folder, 'speech', 'noise', 'hiss.wav'), wavBytes(hiss, 16_000));
  const run = (options: Record<string, string>, dataDir = folder): ReturnType<typeof commands.run> =>
    commands.run({ dataDir, options, progress: () => undefined });

  it('hears what is there, in what is asked for', async () => {
    const { json, text } = await run({ model: 'tiny', snr: 'clean,24', limit: '5' });
    expect(json).toMatchObject({ accuracy: 1, n: 1, clean: 1, trials: 1, labelsWithoutRecording: 1 });
    expect(text).toContain('24 dB');
    const clean = await run({ model: 'tiny', snr: 'clean' });
    expect(clean.json).toMatchObject({ accuracy: 1, n: 1, trials: 1 });
  });

  it('refuses what it does not understand, and says that there are no data', async () => {
    const wrong: Record<string, string>[] = [{ snr: 'loud' }, { limit: '0' }, { model: 'huge' }];
    for (const options of wrong)
      await expect(run(options)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await expect(run({}, join(folder, 'nowhere'))).rejects.toMatchObject({ code: 'NO_EVALUATION_DATA' });
  });
});
