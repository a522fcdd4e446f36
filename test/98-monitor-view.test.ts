import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import pc from 'picocolors';
import { describe, expect, it } from 'vitest';
import type { DbcDatabase } from '../src/can/dbc.js';
import { encodeMessage } from '../src/can/encode.js';
import { FrameFlag } from '../src/can/frames.js';
import { keysOf } from '../src/cli/monitor/keys.js';
import { latestValues } from '../src/cli/monitor/latest-values.js';
import { Multiplexer, rawBitsIn } from '../src/cli/monitor/multiplexer.js';
import type { MonitorScene } from '../src/cli/monitor/row-lines.js';
import { MonitorTable } from '../src/cli/monitor/table.js';
import { printable, textWidth } from '../src/cli/monitor/text.js';
import { initialUi, pressKey, type UiState } from '../src/cli/monitor/ui-state.js';
import { valueText } from '../src/cli/monitor/value-text.js';
import { monitorView } from '../src/cli/monitor/view.js';
import { database, databases, framesOf, type Row } from './98-support.js';

const message = (name: string, from: DbcDatabase = database) =>
  from.messages.find((candidate) => candidate.name === name)!;

function tableOf(rows: readonly Row[]): MonitorTable {
  const table = new MonitorTable(databases.find);
  table.add(framesOf(rows));
  return table;
}

function sceneOf(table: MonitorTable, ui: Partial<UiState> = {}, nowMs = table.lastMs): MonitorScene {
  return {
    table,
    decode: latestValues(databases),
    title: 'test.log',
    nowMs,
    mode: 'x1',
    ui: { ...initialUi, ...ui },
  };
}

const colourless = pc.createColors(false);
const marked = {
  ...colourless,
  inverse: (piece: unknown) => `<${String(piece)}>`,
  dim: (piece: unknown) => `~${String(piece)}~`,
};
const size = { columns: 80, lines: 24 };

describe('the monitor table', () => {
  it('has a row per identifier, kind of frame and channel', () => {
    const table = tableOf([
      [0, 37, [1]],
      [1, 37, [1], FrameFlag.extended],
      [2, 37, [1], 0, 1],
      [3, 37, [0], FrameFlag.remote],
      [4, 37, [1], FrameFlag.transmitted],
    ]);
    expect(table.rows.map(({ count }) => count)).toEqual([2, 1, 1, 1]);
    expect(table.frames).toBe(5);
    expect([...table.channels]).toEqual([0, 1]);
  });

  it('has a row per layout of a multiplexed message, cascades included', () => {
    const table = tableOf([
      [0, 100, [1, 10, 0, 0, 0, 0, 0, 0]],
      [1, 100, [2, 3, 7, 0, 0, 0, 0, 0]],
      [2, 100, [2, 4, 7, 0, 0, 0, 0, 0]],
      [3, 100, [1, 20, 0, 0, 0, 0, 0, 0]],
    ]);
    const shown = table.rows.map(({ count, switches }) => [count, ...switches.map(({ raw }) => Number(raw))]);
    expect(shown).toEqual([
      [2, 1],
      [1, 2, 3],
      [1, 2, 4],
    ]);
  });

  it('smooths the rate, and tells silence from slowness', () => {
    const [row] = tableOf(Array.from({ length: 200 }, (_, i): Row => [i * 20 + (i % 2) * 4, 1, [0]])).rows;
    expect(row.rateHz(row.lastMs)).toBeCloseTo(50, -1);
    expect(row.isSilent(row.lastMs + 999)).toBe(false);
    expect(row.rateHz(row.lastMs + 1001)).toBe(0);
    // A log without times has no rate.
    const [timeless] = tableOf([
      [0, 1, [0]],
      [0, 1, [1]],
    ]).rows;
    expect(timeless.rateHz(0)).toBeUndefined();
    const [slow] = tableOf([
      [0, 1, [0]],
      [5000, 1, [0]],
    ]).rows;
    expect(slow.isSilent(54_000)).toBe(false);
    expect(slow.isSilent(55_001)).toBe(true);
  });

  it('knows when each bit changed last', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 12 }), { minLength: 1, maxLength: 12 }), (payloads) => {
        const rows = payloads.map((bytes, t): Row => [t, 5, [...bytes], FrameFlag.fd]);
        const [row] = tableOf(rows).rows;
        const newest = payloads[payloads.length - 1];
        expect([...row.payload]).toEqual([...newest]);
        for (let byte = 0; byte < newest.length; byte++) {
          for (let bit = 0; bit < 8; bit++) {
            let changed = Number.NaN;
            for (let t = 1; t < payloads.length; t++) {
              if (byte >= payloads[t].length) continue;
              const before = payloads[t - 1];
              // A byte that was not there before counts as changed.
              const same = byte < before.length && ((before[byte] ^ payloads[t][byte]) >> bit) % 2 === 0;
              if (!same) changed = t;
            }
            expect(row.bitChangedMs(byte, bit)).toBe(changed);
          }
        }
      }),
    );
  });

  it('stays as it is when a copy goes on', () => {
    const table = tableOf([[0, 1, [0]]]);
    const copy = table.copy();
    table.add(framesOf([[1, 1, [255]]]));
    expect(copy.rows[0].count).toBe(1);
    expect([...copy.rows[0].payload]).toEqual([0]);
    expect(table.rows[0].byteChangedMs(0)).toBe(1);
    table.reset();
    expect([table.rows.length, table.frames]).toEqual([0, 0]);
    expect(copy.rows).toHaveLength(1);
  });
});

describe('raw bits', () => {
  it('are those that the encoder wrote, in both byte orders', () => {
    const steer = message('STEER');
    fc.assert(
      fc.property(fc.integer({ min: -300, max: 300 }), fc.integer({ min: -2048, max: 2047 }), (raw, rate) => {
        const payload = encodeMessage(steer, { ANGLE: raw * 1.5, RATE: rate });
        expect(BigInt.asIntN(12, rawBitsIn(payload, steer.signals[0])!)).toBe(BigInt(raw));
        expect(BigInt.asIntN(12, rawBitsIn(payload, steer.signals[1])!)).toBe(BigInt(rate));
      }),
    );
    expect(rawBitsIn(new Uint8Array(1), steer.signals[1])).toBeUndefined();
  });

  it('of a switch count only where its own selector holds', () => {
    const multiplexer = new Multiplexer(message('MIX'));
    expect(multiplexer.isMultiplexed).toBe(true);
    expect(multiplexer.read(Uint8Array.of(1, 3)).map(({ name }) => name)).toEqual(['Kind']);
    expect(multiplexer.read(Uint8Array.of(2, 3)).map(({ name }) => name)).toEqual(['Kind', 'Page']);
    expect(multiplexer.read(Uint8Array.of(2)).map(({ name }) => name)).toEqual(['Kind']);
  });
});

describe('the monitor view', () => {
  const rows: Row[] = [
    [0, 37, [0x0f, 0xff, 0x10, 0, 0x70, 0, 0, 0xbb]],
    [20, 0x18ff0000, [1, 0, 0, 0, 0, 0, 0, 0], FrameFlag.extended],
    [40, 37, [0x0f, 0xfe, 0x10, 0, 0x70, 0, 0, 0xba]],
    [60, 100, [1, 0x17, 0, 0, 0, 0, 0, 0]],
    [80, 100, [2, 3, 9]],
    [90, 0x7ff, [1, 2]],
  ];

  it('shows what candump, the database and the eye want', () => {
    const { lines } = monitorView(sceneOf(tableOf(rows)), { columns: 80, lines: 15 }, colourless);
    expect(lines.map((line) => line.trimEnd())).toEqual([
      'test.log                                            0:00.1  6 frames  5 rows  x1',
      'id*         count      Hz  data                     message',
      '025             2    25.0  0F FE 10 00 70 00 00 BA  STEER',
      '    ANGLE -3.0 deg  RATE 0 deg/s',
      '064             1       -  01 17 00 00 00 00 00 00  MIX [Kind=1]',
      '    Kind 1  Pressure 2.3 bar',
      '064             1       -  02 03 09                 MIX [Kind=2 Page=3]',
      '    Kind 2  Page 3  Deep 9',
      '    truncated: 5 of 8 bytes are missing',
      '7FF             1       -  01 02',
      '18FF0000        1       -  01 00 00 00 00 00 00 00  J1',
      '    State on (1)',
      '',
      '',
      'q quit  space pause  / filter  s sort  b bits  d decode  r reset        1-5 of 5',
    ]);
  });

  it('marks what just changed, and what never did', () => {
    const table = tableOf(rows.slice(0, 3));
    const { lines } = monitorView(sceneOf(table, { bits: true, signals: false }), size, marked);
    expect(lines[2]).toContain('~0F~ <FE> ~10~ ~00~ ~70~ ~00~ ~00~ <BA>');
    expect(lines[3]).toContain('~1~~1~~1~~1~~1~~1~~1~<0>');
    const later = monitorView(sceneOf(table, { signals: false }, 541), size, marked);
    expect(later.lines[2]).toContain('~0F~ FE ~10~');
  });

  it('filters by identifier, message and signal; of a row found by a signal only that one is shown', () => {
    const table = tableOf(rows);
    const shown = (filter: string): string =>
      monitorView(sceneOf(table, { filter }), size, colourless).lines.slice(2, -1).join('\n').trim();
    expect(shown('^7ff')).toMatch(/^7FF/);
    expect(shown('steer')).toContain('RATE');
    expect(shown('angle')).toContain('ANGLE');
    expect(shown('angle')).not.toContain('RATE');
    expect(shown('nothing')).toBe('');
    // What is being typed is in force already, as far as it is an expression.
    expect(monitorView(sceneOf(table, { typing: '7ff' }), size, colourless).rows).toBe(1);
    expect(monitorView(sceneOf(table, { filter: '7ff', typing: '(' }), size, colourless).rows).toBe(1);
  });

  it('sorts', () => {
    const table = tableOf(rows);
    const first = (sort: UiState['sort']): string =>
      monitorView(sceneOf(table, { sort }), size, colourless).lines[2].slice(0, 8).trim();
    expect([first('id'), first('name'), first('rate'), first('count'), first('change')]).toEqual([
      '025',
      '18FF0000',
      '025',
      '025',
      '025',
    ]);
  });

  it('fits every terminal, whatever is pressed', () => {
    const wide = [...rows, [95, 0x123, Array.from({ length: 64 }, (_, i) => i), FrameFlag.fd, 3] as Row];
    const table = tableOf(wide);
    const keys = fc.array(
      fc.constantFrom(
        'space',
        '/',
        'e',
        '(',
        'enter',
        'escape',
        's',
        'b',
        'd',
        'up',
        'down',
        'page-down',
        'end',
        'backspace',
      ),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(
        keys,
        fc.integer({ min: 20, max: 200 }),
        fc.integer({ min: 1, max: 40 }),
        (pressed, columns, lines) => {
          let ui = initialUi;
          let page = { rows: 0, page: 1 };
          for (const key of [...pressed, 'unknown']) {
            ui = pressKey(ui, key, page).ui;
            const view = monitorView(sceneOf(table, ui), { columns, lines }, pc.createColors(true));
            page = view;
            expect(view.lines.length).toBe(lines);
            for (const line of view.lines) {
              expect(textWidth(stripVTControlCharacters(line))).toBeLessThanOrEqual(columns);
            }
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  it('lets no file move the cursor', () => {
    expect(printable('a\u001b[2Jb\u0007\u202e')).toBe('a·[2Jb··');
    expect(textWidth('速度 km/h')).toBe(9);
  });

  it('writes values with the decimals that the signal resolves', () => {
    const [angle] = message('STEER').signals;
    const shown = (factor: number, value: number): string => valueText({ ...angle, factor }, value);
    expect([
      shown(0.01, 1.5),
      shown(1, -0),
      shown(0.78125, 2),
      shown(1e-9, 1.5e-7),
      shown(1, Infinity),
    ]).toEqual(['1.50', '0', '2.00', '1.5e-7', 'Infinity']);
    expect(valueText({ ...angle, rawType: 'float32' }, 0.1)).toBe('0.1');
  });
});

describe('keys', () => {
  it('are read from what a terminal sends', () => {
    expect(keysOf('a\u001b[A\u001b[6~ \r\u007f\u0003\u001b')).toEqual([
      'a',
      'up',
      'page-down',
      'space',
      'enter',
      'backspace',
      'ctrl-c',
      'escape',
    ]);
    expect(keysOf('\u001b[1;5C\u001bOPé')).toEqual(['unknown', 'unknown', 'é']);
  });

  it('type an expression, and keep it only when it is one', () => {
    const page = { rows: 3, page: 2 };
    const press = (keys: readonly string[], ui = initialUi): UiState =>
      keys.reduce((state, key) => pressKey(state, key, page).ui, ui);
    expect(press(['/', 'a', 'space', 'b', 'backspace', 'q', 'enter'])).toMatchObject({
      filter: 'a q',
      typing: undefined,
    });
    expect(press(['/', '(', 'enter'])).toMatchObject({ filter: '', typing: '(' });
    expect(press(['/', 'x', 'escape'])).toMatchObject({ filter: '', typing: undefined });
    expect(press(['escape'], { ...initialUi, filter: 'x' }).filter).toBe('');
    expect(press(['end', 'down', 'down']).top).toBe(2);
    expect(press(['up']).top).toBe(0);
    expect(press(['s', 's']).sort).toBe('rate');
    expect(pressKey(initialUi, 'q', page).action).toBe('quit');
    expect(pressKey({ ...initialUi, typing: '' }, 'ctrl-c', page).action).toBe('quit');
    expect(pressKey(initialUi, 'r', page).action).toBe('reset');
  });
});
