import type { DialogInput, DialogOutput } from '../../src/assistant/dialog/exchange.js';
import { initialDialog, type DialogState } from '../../src/assistant/dialog/state.js';
import { stepDialog } from '../../src/assistant/dialog/step.js';
import type { DialogConfig } from '../../src/assistant/dialog/turn.js';
import type { Grammars } from '../../src/assistant/grammars.js';
import type { Quality } from '../../src/vehicle/quality.js';
import { requireSignal } from '../../src/vehicle/tree.js';
import type { SignalValue } from '../../src/vehicle/value.js';
import { shownAfter } from '../synthetic/shown-after.js';
import type { Scenario, ScenarioTurn } from './dialog-scenario.js';

/** How long an actuator of the scenarios' vehicle takes, ms. */
const lagMs = 500;
/** How long a voice takes per character, ms. */
const characterMs = 60;
const tickMs = 100;

export interface TurnResult {
  readonly turn: ScenarioTurn;
  readonly outputs: readonly DialogOutput[];
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

/** Runs a scenario with a vehicle that obeys, but for what is stuck, and a voice of constant speed. Deterministic. @throws VigilError `UNKNOWN_SIGNAL` */
export function runScenario(scenario: Scenario, config: DialogConfig, grammars: Grammars): ScenarioResult {
  const bench = new Bench(scenario, config);
  bench.send({ kind: 'destinations', t: 0, destinations: scenario.destinations });
  for (const [path, value] of Object.entries(scenario.vehicle)) bench.value(path, value);
  const turns = scenario.turns.map((turn, i): TurnResult => {
    bench.until(turn.at * 1000);
    bench.takeOutputs();
    play(bench, turn, grammars);
    const next = scenario.turns.at(i + 1);
    // Just before the next turn.
    bench.until((next?.at ?? scenario.ends) * 1000 - 1);
    const outputs = bench.takeOutputs();
    const phase = bench.state.phase.kind;
    return { turn, outputs, phase, faults: faultsOf(turn, outputs, phase) };
  });
  const end = bench.state.phase.kind;
  return {
    scenario,
    turns,
    end,
    passed: end === 'idle' && turns.every(({ faults }) => faults.length === 0),
  };
}

function play(bench: Bench, turn: ScenarioTurn, grammars: Grammars): void {
  const { t } = bench;
  for (const [path, value] of Object.entries(turn.set)) bench.value(path, value);
  for (const [path, quality] of Object.entries(turn.lose)) bench.value(path, null, quality);
  if (turn.suggestion) bench.send({ kind: 'suggestion', t, what: 'restBreak' });
  if (turn.wake) bench.send({ kind: 'wake', t, zone: turn.from });
  if (turn.say === null && turn.meaning === null) return;
  const open = bench.state.microphone?.grammars ?? ['idle'];
  const meaning = turn.meaning ?? grammars.meaning(turn.say ?? '', open);
  const certainty = meaning === null ? 'reject' : turn.certainty;
  bench.send({ kind: 'heard', t, zone: turn.from, meaning, certainty });
}

/** The dialog with a clock, a vehicle and a voice around it. */
class Bench {
  state: DialogState = initialDialog;
  t = 0;
  #outputs: DialogOutput[] = [];
  /** What is still to come, in order of time; of the same time in order of being planned. */
  #planned: DialogInput[] = [];

  constructor(
    private readonly scenario: Scenario,
    private readonly config: DialogConfig,
  ) {}

  takeOutputs(): DialogOutput[] {
    const outputs = this.#outputs;
    this.#outputs = [];
    return outputs;
  }

  send(input: DialogInput): void {
    const { state, outputs } = stepDialog(this.state, input, this.config);
    this.state = state;
    this.#outputs.push(...outputs);
    for (const output of outputs) this.#answer(output);
  }

  value(path: string, value: SignalValue | null, quality: Quality = 'valid', t = this.t): void {
    requireSignal(this.config.tree, path);
    this.send(valueInput(path, value, quality, t));
  }

  until(end: number): void {
    while (this.t < end) {
      const t = Math.min(end, (Math.floor(this.t / tickMs) + 1) * tickMs);
      for (const input of this.#due(t)) this.send(input);
      this.t = t;
      this.send({ kind: 'tick', t });
    }
  }

  #due(t: number): DialogInput[] {
    const due = this.#planned.filter((input) => input.t <= t).sort((a, b) => a.t - b.t);
    this.#planned = this.#planned.filter((input) => input.t > t);
    return due;
  }

  #answer(output: DialogOutput): void {
    if (output.kind === 'say') {
      const { t, id, text } = output;
      this.#planned.push({ kind: 'spoken', t: t + characterMs * text.length, id });
    } else if (output.kind === 'actuate') {
      for (const { path, value } of output.requests) this.#move(output.command, path, value, output.t);
    }
  }

  #move(command: number, path: string, value: SignalValue, t: number): void {
    if (this.scenario.refused.includes(path)) {
      this.#planned.push({ kind: 'actuationRefused', t, command });
    } else if (!this.scenario.stuck.includes(path)) {
      const [seenPath, seen] = shownAfter(path, value);
      this.#planned.push(valueInput(seenPath, seen, 'valid', t + lagMs));
    }
  }
}

function valueInput(path: string, value: SignalValue | null, quality: Quality, t: number): DialogInput {
  const reason = quality === 'valid' ? '' : 'scenario';
  return {
    kind: 'value',
    t,
    sample: { path, value: value ?? undefined, t, quality, reason, source: 'scenario' },
  };
}

function faultsOf(turn: ScenarioTurn, outputs: readonly DialogOutput[], phase: string): string[] {
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
