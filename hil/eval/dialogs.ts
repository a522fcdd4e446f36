import { join } from 'node:path';
import { loadCommands } from '../../src/assistant/grammar/load.js';
import { loadDialog } from '../../src/assistant/dialog/turn.js';
import { Grammars } from '../../src/assistant/grammars.js';
import { SpeechRecogniser } from '../../src/assistant/speech/speech-recogniser.js';
import { packageRoot } from '../../src/runtime/paths.js';
import { loadTree } from '../../src/vehicle/tree.js';
import { runScenario, type ScenarioResult } from './dialog-run.js';
import { readScenarios, type Scenario } from './dialog-scenario.js';
import { hasSound } from './dialog-sound.js';
import type { Evaluation } from './evaluation.js';

/** The scenarios that come with the source; they need no data. */
export const dialogScenarios = join(packageRoot, 'test', 'data', 'dialogs');

export const dialogs: Evaluation = {
  name: 'dialogs',
  about: 'scenarios of spoken dialogs: what is said and moved, turn by turn',
  run: async ({ progress }) => {
    const scenarios = readScenarios(dialogScenarios);
    progress(`${scenarios.length} scenarios`);
    const results = await runScenarios(scenarios);
    return { text: scenarioText(results), json: scenarioJson(results) };
  },
};

/**
 * English commands, the standard tree, the tables of `signals/assistant`; the small recogniser where somebody is heard.
 * @throws VigilError as `runScenario`; `MODEL_NOT_BUILT` for scenarios with sound
 */
export async function runScenarios(scenarios: readonly Scenario[]): Promise<ScenarioResult[]> {
  const config = loadDialog(loadTree());
  // Each scenario says anew which places there are.
  const grammars = new Grammars(loadCommands('en'));
  const recogniser = scenarios.some(hasSound) ? new SpeechRecogniser() : null;
  try {
    const results: ScenarioResult[] = [];
    for (const scenario of scenarios)
      results.push(await runScenario(scenario, { config, grammars }, recogniser));
    return results;
  } finally {
    recogniser?.close();
  }
}

/** One line per scenario, and what differed. */
export function scenarioText(results: readonly ScenarioResult[]): string {
  const lines = results.flatMap(({ scenario, turns, end, passed }) => [
    `${passed ? 'ok   ' : 'WRONG'}  ${scenario.name}`,
    ...turns.flatMap(({ turn, faults }) => faults.map((fault) => `         ${turn.at} s  ${fault}`)),
    ...(end === 'idle' ? [] : [`         at the end: expected idle, came ${end}`]),
  ]);
  const right = results.filter(({ passed }) => passed).length;
  return [...lines, '', `${right} of ${results.length} scenarios as expected`].join('\n');
}

export function scenarioJson(results: readonly ScenarioResult[]): Record<string, unknown> {
  return {
    n: results.length,
    passed: results.filter(({ passed }) => passed).length,
    turns: results.reduce((sum, { turns }) => sum + turns.length, 0),
    failed: results
      .filter(({ passed }) => !passed)
      .map(({ scenario, turns, end }) => ({
        name: scenario.name,
        end,
        faults: turns.flatMap(({ turn, faults }) => faults.map((fault) => ({ at: turn.at, fault }))),
      })),
  };
}

/** Who said and did what when: a scenario as it went. */
export function transcript({ scenario, turns }: ScenarioResult): string {
  const lines = turns.flatMap(({ turn, outputs }) => [
    ...(turn.say === null && turn.meaning === null
      ? []
      : [`${seconds(turn.at * 1000)}  ${turn.from}: ${turn.say ?? turn.meaning?.intent ?? ''}`]),
    ...outputs.flatMap((output) => {
      if (output.kind === 'understood' && turn.sound !== null)
        return [`${seconds(output.t)}  heard: ${output.text}`];
      if (output.kind === 'say') return [`${seconds(output.t)}  Vigil: ${output.text}`];
      if (output.kind === 'hush') return [`${seconds(output.t)}  Vigil falls silent`];
      if (output.kind !== 'actuate') return [];
      return output.requests.map(({ path, value }) => `${seconds(output.t)}    ${path} = ${String(value)}`);
    }),
  ]);
  return [scenario.name, ...lines.map((line) => `  ${line}`)].join('\n');
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1).padStart(7);
}
