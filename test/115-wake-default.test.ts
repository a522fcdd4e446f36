import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { defaultHead } from '../src/assistant/wake/default-head.js';
import { encodeHead } from '../src/assistant/wake/head-file.js';
import { afterSilence, scoresOf } from '../src/assistant/wake/head.js';
import { recipeVersion } from '../src/assistant/wake/training/recipe.js';
import { WakeWord } from '../src/assistant/wake/wake-word.js';
import { WholeFeatures } from '../src/assistant/wake/whole-features.js';
import { readSpeech } from '../src/audio/wav.js';

describe('the head that comes with the package', () => {
  const { head, card } = defaultHead();

  it('is of "hey vigil", by the recipe as it is, and small', () => {
    expect(head.phrase).toBe('hey vigil');
    expect(card.recipe).toBe(recipeVersion);
    expect(encodeHead({ head, card }).length).toBeLessThan(400_000);
    // Candidates are many more than what the head alone would take.
    expect(card.heldOut.perhapsHeard).toBeGreaterThan(0.7 * card.heldOut.noisyPhrases);
    expect(head.candidate).toBeLessThan(head.threshold);
  });

  it('hears its phrase by a voice that it never learnt from', () => {
    const speech = readSpeech(join(import.meta.dirname, 'fixtures', 'wake', 'hey-vigil.wav'));
    const silence = new Float32Array(8000);
    for (const forVerifier of [false, true]) {
      const word = new WakeWord(head, { forVerifier });
      const found = [silence, speech, silence].flatMap((sound) => word.push(sound));
      expect(found.length).toBeGreaterThan(0);
      expect(found[0].phrase).toBe('hey vigil');
      // Half a second of silence before, the phrase, and not long after.
      expect(found[0].t).toBeGreaterThan(1000);
      expect(found[0].t).toBeLessThan(2100);
    }
  });

  it('does not hear its phrase in an order of coffee, nor in silence', () => {
    const speech = readSpeech(join(import.meta.dirname, 'fixtures', 'speech', 'latte.wav'));
    const features = new WholeFeatures();
    const scores = scoresOf(head, afterSilence(features.embed(speech), features.silence));
    expect(Math.max(...scores)).toBeLessThan(head.candidate);
    const word = new WakeWord(head, { forVerifier: true });
    expect(word.push(new Float32Array(32_000))).toEqual([]);
  });
});
