import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AttributeValue, DbcDatabase, DbcMessage, DbcSignal } from '../src/can/dbc.js';
import { loadDbc, parseDbc } from '../src/can/dbc-parser.js';
import { writeDbc } from '../src/can/dbc-writer.js';
import { packageRoot, signalsDir } from '../src/runtime/paths.js';
import { anyMessage, databaseOf } from './40-support/arbitrary-message.js';

/** Any text the format can hold: it must not end in a backslash. */
const text = fc
  .oneof(
    fc.string({ maxLength: 12 }),
    fc.constantFrom('°C', 'say "x"', 'a\\"b', 'two\nlines', 'BO_ 1 M: 8 A', '; //'),
  )
  .map((value) => value.replace(/\\+$/, ''));
const rest = fc.stringMatching(/^[A-Za-z0-9_]{0,40}$/);
const name = rest.map((value) => `N${value}`);
const nodes = fc.uniqueArray(name, { maxLength: 3 });
const number = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer());
const attributeValue: fc.Arbitrary<AttributeValue> = fc.oneof(
  text,
  number,
  fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n }),
);
const attributes = fc
  .array(fc.tuple(name, attributeValue), { maxLength: 3 })
  .map((entries): ReadonlyMap<string, AttributeValue> => new Map(entries));
const values = fc
  .array(fc.tuple(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n }), text), { maxLength: 4 })
  .map((entries) => new Map(entries));

/** The first signal becomes a switch of those after it, when it can be one; the second one in turn. */
function multiplexed(
  signals: readonly DbcSignal[],
  ranges: readonly (readonly [bigint, bigint])[],
): DbcSignal[] {
  const isInteger = ({ rawType }: DbcSignal) => rawType === 'unsigned' || rawType === 'signed';
  if (signals.length < 2 || !isInteger(signals[0])) return [...signals];
  const [first, second, ...others] = signals;
  const nested = others.length > 0 && isInteger(second);
  return [
    { ...first, isSwitch: true },
    { ...second, isSwitch: nested, selector: { switchName: first.name, ranges: [[1n, 1n]] } },
    ...others.map((signal, i) => ({
      ...signal,
      selector: { switchName: nested && i % 2 === 0 ? second.name : first.name, ranges },
    })),
  ];
}

const ranges = fc.array(
  fc
    .tuple(fc.bigInt({ min: 0n, max: 300n }), fc.bigInt({ min: 0n, max: 9n }))
    .map(([low, more]): readonly [bigint, bigint] => [low, low + more]),
  { minLength: 1, maxLength: 3 },
);

const message: fc.Arbitrary<DbcMessage> = fc
  .record({
    plain: anyMessage,
    ranges,
    mux: fc.boolean(),
    extended: fc.boolean(),
    sender: fc.oneof(fc.constant(''), name),
    senders: nodes,
    receivers: nodes,
    comment: text,
    unit: text,
    range: fc.tuple(number, number),
    attributes,
    values,
  })
  .map(({ plain, ranges: list, mux, extended, sender, senders, receivers, range, ...rest_ }) => {
    const [minimum, maximum] = range;
    const ranged = minimum !== 0 || maximum !== 0 ? { minimum, maximum } : {};
    const { comment, unit, attributes: own, values: names } = rest_;
    const signals = plain.signals.map((signal) => ({
      ...signal,
      ...ranged,
      receivers,
      comment,
      unit,
      attributes: own,
      values: names,
    }));
    return {
      ...plain,
      extended,
      sender,
      ...(senders.length === 0 ? {} : { senders }),
      signals: mux ? multiplexed(signals, list) : signals,
      comment,
      attributes: own,
    };
  });

const database: fc.Arbitrary<DbcDatabase> = fc
  .record({
    messages: fc.array(message, { minLength: 1, maxLength: 4 }),
    version: text,
    nodes,
    comment: text.filter((value) => !/^IMPORT[ \t]/.test(value)),
    attributes,
    values,
    bitTiming: fc.option(fc.array(fc.nat(), { minLength: 1, maxLength: 3 }), { nil: undefined }),
  })
  .map(({ messages, values: table, bitTiming, ...head }) => ({
    ...databaseOf(...messages.map((one, i) => ({ ...one, id: one.extended ? i * 1000 : i, name: `M${i}` }))),
    ...head,
    valueTables: new Map([['Table', table]]),
    ...(bitTiming === undefined ? {} : { bitTiming }),
  }));

describe('writing a DBC file', () => {
  it('and reading it gives the same database', () => {
    fc.assert(
      fc.property(database, (written) => {
        const { database: read, problems } = parseDbc(writeDbc(written));
        expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
        expect(read).toEqual(written);
      }),
      { numRuns: 300 },
    );
  });

  const golden = join(packageRoot, 'test', 'golden', 'can');
  const ours = join(signalsDir, 'dbc');
  const files = [golden, ours].flatMap((folder) =>
    readdirSync(folder)
      .filter((file) => file.endsWith('.dbc'))
      .map((file) => join(folder, file)),
  );
  it.each(files)('gives %s back', (file) => {
    const { database: read } = loadDbc(file);
    const text_ = writeDbc(read);
    expect(parseDbc(text_, file).database).toEqual(read);
    expect(writeDbc(parseDbc(text_, file).database)).toBe(text_);
  });

  it('cuts long names to 32 characters, each to another', () => {
    const long = 'ASignalWithANameOfMoreThanThirtyTwoCharacters';
    const source =
      `BO_ 1 Short: 8 A\n SG_ ${long.slice(0, 32)} : 0|8@1+ (1,0) [0|0] "" A\n SG_ S : 8|8@1+ (1,0) [0|0] "" A\n` +
      `BA_ "SystemSignalLongSymbol" SG_ 1 S "${long}";\n` +
      `BA_ "SystemMessageLongSymbol" BO_ 1 "${'M'.repeat(40)}";\n`;
    const { database: read } = parseDbc(source);
    const back = writeDbc(read);
    expect(parseDbc(back).database).toEqual(read);
    const names = [...back.matchAll(/^(?:BO_ 1|\s*SG_) (\w+)/gm)].map((match) => match[1]);
    expect(new Set(names).size).toBe(3);
    expect(names.every((word) => word.length <= 32)).toBe(true);
    expect(read.messages[0].signals.map((signal) => signal.name)).toEqual([long.slice(0, 32), long]);
  });

  it('cuts long names of nodes wherever they stand', () => {
    const long = 'ANodeWithANameOfMoreThanThirtyTwoCharacters';
    const source =
      'BU_: A B\nBO_ 1 M: 8 A\n SG_ S : 0|8@1+ (1,0) [0|0] "" B,A\nBO_TX_BU_ 1 : A,B;\n' +
      'EV_ E: 0 [0|1] "" 0 1 DUMMY_NODE_VECTOR0 A;\n' +
      `BA_ "SystemNodeLongSymbol" BU_ A "${long}";\nBA_REL_ "R" BU_BO_REL_ A 1 5;\n`;
    const { database: read } = parseDbc(source);
    expect(read).toMatchObject({ nodes: [long, 'B'], relations: [{ node: long }] });
    expect(read.messages[0]).toMatchObject({ sender: long, senders: [long, 'B'] });
    expect(read.messages[0].signals[0].receivers).toEqual(['B', long]);
    expect(read.environmentVariables[0].nodes).toEqual([long]);
    const back = writeDbc(read);
    expect(parseDbc(back).database).toEqual(read);
    expect(back).toContain(`BU_: ${long.slice(0, 32)} B\n`);
    expect(back.split(long).length).toBe(2);
  });

  it('refuses a text that the format cannot hold', () => {
    expect(() => writeDbc({ ...databaseOf(), version: 'C:\\' })).toThrow(
      expect.objectContaining({ code: 'DBC_NOT_WRITABLE' }),
    );
  });
});
