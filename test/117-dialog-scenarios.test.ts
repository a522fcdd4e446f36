import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runScenario } from '../hil/eval/dialog-run.js';
import { readScenarios } from '../hil/eval/dialog-scenario.js';
import { hasSound } from '../hil/eval/dialog-sound.js';
import { loadDialog } from '../src/assistant/dialog/turn.js';
import { Grammars } from '../src/assistant/grammars.js';
import { loadCommands } from '../src/assistant/grammar/load.js';
import { SpeechRecogniser } from '../src/assistant/speech/speech-recogniser.js';
import { packageRoot } from '../src/runtime/paths.js';
import { loadTree } from '../src/vehicle/tree.js';

const config = loadDialog(loadTree());
// Each scenario says anew which places there are.
const grammars = new Grammars(loadCommands('en'));
const scenarios = readScenarios(join(packageRoot, 'test/data/dialogs'));

describe('dialog scenarios', () => {
  const recogniser = new SpeechRecogniser();
  afterAll(() => recogniser.close());

  it('are enough, differ, and some are heard', () => {
    expect(scenarios.length).toBeGreaterThanOrEqual(40);
    expect(new Set(scenarios.map(({ name }) => name)).size).toBe(scenarios.length);
    expect(scenarios.filter(hasSound).length).toBeGreaterThanOrEqual(3);
  });

  it.each(scenarios.map((scenario) => [scenario.name, scenario] as const))('%s', async (_, scenario) => {
    const { turns, end } = await runScenario(scenario, { config, grammars }, recogniser);
    expect(turns.flatMap(({ turn, faults }) => faults.map((fault) => `${turn.at} s: ${fault}`))).toEqual([]);
    expect(end).toBe('idle');
  });
});
