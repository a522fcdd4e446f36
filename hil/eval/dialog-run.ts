import type { AssistantOptions } from '../../src/assistant/assistant.js';
import { watchedPaths } from '../../src/assistant/dialog/watched-paths.js';
import type { AssistantInput, AssistantOutput } from '../../src/assistant/exchange.js';
import { idleState } from '../../src/assistant/grammar/command-file.js';
import { requireSignal } from '../../src/vehicle/tree.js';
import type { SignalValue } from '../../src/vehicle/value.js';
import { SyntheticCabin } from '../synthetic/cabin.js';
import { SyntheticVoice } from '../synthetic/voice.js';
import { driverOf } from './dialog-driver.js';
import type { Scenario, ScenarioTurn } from './dialog-scenario.js';
import { PlainWorld, WatchedWorld, type DialogWorld } from './dialog-world.js';

const tickMs = 50;

export interface TurnResult {
  readonly turn: ScenarioTurn;
  readonly outputs: readonly AssistantOutput[];
  readonly phase: string;
  /** What is not as expected; empty when all is. */
  readonly faults: readonly string[];
}

export interface ScenarioResult {
  readonly scenario: Scenario;
  readonly turns: readonly TurnResult[];
  /** The phase when the scenario was over. */
  readonly end: string;
  readonly passed: boolean;
}

/**
 * Runs a scenario with a cabin that obeys, but for what is stuck, and a voice of constant speed. Deterministic.
 * @throws VigilError `UNKNOWN_SIGNAL`, `NOT_THE_SOURCE` for a signal that the driver graph itself writes
 */
export function runScenario(scenario: Scenario, options: AssistantOptions): ScenarioResult {
  const bench = new Bench(scenario, options);
  const turns = scenario.turns.map((turn, i): TurnResult => {
    bench.until(turn.at * 1000);
    bench.takeOutputs();
    play(bench, turn, options);
    const next = scenario.turns.at(i + 1);
    // Just before the next turn.
    bench.until((next?.at ?? scenario.ends) * 1000 - 1);
    const outputs = bench.takeOutputs();
    const { phase } = bench;
    return { turn, outputs, phase, faults: faultsOf(turn, outputs, phase) };
  });
  const end = bench.phase;
  return {
    scenario,
    turns,
    end,
    passed: end === 'idle' && turns.every(({ faults }) => faults.length === 0),
  };
}

function play(bench: Bench, turn: ScenarioTurn, { grammars }: AssistantOptions): void {
  const { t, cabin } = bench;
  for (const [path, value] of Object.entries(turn.set)) {
    cabin.set(path, value, t);
    bench.collect();
  }
  for (const [path, quality] of Object.entries(turn.lose)) {
    cabin.lose(path, quality, t);
    bench.collect();
  }
  if (turn.suggestion) bench.take({ kind: 'suggestion', t, what: 'restBreak' });
  if (turn.wake) bench.take({ kind: 'wake', t, zone: turn.from });
  if (turn.say === null && turn.meaning === null) return;
  const text = turn.say ?? turn.meaning?.intent ?? '';
  const meaning = turn.meaning ?? grammars.meaning(text, bench.grammars);
  const hypotheses = meaning === null ? [] : [{ meaning, words: text.split(' '), text, logProb: 0 }];
  const certainty = meaning === null ? 'reject' : turn.certainty;
  const speech = { hypotheses, freeText: turn.say ?? '', llr: null, certainty };
  bench.take({ kind: 'heard', t, zone: turn.from, speech });
}

/** The assistant with a clock, a cabin and a voice around it. */
class Bench {
  readonly cabin: SyntheticCabin;
  readonly #world: DialogWorld;
  readonly #voice = new SyntheticVoice();
  t = 0;
  phase = 'idle';
  /** Grammars that are open. */
  grammars: readonly string[] = [idleState];
  #outputs: AssistantOutput[] = [];

  constructor(scenario: Scenario, options: AssistantOptions) {
    const driver = driverOf(scenario.turns);
    this.#world =
      driver === null ? new PlainWorld(options) : new WatchedWorld(options, driver.perform, driver.settleMs);
    const { stuck, refused, vehicle, turns } = scenario;
    const told = [vehicle, ...turns.flatMap(({ set, lose }) => [set, lose])].flatMap(Object.keys);
    for (const path of told) requireSignal(options.config.tree, path);
    const paths = [...new Set([...watchedPaths(options.config), ...told])];
    this.cabin = new SyntheticCabin(this.#world.store, paths, { stuck, refused });
    this.take({ kind: 'destinations', t: 0, destinations: scenario.destinations });
    for (const [path, value] of Object.entries(vehicle)) this.cabin.set(path, value, 0);
    this.collect();
  }

  takeOutputs(): AssistantOutput[] {
    const outputs = this.#outputs;
    this.#outputs = [];
    return outputs;
  }

  take(input: AssistantInput): void {
    this.#world.take(input);
    this.collect();
  }

  until(end: number): void {
    while (this.t < end) {
      this.t = Math.min(end, (Math.floor(this.t / tickMs) + 1) * tickMs);
      const spoken = this.#voice.due(this.t);
      if (spoken !== null) this.take(spoken);
      this.cabin.tick(this.t);
      this.#world.tick(this.t);
      this.collect();
    }
  }

  collect(): void {
    for (const output of this.#world.outputs()) {
      this.#outputs.push(output);
      this.#voice.take(output);
      if (output.kind === 'phase') this.phase = output.phase;
      else if (output.kind === 'listen') this.grammars = output.grammars;
      else if (output.kind === 'closeMicrophone') this.grammars = [idleState];
    }
  }
}

function faultsOf(turn: ScenarioTurn, outputs: readonly AssistantOutput[], phase: string): string[] {
  const says = outputs.flatMap((output) => (output.kind === 'say' ? [output.text] : []));
  const moved = outputs.flatMap((output) =>
    output.kind === 'actuate' ? output.requests.map(({ path, value }) => [path, value] as const) : [],
  );
  const hushes = outputs.filter(({ kind }) => kind === 'hush').length;
  return [
    ...differs('said', turn.says, says),
    ...differs('moved', sorted(Object.entries(turn.actuates)), sorted(moved)),
    ...(turn.hushes === null ? [] : differs('cut off', turn.hushes, hushes)),
    ...(turn.phase === null ? [] : differs('phase', turn.phase, phase)),
  ];
}

function differs(what: string, expected: unknown, came: unknown): string[] {
  const [a, b] = [JSON.stringify(expected), JSON.stringify(came)];
  return a === b ? [] : [`${what}: expected ${a}, came ${b}`];
}

function sorted(entries: readonly (readonly [string, SignalValue])[]): (readonly [string, SignalValue])[] {
  return [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
}
