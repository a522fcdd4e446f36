import { setTimeout as sleep } from 'node:timers/promises';
import { Listener } from '../../src/assistant/listening/listener.js';
import { CompiledGrammar } from '../../src/assistant/speech/compiled-grammar.js';
import { SpeechRecogniser } from '../../src/assistant/speech/speech-recogniser.js';
import { chunksOf } from '../../src/audio/chunks.js';
import { speechRate } from '../../src/audio/resampler.js';
import { dataDir } from '../../src/runtime/paths.js';
import { VigilError } from '../../src/runtime/errors.js';
import { recorded, shortCommands, synthesized, type Utterance } from '../eval/endpoint-speech.js';
import { EndpointTrials, type Outcome } from '../eval/endpoint-trials.js';
import { percentile } from '../eval/percentiles.js';
import { withTail } from '../eval/spoken-trial.js';
import { wilson } from '../eval/wilson.js';
import type { BenchRow } from './row.js';
import { VisionLoad } from './vision-load.js';

/** The limits, ms, and share of decisions too early, %. */
const limits = { finalP50: 350, finalP95: 600, extendableP95: 850, short: 1000, early: 1 };
const synthesizedCount = 120;
const realTimeCount = 24;

function recordedIfAny(): Utterance[] {
  try {
    return recorded(dataDir, Infinity);
  } catch (error) {
    if (error instanceof VigilError && error.code === 'NO_EVALUATION_DATA') return [];
    throw error;
  }
}

const heardIn = (outcomes: readonly Outcome[]): number[] =>
  outcomes.flatMap(({ latencyMs }) => (latencyMs === null ? [] : [latencyMs]));

function rowsOf(set: string, outcomes: readonly Outcome[]): BenchRow[] {
  const row = (ending: Outcome['ending'], share: number, limit?: number): BenchRow[] => {
    const values = heardIn(outcomes.filter((outcome) => outcome.ending === ending));
    if (values.length === 0) return [];
    return [
      {
        name: `${set}: ${ending ?? ''}, p${100 * share}`,
        value: percentile(values, share),
        unit: 'ms',
        ...(limit === undefined ? {} : { limit }),
        note: `n ${values.length}; speech on a processor of its own`,
      },
    ];
  };
  const early = outcomes.filter(({ premature }) => premature).length;
  const { low, high } = wilson(early, outcomes.length);
  return [
    ...row('final', 0.5, limits.finalP50),
    ...row('final', 0.95, limits.finalP95),
    ...row('extendable', 0.95, limits.extendableP95),
    ...row('incomplete', 0.95),
    {
      name: `${set}: too early`,
      value: (100 * early) / outcomes.length,
      unit: '%',
      limit: limits.early,
      note: `${early} of ${outcomes.length}; 95 % ${(100 * low).toFixed(1)} to ${(100 * high).toFixed(1)}`,
    },
  ];
}

async function simulated(utterances: readonly Utterance[]): Promise<Outcome[]> {
  const trials = new EndpointTrials('tiny');
  const outcomes: Outcome[] = [];
  try {
    for (const utterance of utterances) outcomes.push(await trials.run('', utterance, 'clean', []));
  } finally {
    trials.close();
  }
  return outcomes;
}

/** End of speech to the event, by the wall clock; undefined where nothing was heard or too early. */
async function inRealTime(recogniser: SpeechRecogniser, utterance: Utterance): Promise<number | undefined> {
  const grammar = new CompiledGrammar(utterance.grammar, recogniser.tokenizer);
  const { samples, endMs } = utterance.sound();
  const audio = withTail(samples, 1.5, 1);
  const listener = new Listener({ zone: 'driver', recogniser, wake: null });
  let heardMs: number | undefined;
  const beginMs = performance.now();
  listener.events.subscribe((event) => {
    if (event.kind === 'heard') heardMs ??= performance.now() - beginMs;
  });
  listener.open(grammar, 0);
  for (const chunk of chunksOf({ rate: speechRate, samples: audio })) {
    const dueMs = chunk.t + (1000 * chunk.samples.length) / chunk.rate;
    const waitMs = dueMs - (performance.now() - beginMs);
    if (waitMs > 1) await sleep(waitMs);
    listener.push(chunk);
  }
  await listener.settled();
  listener.close();
  recogniser.forget(grammar);
  return heardMs === undefined || heardMs < endMs ? undefined : heardMs - endMs;
}

/** End of speech to decision while driver monitoring runs: from the last sound above the recording's noise on. */
export async function run(): Promise<BenchRow[]> {
  const vision = await VisionLoad.start();
  try {
    const cars = synthesized(synthesizedCount, 1);
    const people = recordedIfAny();
    const short = heardIn(await simulated(shortCommands()));
    const rows = [
      ...rowsOf('in-car, synthesized', await simulated(cars)),
      ...(people.length === 0 ? [] : rowsOf('coffee orders of people', await simulated(people))),
      {
        name: 'shortest commands, slowest',
        value: Math.max(...short),
        unit: 'ms',
        limit: limits.short,
        note: `n ${short.length}; stop, yes, no, cancel, help`,
      },
    ];
    const recogniser = new SpeechRecogniser();
    try {
      await recogniser.load();
      const waited: number[] = [];
      for (const utterance of cars.slice(0, realTimeCount)) {
        const ms = await inRealTime(recogniser, utterance);
        if (ms !== undefined) waited.push(ms);
      }
      return [
        ...rows,
        ...[0.5, 0.95].map((share) => ({
          name: `in-car, in real time on this machine: all endings, p${100 * share}`,
          value: percentile(waited, share),
          unit: 'ms',
          note: `n ${waited.length}; wall clock, whatever else the machine does`,
        })),
      ];
    } finally {
      recogniser.close();
    }
  } finally {
    await vision.close();
  }
}
