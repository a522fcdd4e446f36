import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { kvret } from '../hil/eval/kvret.js';
import { GoldResolver } from '../hil/eval/utterances-gold.js';
import { parseUtterances } from '../hil/eval/utterances-labels.js';
import { clusterInterval, outcomeOf, type Scored } from '../hil/eval/utterances-score.js';
import { utterances } from '../hil/eval/utterances.js';
import { parseCatalogue } from '../src/assistant/understanding/catalogue.js';
import { readFileSync } from 'node:fs';

const source = join(import.meta.dirname, 'data', 'understanding');
const catalogue = parseCatalogue(
  readFileSync(join(source, 'settings.yaml'), 'utf8'),
  readFileSync(join(source, 'names.yaml'), 'utf8'),
);
const resolver = new GoldResolver(catalogue);
const dataDir = mkdtempSync(join(tmpdir(), 'vigil-utterances-'));
afterAll(() => {
  rmSync(dataDir, { recursive: true });
});

function goldOf(marked: string): ReturnType<GoldResolver['resolve']> {
  return resolver.resolve(parseUtterances(`intent\tutterance\nX\t${marked}`, 'test')[0]);
}

describe('labels', () => {
  it('are read with text and template', () => {
    expect(
      parseUtterances('intent\tutterance\nX\tput {SETTING=bass} {VALUE=up} on {SETTING=it}\n', 'test'),
    ).toEqual([
      {
        text: 'put bass up on it',
        template: 'put {setting} {value} on {setting}',
        labels: { SETTING: ['bass', 'it'], VALUE: ['up'] },
      },
    ]);
  });

  it.each(['a\tb\n', 'intent\tutterance\nX\n'])('say what is wrong: %j', (text) => {
    expect(() => parseUtterances(text, 'test')).toThrow(/in line \d of test/);
  });

  it.each([
    ['turn the {SETTING=wheel heater} {VALUE=on}', 'change', ['Steering Wheel Heater'], ['On'], true],
    [
      '{SETTING=warmth} of the {SETTING=left seat} {VALUE=up}',
      'change',
      ['Seat Warmth Left'],
      ['Increase'],
      true,
    ],
    ['{SETTING=tone control} to {AMOUNT=2}', 'change', ['Bass Tone', 'Treble Tone'], ['Set'], true],
    ['the {SETTING=temperature} feels {VALUE=cold}', 'state', ['Cabin Climate'], ['Increase'], true],
    [
      '{SETTING=seat warmth} {VALUE=up}',
      'underspecified',
      ['Seat Warmth Left', 'Seat Warmth Right'],
      ['Increase'],
      false,
    ],
    ['make it {VALUE=warmer}', 'underspecified', ['Cabin Climate'], ['Increase'], false],
    ['is the {SETTING=bass} {VALUE=purple}', 'question', ['Bass Tone'], null, true],
    ['press the {SETTING=temp} button', 'change', ['Cabin Climate'], null, true],
  ] as const)('"%s" is a %s', (marked, kind, settings, values, exact) => {
    const gold = goldOf(marked);
    expect(gold).toMatchObject({ kind, exact });
    if (typeof gold === 'string') return;
    expect([...gold.settings]).toEqual(settings);
    expect(gold.values === null ? null : [...(gold.values.get(settings[0]) ?? [])]).toEqual(values);
  });

  it.each([
    ['turn the {SETTING=seats heating} {VALUE=higher}', 'variant', 'Seat Warmth Left', 'Increase'],
    ['{SETTING=lane departures alarms system} {VALUE=enabled}', 'variant', 'Lane Guard', 'On'],
    ['set it to {AMOUNT=20} {UNIT=degrees}', 'name', 'Cabin Climate', 'Set'],
    ['{SETTING=bass} {VALUE=purple}', 'setting', 'Bass Tone', null],
  ] as const)('"%s" resolves by %s', (marked, by, setting, value) => {
    const gold = goldOf(marked);
    expect(gold).toMatchObject({ by });
    if (typeof gold === 'string') return;
    expect([...gold.settings]).toContain(setting);
    expect(gold.values === null ? null : [...(gold.values.get(setting) ?? [])]).toEqual(
      value === null ? null : [value],
    );
  });

  it.each([
    ['{SETTING=fuel} please', 'foreign'],
    ['turn it {VALUE=on}', 'no setting'],
    ['{VALUE=enabling} it', 'no setting'],
    ['set it to {AMOUNT=3}', 'no setting'],
    ['show me everything', 'no label'],
    ['word '.repeat(60), 'list'],
  ])('"%s" does not resolve: %s', (marked, why) => {
    expect(goldOf(marked)).toBe(why);
  });
});

describe('outcomes', () => {
  const change = goldOf('turn the {SETTING=wheel heater} {VALUE=on}');
  const question = goldOf('is the {SETTING=wheel heater} {VALUE=on}');
  const partial = goldOf('{SETTING=seat warmth} {VALUE=up}');
  const right = { setting: 'Steering Wheel Heater', value: 'On' };
  const other = { setting: 'Steering Wheel Heater', value: 'Off' };

  it.each([
    [change, { kind: 'act', act: right }, 'correct'],
    [change, { kind: 'act', act: other }, 'wrong'],
    [change, { kind: 'ask', candidates: [right, other], because: '' }, 'correct'],
    [change, { kind: 'ask', candidates: [other, right], because: '' }, 'rest'],
    [change, { kind: 'query', settings: [right.setting] }, 'rest'],
    [change, { kind: 'reject', because: '' }, 'rest'],
    [question, { kind: 'act', act: right }, 'wrong'],
    [question, { kind: 'ask', candidates: [right], because: '' }, 'rest'],
    [question, { kind: 'query', settings: [right.setting] }, 'correct'],
    [question, { kind: 'query', settings: ['Lane Guard'] }, 'rest'],
    [partial, { kind: 'act', act: { setting: 'Seat Warmth Left', value: 'Increase' } }, 'wrong'],
    [
      partial,
      { kind: 'ask', candidates: [{ setting: 'Seat Warmth Left', value: 'Increase' }], because: '' },
      'correct',
    ],
  ] as const)('of %j and %j: %s', (gold, decision, outcome) => {
    if (typeof gold === 'string') throw new Error(gold);
    expect(outcomeOf(decision, gold)).toBe(outcome);
  });

  it('have intervals over templates, not over utterances', () => {
    const spread = Array.from({ length: 100 }, (_, i): Scored => ({
      cluster: `${i}`,
      outcome: i % 2 === 0 ? 'correct' : 'rest',
    }));
    const lumped = spread.map((each, i): Scored => ({ ...each, cluster: each.outcome + String(i % 4) }));
    const [wide, narrow] = [clusterInterval(lumped, 'correct'), clusterInterval(spread, 'correct')];
    expect(wide.high - wide.low).toBeGreaterThan(2 * (narrow.high - narrow.low));
    expect(narrow.low).toBeGreaterThan(0.35);
    expect(narrow.high).toBeLessThan(0.65);
    expect(clusterInterval(spread, 'correct')).toEqual(narrow);
  });
});

describe('evaluations', () => {
  const progress = (): void => undefined;

  it('score every file below the folder', async () => {
    const folder = join(dataDir, 'nlu', 'automotive-settings');
    mkdirSync(join(folder, 'more'), { recursive: true });
    cpSync(join(source, 'settings.yaml'), join(folder, 'available_settings.yaml'));
    cpSync(join(source, 'names.yaml'), join(folder, 'setting_alternative_names.yaml'));
    const header = 'intent\tutterance\n';
    writeFileSync(
      join(folder, 'utterances.tsv'),
      `${header}X\tturn {SETTING=wheel heater} {VALUE=on}\nX\t{SETTING=fuel}\n`,
    );
    writeFileSync(
      join(folder, 'more', 'utterances.tsv'),
      `${header}X\tis the {SETTING=mood light} {VALUE=blue}\n`,
    );
    const { json } = await utterances.run({ dataDir, progress });
    expect(json).toMatchObject({ correct: 1, wrong: 0, rest: 0, n: 2, questionsActedOn: 0, acted: 1 });
    expect(json['unresolved']).toEqual({ foreign: { n: 1, acted: 0 } });
  });

  it('say where data is missing', async () => {
    await expect(async () => utterances.run({ dataDir: '/nowhere', progress })).rejects.toThrow(
      /utterances.tsv/,
    );
    await expect(async () => kvret.run({ dataDir: '/nowhere', progress })).rejects.toThrow(/JSON files/);
  });

  it('count what other matters are acted on', async () => {
    const turn = (intent: string, utterance: string, place = ''): unknown => ({
      scenario: { task: { intent } },
      dialogue: [
        { turn: 'driver', data: { utterance } },
        { turn: 'assistant', data: { utterance: 'ok', slots: { poi_type: place } } },
      ],
    });
    mkdirSync(join(dataDir, 'nlu', 'kvret'), { recursive: true });
    const turns = [
      turn('navigate', 'Take me home.', 'my house'),
      turn('navigate', 'where is a hotel', 'gas station'),
      turn('weather', 'Will it hail?'),
      turn('weather', 'will it hail'),
    ];
    writeFileSync(join(dataDir, 'nlu', 'kvret', 'turns.json'), JSON.stringify(turns));
    const { json } = await kvret.run({ dataDir, progress });
    expect(json).toMatchObject({
      navigate: { n: 2, correct: 1, wrong: 0, places: { n: 2, right: 1, actedOnWrong: 1 } },
      others: { n: 1, actedOn: 0 },
    });
  });
});
