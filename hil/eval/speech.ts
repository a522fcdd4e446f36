import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeFigure } from '../../src/cli/plot/write-figure.js';
import { VigilError } from '../../src/runtime/errors.js';
import { buildDir } from '../../src/runtime/paths.js';
import { accuracyOver, grouped, type Accuracy, type Snr, type Trial } from './command-score.js';
import type { Evaluation, EvaluationInput, EvaluationResult } from './evaluation.js';
import { snrChart, type Curve } from './speech-chart.js';
import { benchmarkSnrs, countOption } from './speech-options.js';
import {
  conditionTable,
  curveOf,
  headlineTable,
  rhinoCurve,
  type ConditionRow,
  type ReportRow,
} from './speech-report.js';
import {
  commandHeadlines,
  incarHeadlines,
  oogHeadlines,
  wakeCurves,
  wakeHeadlines,
} from './speech-headlines.js';

/** What the report is made of; `commands` is heard with both networks. */
export interface SpeechParts {
  readonly commands: Evaluation;
  readonly oog: Evaluation;
  readonly incar: Evaluation;
  readonly wake: Evaluation;
  readonly others: readonly Evaluation[];
  /** Another recogniser on the recordings; undefined: not installed. */
  readonly peer: (
    dataDir: string,
    snrs: readonly Snr[],
    limit: number | undefined,
  ) => readonly Trial[] | undefined;
}

/** Several, so that one draw of noise does not decide. */
const seeds = 3;

/** PocketSphinx takes half as long as the recording: some conditions must do. */
const peerSnrs: readonly Snr[] = ['clean', 6, 12, 24];

type Options = NonNullable<EvaluationInput['options']>;

/** What an evaluation said, or why it could not. */
interface PartResult extends EvaluationResult {
  readonly name: string;
  readonly options: Options;
  readonly measured: boolean;
}

async function resultOf(
  evaluation: Evaluation,
  input: EvaluationInput,
  options: Options,
  name = evaluation.name,
): Promise<PartResult> {
  try {
    const progress = (step: string): void => input.progress(`${name}: ${step}`);
    return { name, options, measured: true, ...(await evaluation.run({ ...input, options, progress })) };
  } catch (error) {
    // An evaluation whose data or voices are not there is named, and does not take the others with it.
    const missing = ['NO_EVALUATION_DATA', 'EVALUATION_DATA_MISSING', 'VOICE_MISSING', 'MODEL_NOT_BUILT'];
    if (!(error instanceof VigilError && missing.includes(error.code))) throw error;
    const notMeasured = `${error.message} ${error.advice}`.trim();
    return { name, options, measured: false, text: `Not measured: ${notMeasured}`, json: { notMeasured } };
  }
}

/** Of `commands`: this network through the grammar, and its free text read by the grammar. */
function conditionRows(model: string, { json, measured }: PartResult): ConditionRow[] {
  if (!measured) return [];
  const { accuracy, low, high, trials, bySnr, free } = json as unknown as Accuracy & {
    bySnr: Record<string, Accuracy>;
    free: Accuracy & { bySnr: Record<string, Accuracy> };
  };
  const bySnrOf = (record: Record<string, Accuracy>): Map<Snr, Accuracy> =>
    new Map(Object.entries(record).map(([snr, one]) => [snr === 'clean' ? snr : Number(snr), one]));
  return [
    { name: `Vigil, ${model}`, mean: { accuracy, low, high, trials }, bySnr: bySnrOf(bySnr) },
    { name: `${model}, free text`, mean: free, bySnr: bySnrOf(free.bySnr) },
  ];
}

function peerRow(trials: readonly Trial[] | undefined): ConditionRow {
  const noisy = trials?.filter(({ snr }) => snr !== 'clean') ?? [];
  return {
    name: 'PocketSphinx, same grammar',
    mean: noisy.length === 0 ? null : accuracyOver(noisy),
    bySnr: new Map(
      [...grouped(trials ?? [], ({ snr }) => snr)].map(([snr, list]) => [snr, accuracyOver(list)]),
    ),
  };
}

function incarCurve({ json, measured }: PartResult): Curve[] {
  if (!measured) return [];
  const { bySnr, model } = json as unknown as { bySnr: Record<string, Accuracy>; model: string };
  const rows = new Map<Snr, Accuracy>(
    Object.entries(bySnr).map(([snr, one]) => [snr === 'clean' ? snr : Number(snr), one]),
  );
  return [curveOf({ name: `in-car, ${model}`, mean: null, bySnr: rows })];
}

/** Everything about speech in one report: curves, headlines with goals, then what every evaluation says. */
export function speechEvaluation(parts: SpeechParts): Evaluation {
  return {
    name: 'speech',
    about: 'all of speech in one report with curves, in build/eval/speech or --output DIR (--quick, --seeds)',
    run: async (input) => {
      const quick = input.options?.['quick'] !== undefined;
      const few = (limit: number): Options => (quick ? { limit: String(limit), quick: 'yes' } : {});
      const snrs: readonly Snr[] = quick ? ['clean', 6, 15] : ['clean', ...benchmarkSnrs];
      const clips = countOption(input.options, 'limit') ?? (quick ? 10 : undefined);
      const heard: Options = {
        snr: snrs.join(','),
        seeds: quick ? '1' : String(countOption(input.options, 'seeds') ?? seeds),
        ...(clips === undefined ? {} : { limit: String(clips) }),
      };
      const base = await resultOf(parts.commands, input, { ...heard, model: 'base' }, 'commands, base');
      const tiny = await resultOf(parts.commands, input, { ...heard, model: 'tiny' }, 'commands, tiny');
      const oog = await resultOf(parts.oog, input, few(20));
      const incar = await resultOf(parts.incar, input, { ...few(40), model: 'tiny' }, 'incar, tiny');
      const incarBase = await resultOf(parts.incar, input, { ...few(40), model: 'base' }, 'incar, base');
      const wake = await resultOf(parts.wake, input, quick ? { quick: 'yes' } : {});
      const others: PartResult[] = [];
      for (const other of parts.others) others.push(await resultOf(other, input, few(15)));
      input.progress('PocketSphinx');
      const asked = snrs.filter((snr) => peerSnrs.includes(snr));
      const peer = base.measured ? parts.peer(input.dataDir, asked, clips) : undefined;
      const conditions = [...conditionRows('base', base), ...conditionRows('tiny', tiny), peerRow(peer)];
      const rows: ReportRow[] = [
        ...commandHeadlines('base', base.json),
        ...commandHeadlines('tiny', tiny.json),
        ...oogHeadlines(oog.json),
        ...incarHeadlines('tiny', incar.json),
        ...incarHeadlines('base', incarBase.json),
        ...wakeHeadlines(wake.json),
      ];
      const charts = {
        commands: snrChart([...conditions.map(curveOf), rhinoCurve()], {
          ...{ title: 'Recorded orders: intent and every slot right', axis: '% right', from: 0, to: 1 },
        }),
        'commands-close': snrChart(
          [...conditions.filter(({ name }) => name.startsWith('Vigil')).map(curveOf), rhinoCurve()],
          { title: 'The same, close', axis: '% right', from: 0.8, to: 1 },
        ),
        incar: snrChart([...incarCurve(incarBase), ...incarCurve(incar)], {
          ...{ title: 'Synthesized in-car commands', axis: '% right', from: 0, to: 1 },
        }),
        wake: snrChart(wakeCurves(wake.json), {
          ...{ title: 'Wake words of people', axis: '% heard', from: 0.5, to: 1 },
        }),
      };
      const all = [base, tiny, oog, incarBase, incar, wake, ...others];
      const text = reportText(rows, conditions, snrs, all, quick);
      const folder = input.outputDir ?? join(buildDir, 'eval', 'speech');
      await write(folder, text, charts);
      return {
        text,
        json: { quick, headlines: rows, ...Object.fromEntries(all.map(({ name, json }) => [name, json])) },
      };
    },
  };
}

function reportText(
  rows: readonly ReportRow[],
  conditions: readonly ConditionRow[],
  snrs: readonly Snr[],
  all: readonly PartResult[],
  quick: boolean,
): string {
  return [
    '# Speech, measured',
    ...(quick ? ['A quick run: a few of the recordings and conditions.'] : []),
    headlineTable(rows),
    '## Recorded commands',
    'Orders of real people at a coffee bar, car, engine, kitchen and street noise; 95 % by resampling recordings.',
    conditionTable(conditions, snrs),
    '![Accuracy over noise](commands.svg)',
    '![Accuracy over noise, close](commands-close.svg)',
    '![In-car commands over noise](incar.svg)',
    '![Wake words over noise](wake.svg)',
    ...all.flatMap(({ name, options, text }) => [
      `## ${name}`,
      `\`npm run eval ${name.split(',')[0]}${argumentsOf(options)}\``,
      `\`\`\`\n${text}\n\`\`\``,
    ]),
    '',
  ].join('\n\n');
}

function argumentsOf(options: Options): string {
  const given = Object.entries(options).map(([name, value]) =>
    name === 'quick' ? ' --quick' : ` --${name} ${value ?? ''}`,
  );
  return given.length === 0 ? '' : ` --${given.join('')}`;
}

/** As Markdown with SVG, and PNG where a converter is installed. */
async function write(folder: string, text: string, charts: Readonly<Record<string, string>>): Promise<void> {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'report.md'), text);
  for (const [name, svg] of Object.entries(charts)) {
    await writeFigure(svg, join(folder, `${name}.svg`));
    try {
      await writeFigure(svg, join(folder, `${name}.png`));
    } catch (error) {
      if (!(error instanceof VigilError && error.code === 'PNG_CONVERTER_MISSING')) throw error;
    }
  }
}
