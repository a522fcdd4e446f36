import { readNoises } from './command-clips.js';
import { hesitating, recorded, synthesized } from './endpoint-speech.js';
import { EndpointTrials, type Outcome } from './endpoint-trials.js';
import type { Evaluation, EvaluationInput } from './evaluation.js';
import { percentileOver, type Percentile } from './percentiles.js';
import { countOption, modelOption, snrOption } from './speech-options.js';
import { wilson } from './wilson.js';

/** Within a sentence, ms. */
const pauseMs = 400;

interface Row {
  readonly name: string;
  readonly n: number;
  readonly right: number;
  readonly heard: number;
  readonly premature: number;
  readonly p50: Percentile;
  readonly p95: Percentile;
}

function rowOf(name: string, outcomes: readonly Outcome[]): Row {
  const latencies = outcomes.flatMap(({ latencyMs }) => (latencyMs === null ? [] : [latencyMs]));
  return {
    name,
    n: outcomes.length,
    right: outcomes.filter(({ right }) => right).length,
    heard: outcomes.filter(({ ending }) => ending !== null).length,
    premature: outcomes.filter(({ premature }) => premature).length,
    p50: percentileOver(latencies, 0.5),
    p95: percentileOver(latencies, 0.95),
  };
}

function lineOf({ name, n, right, heard, premature, p50, p95 }: Row): string {
  const share = (count: number): string => `${((100 * count) / n).toFixed(1)} %`;
  const { low, high } = wilson(premature, n);
  const ms = ({ value, low: from, high: to }: Percentile): string =>
    `${value.toFixed(0)} ms [${from.toFixed(0)}, ${to.toFixed(0)}]`;
  return (
    `${name.padEnd(28)} n ${String(n).padStart(4)}  heard ${share(heard)}  right ${share(right)}  ` +
    `too early ${share(premature)} [${(100 * low).toFixed(1)}, ${(100 * high).toFixed(1)}]  ` +
    `p50 ${ms(p50)}  p95 ${ms(p95)}`
  );
}

async function run(input: EvaluationInput): Promise<{ text: string; json: Record<string, unknown> }> {
  const { options, dataDir, progress } = input;
  const limit = countOption(options, 'limit') ?? Infinity;
  const snrs = snrOption(options, ['clean', 10]);
  const trials = new EndpointTrials(modelOption(options, 'tiny'));
  const noises = snrs.some((snr) => snr !== 'clean') ? readNoises(dataDir) : [];
  const sets = [
    ['in-car, synthesized', synthesized(limit, 1)],
    [`in-car, a pause of ${pauseMs} ms`, hesitating(Math.min(limit, 150), 1, pauseMs)],
    ['coffee, people', recorded(dataDir, limit)],
  ] as const;
  const outcomes: Outcome[] = [];
  try {
    for (const [set, utterances] of sets) {
      for (const [i, utterance] of utterances.entries()) {
        for (const snr of snrs) outcomes.push(await trials.run(set, utterance, snr, noises));
        if (i % 20 === 19) progress(`${set}: ${i + 1} of ${utterances.length}`);
      }
    }
  } finally {
    trials.close();
  }
  const rows = sets.flatMap(([set]) =>
    snrs.flatMap((snr) => {
      const here = outcomes.filter((outcome) => outcome.set === set && outcome.snr === snr);
      const title = `${set}, ${snr === 'clean' ? snr : `${snr} dB`}`;
      return [
        rowOf(title, here),
        ...(['final', 'extendable', 'incomplete'] as const).map((ending) =>
          rowOf(
            `  ${ending}`,
            here.filter((outcome) => outcome.ending === ending),
          ),
        ),
      ];
    }),
  );
  const early = outcomes.filter(({ premature }) => premature);
  return {
    text: [
      ...rows.filter(({ n }) => n > 0).map(lineOf),
      ...early.slice(0, 20).map(({ name, said }) => `too early: ${name} -> ${said}`),
      'From the end of speech in the clean recording to the decision, or to the answer where that came later by its own',
      'CPU time; 95 % by resampling utterances, Wilson for shares.',
    ].join('\n'),
    json: { rows, outcomes },
  };
}

/** When speech counts as over: latency, and how often too early. */
export const endpoints: Evaluation = {
  name: 'endpoints',
  about: 'end of speech to decision, and decisions too early (--limit, --snr, --model)',
  run,
};
