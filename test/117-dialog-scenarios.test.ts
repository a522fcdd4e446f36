import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runScenarios } from '../hil/eval/dialogs.js';
import { readScenarios } from '../hil/eval/dialog-scenario.js';
import { packageRoot } from '../src/runtime/paths.js';

const scenarios = readScenarios(join(packageRoot, 'test/data/dialogs'));

describe('dialog scenarios', () => {
  it('are enough, and differ', () => {
    expect(scenarios.length).toBeGreaterThanOrEqual(20);
    expect(new Set(scenarios.map(({ name }) => name)).size).toBe(scenarios.length);
  });

  it.each(scenarios.map((scenario) => [scenario.name, scenario] as const))('%s', async (_, scenario) => {
    const [{ turns, end }] = await runScenarios([scenario]);
    expect(turns.flatMap(({ turn, faults }) => faults.map((fault) => `${turn.at} s: ${fault}`))).toEqual([]);
    expect(end).toBe('idle');
  });
});
