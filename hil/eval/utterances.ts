import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseCatalogue } from '../../src/assistant/understanding/catalogue.js';
import type { Decision } from '../../src/assistant/understanding/decision.js';
import { SettingsUnderstander } from '../../src/assistant/understanding/settings-understander.js';
import { VigilError } from '../../src/runtime/errors.js';
import type { Evaluation, EvaluationResult } from './evaluation.js';
import { GoldResolver, type Gold, type UtteranceKind } from './utterances-gold.js';
import { readUtterances, utteranceFiles, type LabelledUtterance } from './utterances-labels.js';
import { figuresOf, outcomeOf, type Figures, type Scored } from './utterances-score.js';

/** `npm run eval utterances`: sentences about settings outside the grammar, understood through a catalogue. */
export const utterances: Evaluation = {
  name: 'utterances',
  about: 'paraphrases about settings: acted, asked, rejected, right or wrong',
  run: ({ dataDir, progress }) => Promise.resolve(run(join(dataDir, 'nlu', 'automotive-settings'), progress)),
};

interface ScoredUtterance extends Scored {
  readonly utterance: LabelledUtterance;
  readonly gold: Gold;
  readonly decision: Decision;
}

const kinds: readonly UtteranceKind[] = ['change', 'question', 'state', 'underspecified'];

function run(folder: string, progress: (step: string) => void): EvaluationResult {
  const files = utteranceFiles(folder);
  if (files.length === 0)
    throw new VigilError(
      'EVALUATION_DATA_MISSING',
      `Expected utterances.tsv in ${folder} but found none.`,
      'Set VIGIL_DATA to the folder with the evaluation data.',
    );
  const catalogue = parseCatalogue(
    readFileSync(join(folder, 'available_settings.yaml'), 'utf8'),
    readFileSync(join(folder, 'setting_alternative_names.yaml'), 'utf8'),
  );
  const understander = new SettingsUnderstander(catalogue);
  const resolver = new GoldResolver(catalogue);
  const scored: ScoredUtterance[] = [];
  const apart = new Map<string, { n: number; acted: number }>();
  for (const file of files) {
    progress(dirname(file));
    for (const utterance of readUtterances(file)) {
      const gold = resolver.resolve(utterance);
      const decision = understander.understand(utterance.text);
      if (typeof gold === 'string') {
        const { n, acted } = apart.get(gold) ?? { n: 0, acted: 0 };
        apart.set(gold, { n: n + 1, acted: acted + (decision.kind === 'act' ? 1 : 0) });
        continue;
      }
      const outcome = outcomeOf(decision, gold);
      scored.push({ cluster: utterance.template, outcome, utterance, gold, decision });
    }
  }
  return report(scored, apart);
}

/** Found by name or a variant of it: setting and value are compared. */
function isCompared({ gold }: ScoredUtterance): boolean {
  return gold.by !== 'setting';
}

function report(
  scored: readonly ScoredUtterance[],
  apart: ReadonlyMap<string, { n: number; acted: number }>,
): EvaluationResult {
  const compared = scored.filter(isCompared);
  const all = figuresOf(compared);
  const parts: readonly (readonly [string, readonly ScoredUtterance[]])[] = [
    ...kinds.map((kind) => [kind, compared.filter(({ gold }) => gold.kind === kind)] as const),
    ['named', compared.filter(({ gold }) => gold.by === 'name')],
    ['variant', compared.filter(({ gold }) => gold.by === 'variant')],
    ['fold 0', compared.filter(({ cluster }) => foldOf(cluster) === 0)],
    ['folds 1 to 4', compared.filter(({ cluster }) => foldOf(cluster) !== 0)],
  ];
  const figures = parts.map(([name, part]) => [name, figuresOf(part)] as const);
  const settingOnly = figuresOf(scored.filter((each) => !isCompared(each)));
  const acted = compared.filter(({ decision }) => decision.kind === 'act').length;
  const answered = scored.filter(({ gold, decision }) => gold.question && decision.kind === 'act').length;
  const others = [...apart.values()];
  const n = scored.length + sum(others.map((each) => each.n));
  const wrongAtMost =
    (scored.filter(({ outcome }) => outcome === 'wrong').length + sum(others.map((each) => each.acted))) / n;
  const text = [
    `setting and value   ${line(all)}`,
    ...figures.map(([name, part]) => `  ${name.padEnd(15)} ${line(part)}`),
    `setting only        ${line(settingOnly)}`,
    `compared ${compared.length} of ${n}, and the setting alone of ${scored.length - compared.length} more`,
    `acted on ${acted} of ${all.n}; questions answered by an action: ${answered}`,
    'apart, for their labels do not resolve (n, acted on):',
    ...[...apart].map(([why, { n: count, acted: on }]) => `  ${why.padEnd(15)} ${count}, ${on}`),
    `wrong if every act among those were wrong: ${percent(wrongAtMost)} % of all`,
    'wrong, most frequent:',
    ...confusions(scored, 'wrong'),
    'rest, most frequent:',
    ...confusions(compared, 'rest'),
  ].join('\n');
  return {
    text,
    json: {
      correct: all.correct.share,
      wrong: all.wrong.share,
      rest: all.rest.share,
      n: all.n,
      templates: all.templates,
      intervals: { correct: bounds(all.correct), wrong: bounds(all.wrong), rest: bounds(all.rest) },
      kinds: Object.fromEntries(figures.slice(0, kinds.length)),
      parts: Object.fromEntries(figures.slice(kinds.length)),
      settingOnly,
      utterances: n,
      acted,
      questionsActedOn: answered,
      unresolved: Object.fromEntries(apart),
      wrongAtMost,
    },
  };
}

/** One of five, the same for all utterances of a template: FNV-1a. */
function foldOf(template: string): number {
  let hash = 0x811c9dc5;
  for (const letter of template) hash = Math.imul(hash ^ letter.charCodeAt(0), 0x01000193);
  return (hash >>> 0) % 5;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function bounds({ low, high }: { low: number; high: number }): [number, number] {
  return [low, high];
}

function line({ correct, wrong, rest, n, templates }: Figures): string {
  const shown = [
    ['correct', correct],
    ['wrong', wrong],
    ['rest', rest],
  ] as const;
  const shares = shown.map(
    ([name, { share, low, high }]) => `${name} ${percent(share)} % [${percent(low)}, ${percent(high)}]`,
  );
  return `${shares.join('  ')}  n ${n}, ${templates} templates`;
}

function percent(share: number): string {
  return (100 * share).toFixed(1);
}

/** What was meant and what was done instead, most frequent first, each with an example. */
function confusions(scored: readonly ScoredUtterance[], outcome: 'wrong' | 'rest'): string[] {
  const groups = new Map<string, { n: number; example: string }>();
  for (const { utterance, gold, decision, outcome: each } of scored) {
    if (each !== outcome) continue;
    const key = `${gold.question ? 'question' : gold.kind}: ${goldText(gold)} -> ${decisionText(decision)}`;
    const { n, example } = groups.get(key) ?? { n: 0, example: utterance.text };
    groups.set(key, { n: n + 1, example });
  }
  return [...groups]
    .sort((a, b) => b[1].n - a[1].n)
    .slice(0, 12)
    .map(([key, { n, example }]) => `  ${String(n).padStart(4)}  ${key}  "${example}"`);
}

function goldText({ settings, values }: Gold): string {
  const [first] = settings;
  const more = settings.size > 1 ? ` (+${settings.size - 1})` : '';
  const value = values?.get(first);
  return `${first}${more}${value === undefined ? '' : ` = ${[...value].join('/')}`}`;
}

function decisionText(decision: Decision): string {
  switch (decision.kind) {
    case 'act':
      return `acted ${decision.act.setting} = ${String(decision.act.value)}`;
    case 'ask':
      return `asked ${decision.candidates[0].setting} = ${String(decision.candidates[0].value)}`;
    case 'query':
      return `answered ${decision.settings[0]}`;
    case 'reject':
      return 'rejected';
  }
}
