import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runScenario } from '../hil/eval/dialog-run.js';
import { readScenarios } from '../hil/eval/dialog-scenario.js';
import { loadDialog } from '../src/assistant/dialog/turn.js';
import { Grammars } from '../src/assistant/grammars.js';
import { loadCommands } from '../src/assistant/grammar/load.js';
import { packageRoot } from '../src/runtime/paths.js';
import { loadTree } from '../src/vehicle/tree.js';

const config = loadDialog(loadTree());
const grammars = new Grammars(loadCommands('en'));
const scenarios = readScenarios(join(packageRoot, 'test/data/dialogs'));

describe('dialog scenarios', () => {
  it('are enough, and differ', () => {
    expect(scenarios.length).toBeGreaterThanOrEqual(20);
    expect(new Set(scenarios.map(({ name }) => name)).size).toBe(scenarios.length);
  });

  it.each(scenarios.map((scenario) => [scenario.name, scenario] as const))('%s', (_, scenario) => {
    const { turns, end } = runScenario(scenario, { config, grammars });
    expect(turns.flatMap(({ turn, faults }) => faults.map((fault) => `${turn.at} s: ${fault}`))).toEqual([]);
    expect(end).toBe('idle');
  });
});
