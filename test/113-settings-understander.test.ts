import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { amountsIn } from '../src/assistant/understanding/amounts.js';
import { parseCatalogue } from '../src/assistant/understanding/catalogue.js';
import type { Decision } from '../src/assistant/understanding/decision.js';
import { moodOf } from '../src/assistant/understanding/mood.js';
import { SettingsUnderstander } from '../src/assistant/understanding/settings-understander.js';
import { wordsOf } from '../src/assistant/understanding/words.js';
import { VigilError } from '../src/runtime/errors.js';

const folder = join(import.meta.dirname, 'data', 'understanding');
const catalogue = parseCatalogue(
  readFileSync(join(folder, 'settings.yaml'), 'utf8'),
  readFileSync(join(folder, 'names.yaml'), 'utf8'),
);
const understander = new SettingsUnderstander(catalogue);

/** A decision in a few words. */
function shown(decision: Decision): string {
  switch (decision.kind) {
    case 'act':
      return `act ${decision.act.setting} = ${String(decision.act.value)}${amountText(decision.act)}`;
    case 'ask': {
      const [first] = decision.candidates;
      return `ask ${first.setting} = ${String(first.value)}${amountText(first)}`;
    }
    case 'query':
      return `query ${decision.settings[0]}`;
    case 'reject':
      return 'reject';
  }
}

function amountText({ amount, unit }: { amount?: number | 'min' | 'max'; unit?: string }): string {
  return amount === undefined ? '' : ` ${amount}${unit ?? ''}`;
}

describe('what is understood', () => {
  it.each([
    ['turn the wheel heater on', 'act Steering Wheel Heater = On'],
    ['would you please enable the heated steering wheel', 'act Steering Wheel Heater = On'],
    ['mood lighting to sea blue', 'act Ambient Light = Ocean Blue'],
    ['make the mood light orange', 'act Ambient Light = Amber'],
    ['set the cabin temperature to twenty-two degrees celsius', 'act Cabin Climate = Set 22°C'],
    ['raise the temperature', 'act Cabin Climate = Increase'],
    ["the driver's seat warmth to 3", 'act Seat Warmth Left = Set 3'],
    ['set the bass to minus four', 'act Bass Tone = Set -4'],
    ['i want the treble at maximum', 'act Treble Tone = Set max'],
  ])('"%s" is acted on', (text, expected) => {
    expect(shown(understander.understand(text))).toBe(expected);
  });

  it.each([
    ['turn the lane keeper off', 'ask Lane Guard = Off', 'this has to be confirmed'],
    ['could i have the mood light blue', 'ask Ambient Light = Ocean Blue', 'said as a wish'],
    ['is it possible to start the wheel heater', 'ask Steering Wheel Heater = On', 'said as a wish'],
    ["it's freezing in here", 'ask Cabin Climate = Increase', 'said as a state'],
    ['do not turn the wheel heater on', 'ask Steering Wheel Heater = On', 'said as a negated'],
    [
      'turn the wheel heater on when it snows',
      'ask Steering Wheel Heater = On',
      'part of it was not understood',
    ],
    ['set the temperature to 60 degrees', 'ask Cabin Climate = Set 60°', 'the amount is out of range'],
    ['set the temperature to 20 percent', 'ask Cabin Climate = Set 20%', 'the unit does not fit'],
    ['the mood light please', 'ask Ambient Light = null', 'the value was not named'],
    [
      'turn the steerin weel heater on',
      'ask Steering Wheel Heater = On',
      'the setting was not named in full',
    ],
    ['set the tone control to 2', 'ask Bass Tone = Set 2', 'it could be another setting'],
    ['start the drift watch', 'ask Lane Guard = On', 'the setting was not named in full'],
    ['please set it to 22 degrees', 'ask Cabin Climate = Set 22°', 'the setting was not named in full'],
  ])('"%s" is asked about', (text, expected, because) => {
    const decision = understander.understand(text);
    expect(shown(decision)).toBe(expected);
    expect(decision).toMatchObject({ because });
  });

  it('offers every setting of an ambiguous name', () => {
    const decision = understander.understand('set the tone control to 2');
    expect(decision.kind === 'ask' && decision.candidates.map(({ setting }) => setting)).toEqual([
      'Bass Tone',
      'Treble Tone',
    ]);
  });

  it.each([
    ['is the wheel heater on', 'query Steering Wheel Heater'],
    ["what's the cabin temperature", 'query Cabin Climate'],
    ['tell me whether the lane keeper is off', 'query Lane Guard'],
    ['i want to know if the mood light is blue', 'query Ambient Light'],
    ['could you check the bass', 'query Bass Tone'],
    ['is the mood light currently set on treble', 'query Ambient Light'],
    ['are we on bass up for the status of the mood light', 'query Ambient Light'],
    ['wheel heater status update', 'query Steering Wheel Heater'],
    ['set the mood light to blue?', 'query Ambient Light'],
  ])('"%s" is a question', (text, expected) => {
    expect(shown(understander.understand(text))).toBe(expected);
  });

  it.each(['what a nice day', 'call my sister', 'turn it on', '', '?!', 'play something by the beatles'])(
    '"%s" is about no setting',
    (text) => {
      expect(understander.understand(text).kind).toMatch(/^(reject|query)$/);
      expect(shown(understander.understand(text))).toBe('reject');
    },
  );
});

describe('properties', () => {
  const names = fc.constantFrom(...catalogue.flatMap(({ says }) => says));
  const values = fc.constantFrom(
    ...catalogue.flatMap(({ values: all }) => all.flatMap(({ says }) => says)),
    '3',
    'maximum',
  );
  const orders = fc.constantFrom(
    'set the NAME to VALUE',
    'NAME VALUE',
    'VALUE the NAME',
    'i want NAME VALUE',
  );
  const questions = fc.constantFrom(
    'is the NAME VALUE',
    'are NAME and the rest VALUE',
    'what is the NAME set to VALUE',
    'tell me if NAME is VALUE',
    'let me know whether the NAME is VALUE',
    'can you confirm that the NAME is set to VALUE',
    'i would like to know if my NAME is on VALUE',
    'check that the NAME is VALUE',
    'how VALUE is the NAME',
    'did you set the NAME to VALUE',
    'do you know if the NAME is VALUE',
  );
  const filled = (template: string, name: string, value: string): string =>
    template.replace('NAME', name).replace('VALUE', value);

  it('never acts on a question, whatever is asked about', () => {
    fc.assert(
      fc.property(questions, names, values, (template, name, value) => {
        expect(understander.understand(filled(template, name, value)).kind).not.toBe('act');
      }),
    );
  });

  it('decides the same with and without politeness', () => {
    const polite = fc.constantFrom('please ', 'hey please ', 'okay ', 'so ');
    fc.assert(
      fc.property(orders, names, values, polite, (template, name, value, before) => {
        const text = filled(template, name, value);
        expect(understander.understand(before + text)).toEqual(understander.understand(text));
        expect(understander.understand(`${text} please`)).toEqual(understander.understand(text));
      }),
    );
  });

  it('is deterministic, whatever is typed', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(new SettingsUnderstander(catalogue).understand(text)).toEqual(understander.understand(text));
      }),
      { numRuns: 30 },
    );
  });

  it('acts only with values that the setting has and amounts within its limits', () => {
    fc.assert(
      fc.property(
        orders,
        names,
        values,
        fc.integer({ min: -20, max: 99 }),
        (template, name, value, amount) => {
          for (const said of [value, String(amount)]) {
            const decision = understander.understand(filled(template, name, said));
            if (decision.kind !== 'act') continue;
            const setting = catalogue.find((each) => each.name === decision.act.setting);
            expect(setting?.values.map((each) => each.name)).toContain(decision.act.value);
            if (typeof decision.act.amount !== 'number') continue;
            const range = setting?.amounts.find(({ unit }) => unit === decision.act.unit);
            expect(decision.act.amount).toBeGreaterThanOrEqual(range?.min ?? Infinity);
            expect(decision.act.amount).toBeLessThanOrEqual(range?.max ?? -Infinity);
          }
        },
      ),
    );
  });
});

describe('pieces', () => {
  it.each([
    ["the driver's A/C", 'the driver ac'],
    ['co-driver air flow', 'passenger airflow'],
    ['windscreen defoggers right now', 'windshield demister now'],
  ])('"%s" is compared as "%s"', (text, expected) => {
    expect(
      wordsOf(text)
        .map(({ lemma }) => lemma)
        .join(' '),
    ).toBe(expected);
  });

  it.each([
    ['to twenty five percent', { value: 25, unit: '%', relative: false }],
    ['up by 3 degrees fahrenheit', { value: 3, unit: '°F', relative: true }],
    ['celsius degrees one', { value: 1, unit: '', relative: false }],
    ['negative eleven', { value: -11, unit: '', relative: false }],
    ['a hundred', { value: 100, unit: '', relative: false }],
    ['all the way up', { value: 'max', unit: '', relative: false }],
  ])('"%s" has one amount', (text, expected) => {
    const amounts = amountsIn(wordsOf(text).map(({ lemma }) => lemma));
    expect(amounts).toHaveLength(1);
    expect(amounts[0]).toMatchObject(expected);
  });

  it.each([
    ['turn it on', 'command'],
    ['can you turn it on?', 'command'],
    ['i would like it on', 'command'],
    ['may i turn it on', 'wish'],
    ['what happened to the fan, switch it on please', 'wish'],
    ['my feet are cold', 'state'],
    ["don't turn it on", 'negated'],
    ['would you tell me if it is on', 'question'],
    ['where is it', 'question'],
  ] as const)('"%s" is a %s', (text, mood) => {
    expect(moodOf(text)).toBe(mood);
  });

  it.each([
    ['{', '{}'],
    ['- values: []', '{}'],
    ['a: 1', '{}'],
    ['[]', '- 3: ['],
    ['[]', 'text'],
  ])('says what is wrong with a catalogue: %j, %j', (settings, called) => {
    expect(() => parseCatalogue(settings, called)).toThrow(VigilError);
  });
});
