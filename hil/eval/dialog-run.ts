import type { AssistantOptions } from '../../src/assistant/assistant.js';
import { watchedPaths } from '../../src/assistant/dialog/watched-paths.js';
import type { Place } from '../../src/assistant/action/place.js';
import type { AssistantInput, AssistantOutput } from '../../src/assistant/exchange.js';
import { idleState } from '../../src/assistant/grammar/command-file.js';
import type { SpeechRecogniser } from '../../src/assistant/speech/speech-recogniser.js';
import { speechRate } from '../../src/audio/resampler.js';
import { requireSignal } from '../../src/vehicle/tree.js';
import type { SignalValue } from '../../src/vehicle/value.js';
import { BenchEars } from '../synthetic/bench-ears.js';
import { SyntheticCabin } from '../synthetic/cabin.js';
import { SyntheticVoice } from '../synthetic/voice.js';
import { driverOf } from './dialog-driver.js';
import { hasSound, turnSamples } from './dialog-sound.js';
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
 * @param recogniser for scenarios with sound (`hasSound`); theirs need it
 * @throws VigilError `UNKNOWN_SIGNAL`, `NOT_THE_SOURCE` for a signal that the driver graph itself writes
 */
export async function runScenario(
  scenario: Scenario,
  options: AssistantOptions,
  recogniser: SpeechRecogniser | null = null,
): Promise<ScenarioResult> {
  const bench = new Bench(scenario, options, recogniser);
  const turns: TurnResult[] = [];
  for (const [i, turn] of scenario.turns.entries()) {
    await bench.until(turn.at * 1000);
    bench.takeOutputs();
    play(bench, turn, options);
    const next = scenario.turns.at(i + 1);
    // Just before the next turn.
    await bench.until((next?.at ?? scenario.ends) * 1000 - 1);
    const outputs = bench.takeOutputs();
    const { phase } = bench;
    turns.push({ turn, outputs, phase, faults: faultsOf(turn, outputs, phase) });
  }
  bench.close();
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
  if (turn.wake) bench.wake(turn.from);
  if (turn.sound !== null) {
    bench.say(turnSamples(turn.sound, turn.say));
    return;
  }
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
  readonly #ears: BenchEars | null;
  /** What is being said at the microphone, and when it began. */
  #speech: { readonly fromMs: number; readonly samples: Float32Array } | null = null;

  constructor(scenario: Scenario, options: AssistantOptions, recogniser: SpeechRecogniser | null) {
    const driver = driverOf(scenario.turns);
    this.#world =
      driver === null ? new PlainWorld(options) : new WatchedWorld(options, driver.perform, driver.settleMs);
    const { grammars } = options;
    this.#ears =
      recogniser === null || !hasSound(scenario)
        ? null
        : new BenchEars({ recogniser, grammars, zone: 'driver', wake: null }, (input) => this.take(input));
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

  /** By the button where there is one. */
  wake(zone: Place): void {
    if (this.#ears === null) this.take({ kind: 'wake', t: this.t, zone });
    else this.#ears.press(this.t);
  }

  say(samples: Float32Array): void {
    this.#speech = { fromMs: this.t, samples };
  }

  close(): void {
    this.#ears?.close();
  }

  async until(end: number): Promise<void> {
    while (this.t < end) {
      const before = this.t;
      this.t = Math.min(end, (Math.floor(this.t / tickMs) + 1) * tickMs);
      this.#ears?.push({ t: before, rate: speechRate, samples: this.#sound(before, this.t) });
      await this.#ears?.settled();
      const spoken = this.#voice.due(this.t);
      if (spoken?.kind === 'spoken') {
        this.#ears?.spoken(spoken.id, spoken.t);
        this.take(spoken);
      }
      this.cabin.tick(this.t);
      this.#world.tick(this.t);
      this.collect();
    }
  }

  collect(): void {
    for (const output of this.#world.outputs()) {
      this.#outputs.push(output);
      this.#voice.take(output);
      this.#ears?.take(output);
      if (output.kind === 'phase') this.phase = output.phase;
      else if (output.kind === 'listen') this.grammars = output.grammars;
      else if (output.kind === 'closeMicrophone') this.grammars = [idleState];
    }
  }

  /** What the microphone picks up: what is being said, and silence. */
  #sound(fromMs: number, toMs: number): Float32Array {
    const at = (ms: number): number => Math.round((ms * speechRate) / 1000);
    const sound = new Float32Array(at(toMs) - at(fromMs));
    if (this.#speech === null) return sound;
    const first = at(fromMs) - at(this.#speech.fromMs);
    sound.set(this.#speech.samples.subarray(Math.max(0, first), first + sound.length));
    return sound;
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
