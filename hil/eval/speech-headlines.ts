import type { Accuracy } from './command-score.js';
import type { Curve } from './speech-chart.js';
import { interval, percent, type ReportRow } from './speech-report.js';

type Json = Readonly<Record<string, unknown>>;

const isMissing = (json: Json): boolean => json['notMeasured'] !== undefined;
const notMeasured = (figure: string, goal: string): ReportRow => ({
  ...{ figure, goal, measured: 'not measured', interval: '', n: '' },
});

export function commandHeadlines(model: string, json: Json): ReportRow[] {
  const figure = `recorded commands right in noise, ${model}, %`;
  if (isMissing(json)) return [notMeasured(figure, '98')];
  const { accuracy, n, trials, seeds, ...range } = json as unknown as Accuracy & { n: number; seeds: number };
  const size = `${n} recordings, ${trials} trials, ${seeds} draws of noise`;
  return [{ figure, measured: percent(accuracy), interval: interval(range), n: size, goal: '98' }];
}

interface ActedJson extends Record<string, unknown> {
  readonly clean: {
    readonly actedShare: number;
    readonly low: number;
    readonly high: number;
    readonly n: number;
  };
  readonly noisy: ActedJson['clean'];
}

export function oogHeadlines(json: Json): ReportRow[] {
  const goal = '1 or less, of 300 sentences or more';
  if (isMissing(json)) return [notMeasured('speech that is no command acted upon, %', goal)];
  const { clean, noisy } = json as ActedJson;
  return (['clean', 'in noise'] as const).map((condition) => {
    const one = condition === 'clean' ? clean : noisy;
    const figure = `speech that is no command acted upon, ${condition}, %`;
    return {
      figure,
      goal,
      measured: percent(one.actedShare),
      interval: interval(one),
      n: `${one.n} sentences`,
    };
  });
}

export function incarHeadlines(model: string, json: Json): ReportRow[] {
  const figure = `synthesized in-car commands right in noise, ${model}, %`;
  if (isMissing(json)) return [notMeasured(figure, '')];
  const { accuracy, n, trials, actedWrong, ...range } = json as unknown as Accuracy & {
    n: number;
    actedWrong: { share: number; low: number; high: number };
  };
  const size = `${n} sentences, ${trials} trials`;
  return [
    { figure, measured: percent(accuracy), interval: interval(range), n: size, goal: '' },
    {
      figure: `the same, acted upon and wrong, ${model}, %`,
      ...{ measured: percent(actedWrong.share), interval: interval(actedWrong), n: size, goal: '' },
    },
  ];
}

interface Heard {
  readonly recall: number;
  readonly low: number;
  readonly high: number;
  readonly n: number;
}

interface WakeJson {
  readonly twoWordsAt10dB?: Heard | null;
  readonly words?: readonly { readonly word: string; readonly recall: Readonly<Record<string, Heard>> }[];
}

export function wakeHeadlines(json: Json): ReportRow[] {
  const figure = 'wake phrases of two words missed at 10 dB, %';
  const heard = (json as WakeJson).twoWordsAt10dB;
  if (heard === undefined || heard === null) return [notMeasured(figure, '5 or less')];
  const missed = { low: 1 - heard.high, high: 1 - heard.low };
  return [
    {
      ...{ figure, measured: percent(1 - heard.recall), interval: interval(missed) },
      ...{ n: `${heard.n} recordings`, goal: '5 or less' },
    },
  ];
}

/** Share heard of every word over the noise. */
export function wakeCurves(json: Json): Curve[] {
  return ((json as WakeJson).words ?? []).map(({ word, recall }) => ({
    label: word,
    points: Object.entries(recall).flatMap(([snr, { recall: value, low, high }]) =>
      snr === 'clean' ? [] : [{ snr: Number(snr), value, low, high }],
    ),
  }));
}
