import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  listeningStart,
  type Answer,
  type ListeningInput,
  type ListeningOutput,
  type ListeningState,
} from '../src/assistant/listening/listening-state.js';
import { frameMs } from '../src/assistant/listening/frame.js';
import { defaultListeningRules, type ListeningRules } from '../src/assistant/listening/rules.js';
import { awaitedAnswer, stepListening } from '../src/assistant/listening/step.js';
import type { Ending } from '../src/assistant/speech/ending.js';
import { heardCommand } from './118-support.js';

type Input = ListeningInput<string>;
type Output = ListeningOutput<string>;
type Event = Extract<Output, { kind: 'event' }>['event'];

/** Runs inputs; what is asked is answered by `answerOf`, `early` as soon as it was asked or else when it is awaited. */
class Run {
  state: ListeningState<string> = listeningStart;
  readonly outputs: Output[] = [];
  readonly asked = new Map<
    number,
    { readonly fromT: number; readonly toT: number; readonly grammar: string }
  >();

  /** Questions that were neither answered nor taken back. */
  readonly #waiting = new Set<number>();
  mostWaiting = 0;

  constructor(
    private readonly answerOf: (toT: number) => Answer,
    private readonly early: (id: number) => boolean = () => false,
    private readonly rules: ListeningRules = defaultListeningRules,
  ) {}

  take(input: Input): void {
    const { state, outputs } = stepListening(this.state, input, this.rules);
    this.state = state;
    for (const output of outputs) {
      this.outputs.push(output);
      if (output.kind !== 'ask') continue;
      this.asked.set(output.id, output);
      this.#waiting.add(output.id);
    }
    for (const output of outputs) if (output.kind === 'cancel') this.#waiting.delete(output.id);
    this.mostWaiting = Math.max(this.mostWaiting, this.#waiting.size);
    for (const output of outputs) if (output.kind === 'ask' && this.early(output.id)) this.#answer(output.id);
    for (
      let id = awaitedAnswer(this.state, this.rules);
      id !== null;
      id = awaitedAnswer(this.state, this.rules)
    )
      this.#answer(id);
  }

  /** Frames of one probability. */
  frames(ms: number, speech: number): this {
    const from = Math.max(0, this.state.t);
    for (let t = from + frameMs; t <= from + ms; t += frameMs) this.take({ kind: 'frame', t, speech });
    return this;
  }

  get events(): Event[] {
    return this.outputs.flatMap((output) => (output.kind === 'event' ? [output.event] : []));
  }

  of<K extends Event['kind']>(kind: K): Extract<Event, { kind: K }>[] {
    return this.events.filter((event): event is Extract<Event, { kind: K }> => event.kind === kind);
  }

  #answer(id: number): void {
    this.#waiting.delete(id);
    this.take({ kind: 'answer', id, answer: this.answerOf(this.asked.get(id)?.toT ?? 0) });
  }
}

const recognised = (ending: Ending): Answer => ({
  kind: 'recognised',
  ending,
  heard: heardCommand('x', ending),
  isPhrase: false,
});
const always = (ending: Ending) => (): Answer => recognised(ending);
const opened = (run: Run, t = 0): Run => {
  run.take({ kind: 'open', t, grammar: 'g', untilT: Infinity });
  return run;
};

const inputs = fc.array(
  fc.oneof(
    { weight: 30, arbitrary: fc.constantFrom('speech', 'speech', 'silence', 'silence', 'between') },
    {
      weight: 1,
      arbitrary: fc.constantFrom('open', 'shut', 'phrase', 'press', 'release', 'gap', 'lost', 'reopen'),
    },
  ),
  { maxLength: 400 },
);
const endings = fc.array(fc.constantFrom<Ending>('final', 'extendable', 'incomplete'), { minLength: 1 });

function runOf(actions: readonly string[], kinds: readonly Ending[], early: (id: number) => boolean): Run {
  const answerOf = (toT: number): Answer => recognised(kinds[Math.floor(toT) % kinds.length]);
  const run = new Run(answerOf, early);
  let t = 0;
  for (const action of actions) {
    switch (action) {
      case 'speech':
        run.take({ kind: 'frame', t: (t += frameMs), speech: 0.9 });
        break;
      case 'silence':
        run.take({ kind: 'frame', t: (t += frameMs), speech: 0.1 });
        break;
      case 'between':
        run.take({ kind: 'frame', t: (t += frameMs), speech: 0.42 });
        break;
      case 'open':
      case 'reopen':
        run.take({ kind: 'open', t, grammar: action, untilT: Infinity });
        break;
      case 'lost':
        run.take({ kind: 'lost', t, reason: 'unplugged' });
        break;
      case 'shut':
      case 'phrase':
      case 'press':
      case 'release':
      case 'gap':
        run.take({ kind: action, t });
        break;
    }
  }
  return run;
}

describe('stepListening', () => {
  it.each([
    ['final', 200],
    ['extendable', 450],
    ['incomplete', 700],
  ] as const)('decides %s speech after %d ms of silence', (ending, limit) => {
    const run = opened(new Run(always(ending)))
      .frames(320, 0.1)
      .frames(640, 0.9)
      .frames(1600, 0.1);
    const [heard] = run.of('heard');
    expect(heard.speechEndT).toBe(960);
    expect(heard.startT).toBe(320);
    expect(heard.endpointT).toBe(960 + frameMs);
    expect(heard.decidedT - heard.speechEndT).toBeGreaterThanOrEqual(limit);
    expect(heard.decidedT - heard.speechEndT).toBeLessThan(limit + frameMs);
    expect(run.of('heard').length).toBe(1);
  });

  it('never takes more than a second for the shortest command', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 12 }),
        fc.constantFrom<Ending>('final', 'extendable', 'incomplete'),
        (n, ending) => {
          const run = opened(new Run(always(ending)))
            .frames(96, 0)
            .frames(n * frameMs, 0.8)
            .frames(960, 0);
          expect(run.of('heard').length).toBe(1);
          expect(run.of('heard')[0].t - (96 + n * frameMs)).toBeLessThan(1000);
        },
      ),
    );
  });

  it('hears longer when the speaker goes on, and takes the first question back', () => {
    const run = opened(new Run(always('final')));
    run.frames(320, 0.9).frames(160, 0.1).frames(320, 0.9).frames(640, 0.1);
    expect([...run.asked.values()].map(({ toT }) => toT)).toEqual([352, 832]);
    expect(run.outputs.filter(({ kind }) => kind === 'cancel')).toEqual([{ kind: 'cancel', id: 1 }]);
    expect(run.of('heard').map(({ startT, speechEndT }) => [startT, speechEndT])).toEqual([[0, 800]]);
  });

  it('lets one loud frame in a pause pass', () => {
    const run = opened(new Run(always('final')));
    run.frames(320, 0.9).frames(96, 0.1).frames(frameMs, 0.9).frames(320, 0.1);
    expect(run.asked.size).toBe(1);
    expect(run.of('heard').length).toBe(1);
  });

  it('hears what was said in one breath with the wake phrase', () => {
    const run = new Run(always('final'));
    run.frames(2000, 0.1).frames(640, 0.9);
    run.take({ kind: 'phrase', t: run.state.t });
    opened(run, run.state.t).frames(960, 0.9).frames(960, 0.1);
    expect(run.of('wake').map(({ how }) => how)).toEqual(['phrase']);
    const [{ fromT }] = run.asked.values();
    expect(fromT).toBe(1984 - defaultListeningRules.beforeMs);
    expect(run.of('speechStarted').length).toBe(1);
    expect(run.of('heard')[0].startT).toBe(1984);
  });

  const phraseAlone: Answer = {
    kind: 'recognised',
    ending: 'extendable',
    heard: { ...heardCommand('x'), certainty: 'reject' },
    isPhrase: true,
  };

  it.each([
    ['recognised as such', phraseAlone],
    ['taken for something else', { ...phraseAlone, isPhrase: false }],
  ])('waits for a command when only the phrase was said, %s', (_, answer) => {
    const run = new Run((toT) => (toT < 3000 ? answer : recognised('final')));
    run.frames(2000, 0.1).frames(640, 0.9);
    run.take({ kind: 'phrase', t: run.state.t });
    opened(run, run.state.t).frames(64, 0.9).frames(1600, 0.1);
    expect(run.of('heard')).toEqual([]);
    expect(run.of('speechStarted')).toEqual([]);
    run.frames(640, 0.9).frames(960, 0.1);
    expect(run.of('heard').length).toBe(1);
    expect([...run.asked.values()].at(-1)?.fromT).toBeGreaterThan(2700);
  });

  it('does not take for the phrase alone what goes on behind it', () => {
    const run = new Run(() => phraseAlone).frames(640, 0.9);
    run.take({ kind: 'phrase', t: run.state.t });
    opened(run, run.state.t).frames(640, 0.9).frames(960, 0.1);
    expect(run.of('heard').map(({ heard }) => heard.certainty)).toEqual(['reject']);
  });

  it('passes over the phrase said again', () => {
    const run = opened(new Run(() => phraseAlone))
      .frames(640, 0.9)
      .frames(960, 0.1);
    expect(run.of('heard')).toEqual([]);
  });

  it('ends with the button that was held, at once, and not in a pause', () => {
    const run = new Run(always('incomplete'));
    run.frames(320, 0.1);
    run.take({ kind: 'press', t: run.state.t });
    opened(run, run.state.t).frames(640, 0.9).frames(1600, 0.1).frames(320, 0.9);
    expect(run.of('heard')).toEqual([]);
    const t = run.state.t + 5;
    run.take({ kind: 'release', t });
    expect(run.of('heard').map(({ decidedT, startT }) => [decidedT, startT])).toEqual([[t, 320]]);
  });

  it('takes a short press for the wake phrase', () => {
    const run = new Run(always('final')).frames(320, 0.1);
    run.take({ kind: 'press', t: 320 });
    opened(run, 320).frames(128, 0.1);
    run.take({ kind: 'release', t: run.state.t });
    run.frames(320, 0.9).frames(640, 0.1);
    expect(run.of('wake').map(({ how }) => how)).toEqual(['button']);
    expect(run.of('heard').length).toBe(1);
  });

  it.each([
    [null, 0],
    [300, 1],
  ])('wakes by a look of %s ms: %d times', (gazeMs, times) => {
    const run = new Run(always('final'), undefined, { ...defaultListeningRules, gazeMs });
    run.frames(320, 0.1);
    run.take({ kind: 'gaze', t: 320, isOnScreen: true });
    run.frames(640, 0.1).frames(320, 0.9);
    expect(run.of('wake').map(({ how }) => how)).toEqual(Array.from({ length: times }, () => 'gaze'));
    run.take({ kind: 'gaze', t: run.state.t, isOnScreen: false });
    run.frames(960, 0.1).frames(320, 0.9);
    expect(run.of('wake').length).toBe(times);
  });

  it('gives up on half a minute of talk, and hears what comes after a pause', () => {
    const run = opened(new Run(always('final'))).frames(40_000, 0.9);
    expect(run.of('notHeard').map(({ why }) => why)).toEqual(['tooLong']);
    expect(run.asked.size).toBe(0);
    run.frames(640, 0.1).frames(640, 0.9).frames(640, 0.1);
    expect(run.of('heard').length).toBe(1);
  });

  it('says what it does, once each time', () => {
    const run = new Run(always('final')).frames(96, 0);
    opened(run, 96).frames(320, 0.9).frames(640, 0);
    run.take({ kind: 'shut', t: run.state.t });
    run.take({ kind: 'lost', t: run.state.t, reason: 'unplugged' });
    run.take({ kind: 'gap', t: run.state.t });
    run.frames(64, 0);
    expect(
      run.of('state').map(({ state }) => (state.kind === 'unavailable' ? state.reason : state.kind)),
    ).toEqual(['asleep', 'listening', 'deciding', 'listening', 'asleep', 'unplugged', 'notReady', 'asleep']);
  });

  it('asks again when something else may be said', () => {
    const run = opened(new Run(always('incomplete')))
      .frames(320, 0.9)
      .frames(96, 0.1);
    run.take({ kind: 'open', t: run.state.t, grammar: 'other', untilT: Infinity });
    run.frames(960, 0.1);
    expect([...run.asked.values()].map(({ grammar, toT }) => [grammar, toT])).toEqual([
      ['g', 352],
      ['other', 352],
    ]);
    expect(run.of('heard').length).toBe(1);
  });

  it('closes by itself only while nobody speaks', () => {
    const run = new Run(always('final'));
    run.take({ kind: 'open', t: 0, grammar: 'g', untilT: 1000 });
    run.frames(896, 0).frames(640, 0.9);
    expect(run.state.open).not.toBeNull();
    run.frames(960, 0);
    expect(run.of('heard').length).toBe(1);
    expect(run.state.open).toBeNull();
  });

  it('holds these for any sound and any calls', () => {
    fc.assert(
      fc.property(inputs, endings, (actions, kinds) => {
        const run = runOf(actions, kinds, () => false);
        expect(run.mostWaiting).toBeLessThanOrEqual(1);
        let lastT = -Infinity;
        for (const output of run.outputs) {
          if (output.kind === 'ask') {
            expect(output.toT).toBeGreaterThan(output.fromT);
            expect(output.toT - output.fromT).toBeLessThanOrEqual(30_000);
          } else if (output.kind === 'event') {
            const { event } = output;
            expect(event.t).toBeGreaterThanOrEqual(lastT);
            lastT = event.t;
            if (event.kind === 'heard') {
              expect(event.startT).toBeLessThan(event.speechEndT);
              expect(event.endpointT).toBeGreaterThanOrEqual(event.speechEndT);
              expect(event.decidedT).toBe(event.t);
            }
          }
        }
        const started = run.of('speechStarted').length;
        const ended = run.of('speechEnded').length;
        expect(ended).toBeLessThanOrEqual(started);
        expect(run.of('heard').length).toBeLessThanOrEqual(ended);
      }),
      { numRuns: 300 },
    );
  });

  it('hears nothing while the microphone is closed', () => {
    fc.assert(
      fc.property(inputs, endings, (actions, kinds) => {
        const closed = actions.filter((action) => action !== 'open' && action !== 'reopen');
        const run = runOf(closed, kinds, () => false);
        expect(run.asked.size).toBe(0);
        expect(run.of('heard')).toEqual([]);
        expect(run.of('speechStarted')).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });

  it('does not care when the answers come', () => {
    fc.assert(
      fc.property(inputs, endings, fc.func(fc.boolean()), (actions, kinds, early) => {
        const late = runOf(actions, kinds, () => false);
        expect(runOf(actions, kinds, early).events).toEqual(late.events);
        expect(runOf(actions, kinds, () => true).events).toEqual(late.events);
      }),
      { numRuns: 200 },
    );
  });
});
