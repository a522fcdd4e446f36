import { describe, expect, it } from 'vitest';
import { states } from '../hil/eval/states.js';

describe('the evaluation of states', () => {
  it('prints every row with its due and measured time, and says how many are met', async () => {
    const steps: string[] = [];
    const { text, json } = await states.run({ dataDir: '/nowhere', progress: (step) => steps.push(step) });
    expect(steps).toEqual(['30 frames/s', '12 frames/s']);
    expect(text).toMatch(/At 30 frames\/s (\d+) of \1 scenarios are met\./);
    expect(text).toMatch(
      /\| euroncap-2026 \| eyes closed for 4 s \| prompt sleep \| 3\.00 \| 3\.0\d \| \d+ \| Q \|/,
    );
    expect(text).toMatch(
      /\| eu-addw-2023-2590 \| lap at 14 km\/h \| prompt longDistraction \| never \| never \|/,
    );
    expect(json['n']).toBeGreaterThan(70);
  });
});
