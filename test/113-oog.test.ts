import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomUniform } from '../hil/demo/noise.js';
import type { Accuracy, Snr } from '../hil/eval/command-score.js';
import { carSentences, grammarOfState } from '../hil/eval/incar-sentences.js';
import { spokenSentences } from '../hil/eval/incar-trials.js';
import { otherSentences, ownOtherSpeech } from '../hil/eval/oog-sentences.js';
import { fittedLimits } from '../hil/eval/oog-zones.js';
import type { Evaluation } from '../hil/eval/evaluation.js';
import { speechEvaluation } from '../hil/eval/speech.js';
import { commandHeadlines, oogHeadlines, wakeCurves } from '../hil/eval/speech-headlines.js';
import { snrChart } from '../hil/eval/speech-chart.js';
import { conditionTable, curveOf, rhinoCurve, type ConditionRow } from '../hil/eval/speech-report.js';
import { spokenVoices, voiceName } from '../hil/eval/speech-voices.js';
import { idleState } from '../src/assistant/grammar/command-file.js';
import { loadCommands } from '../src/assistant/grammar/load.js';
import { Follower } from '../src/assistant/grammar/match.js';
import { normalise } from '../src/assistant/grammar/normalise.js';
import { syllablesOf } from '../src/assistant/speech/pace.js';
import { rejectionScore, zoneLimits, zoneOf } from '../src/assistant/speech/zones.js';
import { VigilError } from '../src/runtime/errors.js';
import { packageRoot } from '../src/runtime/paths.js';

const commands = loadCommands('en');
const idle = new Follower(grammarOfState(commands, idleState));

describe('speech that is no command', () => {
  it('holds sentences of our own that the grammar does not hold, each once', () => {
    const own = ownOtherSpeech();
    expect(own.length).toBeGreaterThanOrEqual(250);
    expect(new Set(own.map(({ text }) => normalise(text).join(' '))).size).toBe(own.length);
    const held = own.filter(({ text }) => idle.meanings(normalise(text)).length > 0);
    expect(held).toEqual([]);
  });

  it('does without the data folder, and is split once and for all', () => {
    const nowhere = join(packageRoot, 'test', 'nowhere');
    expect(existsSync(nowhere)).toBe(false);
    const sentences = otherSentences(nowhere, idle);
    expect(sentences).toEqual(otherSentences(nowhere, idle));
    const fitting = sentences.filter((sentence) => sentence.fitting).length;
    expect(fitting / sentences.length).toBeGreaterThan(0.35);
    expect(fitting / sentences.length).toBeLessThan(0.65);
  });
});

describe('in-car sentences', () => {
  it('are of every intent, mean one thing, and are the same for the same seed', () => {
    const sentences = carSentences(commands, 2, randomUniform(1));
    expect(sentences).toEqual(carSentences(commands, 2, randomUniform(1)));
    const intents = new Set(sentences.map(({ meaning }) => meaning.intent));
    expect(commands.intents.map(({ name }) => name).filter((name) => !intents.has(name))).toEqual([]);
    const followers = new Map<string, Follower>();
    for (const { text, meaning, state } of sentences) {
      const follower = followers.get(state) ?? new Follower(grammarOfState(commands, state));
      followers.set(state, follower);
      expect(follower.meanings(text.split(' '))).toEqual([meaning]);
    }
  });

  it('have no sentence and no voice on both sides', () => {
    const fitting = spokenSentences(commands, spokenVoices, true);
    const reported = spokenSentences(commands, spokenVoices, false);
    const texts = new Set(fitting.map(({ text }) => text));
    expect(reported.filter(({ text }) => texts.has(text))).toEqual([]);
    const speakers = new Set(fitting.map(({ voice }) => voiceName(voice)));
    expect(reported.filter(({ voice }) => speakers.has(voiceName(voice)))).toEqual([]);
  });
});

it('limits let no more through than they may, and the next higher ones would', () => {
  const score = fc.record({
    score: fc.oneof(fc.double({ min: -5, max: 40, noNaN: true }), fc.constant(Infinity)),
    isSlow: fc.boolean(),
  });
  fc.assert(
    fc.property(
      fc.array(score, { minLength: 1, maxLength: 60 }),
      fc.array(score, { minLength: 1, maxLength: 60 }),
      (scores, others) => {
        const limits = fittedLimits({ commands: scores, others }, 0.02, 0.2);
        const share = (limit: number): number =>
          others.filter(({ score: one, isSlow }) => one <= limit && !isSlow).length / others.length;
        if (limits.act > 0) expect(share(limits.act)).toBeLessThanOrEqual(0.02);
        if (limits.act < 20) expect(share(limits.act + 0.25)).toBeGreaterThan(0.02);
        expect(limits.confirm).toBeGreaterThanOrEqual(limits.act);
        expect(limits.commandsHeard).toBeGreaterThanOrEqual(limits.commandsActed);
      },
    ),
  );
});

describe('pace', () => {
  it('counts syllables, rather too many', () => {
    expect(syllablesOf(['open', 'the', 'window'])).toBe(5);
    expect(syllablesOf(['set', 'it', 'to', '21', 'fm'])).toBe(9);
    expect(syllablesOf([])).toBe(0);
  });

  it('lets less be done with words that are too few for the time', () => {
    const time = { words: ["what's", 'the', 'time'], freeText: "What's the time?" };
    expect(zoneOf(-1, { ...time, soundS: 1.2 })).toBe('act');
    expect(zoneOf(-1, { ...time, soundS: 4 })).toBe('confirm');
    expect(zoneOf(zoneLimits.confirm, { ...time, soundS: 4 })).toBe('reject');
    expect(zoneOf(30, { ...time, soundS: 1 })).toBe('reject');
  });
});

it('a score counts each word that the free sentence has more, and no fewer', () => {
  const command = { words: ['play', 'music'], soundS: 1 };
  expect(rejectionScore(0.5, { ...command, freeText: 'Play music through the chalk.' })).toBe(3.5);
  expect(rejectionScore(0.5, { ...command, freeText: 'Play.' })).toBe(0.5);
  expect(rejectionScore(null, { ...command, freeText: '' })).toBe(Infinity);
  expect(rejectionScore(Number.NaN, { ...command, freeText: '' })).toBe(Infinity);
});

describe('report', () => {
  const accuracy = { accuracy: 0.985, low: 0.97, high: 0.995, trials: 60 };
  const row: ConditionRow = {
    name: 'Vigil, base',
    mean: accuracy,
    bySnr: new Map<Snr, Accuracy>([
      ['clean', accuracy],
      [6, { ...accuracy, accuracy: 0.9 }],
    ]),
  };

  it('says what is not installed and what was published', () => {
    const absent: ConditionRow = { name: 'PocketSphinx', mean: null, bySnr: new Map() };
    const table = conditionTable([row, absent], ['clean', 6, 24]);
    expect(table).toContain('| Vigil, base | 98.5 [97.0, 99.5] | 98.5 | 90.0 |  |');
    expect(table).toContain('| PocketSphinx | not installed |');
    expect(table).toContain('| Rhino, published | 97.6 |  | 93.5 | 99.0 |');
  });

  it('draws curves with intervals, the same for the same figures', () => {
    const options = { title: 'A <curve>', axis: '% right', from: 0.5, to: 1 };
    const svg = snrChart([curveOf(row), rhinoCurve()], options);
    expect(svg).toBe(snrChart([curveOf(row), rhinoCurve()], options));
    expect(svg).toContain('A &lt;curve&gt;');
    expect(svg.match(/<circle/g)).toHaveLength(3);
    expect(svg.match(/<polyline/g)).toHaveLength(2);
    expect(snrChart([], options)).toContain('</svg>');
  });

  it('is made of what was measured, and goes on without the rest', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'vigil-speech-'));
    const answer = (name: string, json: Record<string, unknown>): Evaluation => ({
      name,
      about: '',
      run: () => Promise.resolve({ text: `${name} says`, json }),
    });
    const absent: Evaluation = {
      ...{ name: 'wake', about: '' },
      run: () => Promise.reject(new VigilError('NO_EVALUATION_DATA', 'Expected recordings.')),
    };
    const bySnr = { clean: accuracy, 6: accuracy };
    const few = { low: 0, high: 0.01, n: 376, actedShare: 0.002 };
    const heard = { ...accuracy, n: 60, seeds: 1, bySnr, free: { ...accuracy, bySnr } };
    const { text, json } = await speechEvaluation({
      commands: answer('commands', heard),
      oog: answer('oog', { clean: few, noisy: few }),
      incar: answer('incar', { ...heard, model: 'tiny', actedWrong: { share: 0.01, low: 0, high: 0.03 } }),
      wake: absent,
      others: [answer('kvret', {})],
      peer: () => undefined,
    }).run({ dataDir: folder, outputDir: folder, options: { quick: 'yes' }, progress: () => undefined });
    expect(text).toContain('| recorded commands right in noise, base, % | 98.5 | [97.0, 99.5] |');
    expect(text).toContain('| PocketSphinx, same grammar | not installed |');
    expect(text).toContain('Not measured: Expected recordings.');
    expect(text).toContain('kvret says');
    expect(text).toContain('npm run eval oog -- --limit 20 --quick');
    expect(json).toMatchObject({ quick: true, wake: { notMeasured: 'Expected recordings.' } });
    expect(readFileSync(join(folder, 'report.md'), 'utf8')).toBe(text);
    expect(readFileSync(join(folder, 'commands.svg'), 'utf8')).toContain('Vigil, tiny');
    rmSync(folder, { recursive: true });
  });

  it('names what was not measured', () => {
    const missing = { notMeasured: 'Expected recordings' };
    expect(commandHeadlines('base', missing)[0].measured).toBe('not measured');
    expect(oogHeadlines(missing)[0].measured).toBe('not measured');
    expect(wakeCurves(missing)).toEqual([]);
  });
});
