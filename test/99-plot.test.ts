import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import pc from 'picocolors';
import { afterAll, describe, expect, it } from 'vitest';
import { parseDbc } from '../src/can/dbc-parser.js';
import { encodeMessage } from '../src/can/encode.js';
import { FrameBatchBuilder } from '../src/can/frame-batch.js';
import type { CanFrames } from '../src/can/frames.js';
import { textWidth } from '../src/cli/monitor/text.js';
import { niceStep, timeAxis, valueAxis } from '../src/cli/plot/axis.js';
import { BrailleCanvas } from '../src/cli/plot/braille.js';
import { collectSeries, type Collected } from '../src/cli/plot/collect.js';
import { Envelope } from '../src/cli/plot/envelope.js';
import { figure } from '../src/cli/plot/figure.js';
import { selectSignals } from '../src/cli/plot/glob.js';
import { panelsOf, unbrokenPieces } from '../src/cli/plot/panels.js';
import { plot } from '../src/cli/plot/run.js';
import { element, escapeXml } from '../src/cli/plot/svg.js';
import { terminalPlot } from '../src/cli/plot/terminal-plot.js';

const text = `VERSION ""
BU_: ECU
BO_ 10 DRIVE: 8 ECU
 SG_ SPEED : 0|16@1+ (0.01,0) [0|0] "km/h" ECU
 SG_ LIMIT : 16|8@1+ (1,0) [0|0] "km/h" ECU
 SG_ GEAR : 24|3@1+ (1,0) [0|0] "" ECU
BO_ 11 BRAKE: 2 ECU
 SG_ PRESSURE : 0|16@1- (0.1,0) [0|0] "bar <&>" ECU
`;
const { database } = parseDbc(text, 'plot.dbc');
const [drive, brake] = database.messages;

/** 20 s of driving at 100 Hz with one spike, brakes silent from 5 to 15 s. */
function driveLog(): CanFrames[] {
  const batches: CanFrames[] = [];
  for (let second = 0; second < 20; second++) {
    const builder = new FrameBatchBuilder();
    for (let i = 0; i < 100; i++) {
      const t = second * 1000 + i * 10;
      const spike = t === 7770 ? 300 : 50 + second;
      builder.add(
        5000 + t,
        10,
        encodeMessage(drive, { SPEED: spike, LIMIT: 80, GEAR: Math.floor(second / 5) }),
      );
      if (second < 5 || second >= 15) builder.add(5000 + t, 11, encodeMessage(brake, { PRESSURE: -1.5 }));
    }
    batches.push(builder.take());
  }
  return batches;
}

async function* streamed(batches: readonly CanFrames[]): AsyncGenerator<CanFrames, void, undefined> {
  for (const batch of batches) yield await Promise.resolve(batch);
}

function collected(globs: readonly string[], fromMs = 0, toMs = Infinity): Promise<Collected> {
  return collectSeries(streamed(driveLog()), database, selectSignals(database, globs), { fromMs, toMs });
}

describe('the envelope of a curve', () => {
  const samples = fc.array(
    fc.tuple(fc.double({ min: 0, max: 50, noNaN: true }), fc.double({ min: -1e6, max: 1e6, noNaN: true })),
    { minLength: 1, maxLength: 300 },
  );

  it('keeps first, lowest, highest and last of every column, however often columns are joined', () => {
    fc.assert(
      fc.property(samples, fc.integer({ min: 1, max: 16 }), (steps, columns) => {
        const envelope = new Envelope(0, 10, columns);
        let t = 0;
        const all = steps.map(([step, value]) => [(t += step), value] as const);
        for (const [at, value] of all) envelope.add(at, value);
        const { t: times, value: values } = envelope.curve();
        const kept = Array.from(times, (at, i) => [at, values[i]] as const);
        expect(kept.length).toBeLessThanOrEqual(4 * (columns + (columns % 2)));
        expect([...times].every((at, i) => i === 0 || at >= times[i - 1])).toBe(true);
        for (const point of kept) expect(all).toContainEqual(point);
        expect(kept[0]).toEqual(all[0]);
        expect(kept[kept.length - 1]).toEqual(all[all.length - 1]);
        expect(Math.min(...values)).toBe(Math.min(...all.map(([, value]) => value)));
        expect(Math.max(...values)).toBe(Math.max(...all.map(([, value]) => value)));
        expect(envelope.range).toEqual([Math.min(...values), Math.max(...values)]);
        expect(envelope.samples).toBe(all.length);
      }),
    );
  });

  it('keeps the extremes of each column by itself', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -100, max: 100 }), { minLength: 64, maxLength: 64 }),
        (values) => {
          const envelope = new Envelope(0, 64, 8);
          values.forEach((value, t) => envelope.add(t, value));
          const curve = envelope.curve();
          for (let column = 0; column < 8; column++) {
            const inside = (t: number): boolean => t >= column * 8 && t < column * 8 + 8;
            const kept = [...curve.value].filter((_, i) => inside(curve.t[i]));
            const wanted = values.slice(column * 8, column * 8 + 8);
            expect([Math.min(...kept), Math.max(...kept)]).toEqual([
              Math.min(...wanted),
              Math.max(...wanted),
            ]);
          }
        },
      ),
    );
  });

  it('needs the same memory for any number of samples', () => {
    const envelope = new Envelope(0, 1000, 64);
    for (let t = 0; t < 300_000; t++) envelope.add(t * 10, Math.sin(t));
    const { t } = envelope.curve();
    expect(t.length).toBeLessThanOrEqual(256);
    expect(t.length).toBeGreaterThan(100);
    envelope.add(Number.NaN, 1);
    envelope.add(1, Infinity);
    expect(envelope.samples).toBe(300_000);
  });
});

describe('axes', () => {
  it('hold the values between whole steps', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -1e9, max: 1e9, noNaN: true }),
        fc.double({ min: 1e-3, max: 1e9, noNaN: true }),
        fc.integer({ min: 1, max: 10 }),
        (low, span, intervals) => {
          const axis = valueAxis(low, low + span, intervals);
          const slack = span * 1e-6 + Math.abs(low) * 1e-9;
          expect(axis.from).toBeLessThanOrEqual(low + slack);
          expect(axis.to).toBeGreaterThanOrEqual(low + span - slack);
          expect(axis.ticks.length).toBeGreaterThanOrEqual(2);
          expect(axis.ticks.length).toBeLessThanOrEqual(intervals + 3);
        },
      ),
    );
    expect(niceStep(10, 5)).toBe(2);
    expect(valueAxis(3, 3, 5).ticks.length).toBeGreaterThan(1);
    expect(valueAxis(-0.2, 0.2, 4).ticks.map(({ label }) => label)).toEqual([
      '-0.2',
      '-0.1',
      '0.0',
      '0.1',
      '0.2',
    ]);
  });

  it('write long times as minutes and seconds', () => {
    expect(timeAxis(0, 10, 5).ticks.map(({ label }) => label)).toEqual(['0', '2', '4', '6', '8', '10']);
    const long = timeAxis(0, 600, 5);
    expect(long.unit).toBe('min:s');
    expect(long.ticks.map(({ label }) => label)).toEqual(['0:00', '2:00', '4:00', '6:00', '8:00', '10:00']);
    expect(timeAxis(0, 7200, 2).ticks.at(-1)?.label).toBe('2:00:00');
  });
});

describe('choosing signals', () => {
  const names = (globs: readonly string[]): string[] =>
    selectSignals(database, globs).map(({ message, signal }) => `${message.name}.${signal.name}`);

  it('takes patterns over signals and over messages', () => {
    expect(names(['speed'])).toEqual(['DRIVE.SPEED']);
    expect(names(['DRIVE.*'])).toEqual(['DRIVE.SPEED', 'DRIVE.LIMIT', 'DRIVE.GEAR']);
    expect(names(['?EAR', '*PRESS*'])).toEqual(['DRIVE.GEAR', 'BRAKE.PRESSURE']);
  });

  it('refuses a pattern that fits nothing, and names what is similar', () => {
    expect(() => names(['SPEED', 'PRESS'])).toThrow(/PRESS fits none.*BRAKE\.PRESSURE/);
    expect(() => names(['S.EED'])).toThrow(/fits none/);
  });
});

describe('collecting', () => {
  it('decodes a log once, relative to its first frame', async () => {
    const { series, empty, fromMs, toMs, firstMs } = await collected(['*']);
    expect(series.map(({ name }) => name)).toEqual([
      'DRIVE.SPEED',
      'DRIVE.LIMIT',
      'DRIVE.GEAR',
      'BRAKE.PRESSURE',
    ]);
    expect(empty).toEqual([]);
    expect([fromMs, toMs, firstMs]).toEqual([0, 19_990, 5000]);
    expect(series[0]).toMatchObject({ samples: 2000, lowest: 50, highest: 300 });
    expect(series[0].curve.t[0]).toBe(0);
  });

  it('takes a part, and names signals without a sample in it', async () => {
    const part = await collected(['SPEED', 'PRESSURE'], 6000, 9000);
    expect(part.series.map(({ name, samples }) => [name, samples])).toEqual([['DRIVE.SPEED', 301]]);
    expect(part.empty).toEqual(['BRAKE.PRESSURE']);
  });

  it('makes a panel per unit, and interrupts a curve where the bus was silent', async () => {
    const { series } = await collected(['*']);
    expect(panelsOf(series).map((panel) => [panel.unit, panel.series.length])).toEqual([
      ['km/h', 2],
      ['', 1],
      ['bar <&>', 1],
    ]);
    expect(unbrokenPieces(series[0])).toHaveLength(1);
    expect(unbrokenPieces(series[3])).toHaveLength(2);
  });
});

describe('the figure', () => {
  it('is well-formed XML, the same bytes every time, and keeps the spike', async () => {
    const options = { title: 'a <b> & "c"', width: 800 };
    const svg = figure(await collected(['*']), options);
    expect(figure(await collected(['*']), options)).toBe(svg);
    expect(svg).toContain('a &lt;b&gt; &amp; &quot;c&quot;');
    expect(svg).toContain('bar &lt;&amp;&gt;');
    const open: string[] = [];
    for (const [, close, name, rest] of svg.matchAll(/<(\/?)([a-z]+)((?:[^<>"]|"[^"<]*")*)>/g)) {
      if (close === '/') expect(open.pop()).toBe(name);
      else if (!rest.endsWith('/')) open.push(name);
    }
    expect(open).toEqual([]);
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
    // SPEED is the first path. Its axis goes from 0 or 50 to 300, so the spike touches the panel's top edge.
    const [path] = svg.match(/<path d="[^"]*"/)!;
    const heights = [...path.matchAll(/[ML][\d.]+ ([\d.]+)/g)].map(([, y]) => Number(y));
    expect(heights.filter((y) => y < Math.min(...heights) + 1)).toHaveLength(1);
    // Two pieces of PRESSURE, and steps for GEAR.
    const paths = [...svg.matchAll(/<path d="([^"]*)"/g)].map(([, d]) => d);
    expect(paths.map((d) => d.match(/M/g)?.length)).toEqual([1, 1, 1, 2]);
    expect(paths[2]).toMatch(/^M[\d.]+ [\d.]+H/);
    expect(paths[2]).not.toContain('L');
  });

  it('draws at most four points for a column of pixels', async () => {
    const svg = figure(await collected(['SPEED']), { title: '', width: 300 });
    const points = /<path d="([^"]*)"/.exec(svg)![1].match(/[ML]/g)!;
    expect(points.length).toBeLessThanOrEqual(4 * 212);
    expect(points.length).toBeGreaterThan(200);
  });

  it('escapes what XML gives a meaning, and leaves out what it forbids', () => {
    expect(escapeXml(`<a b='"'>\u0000\u001b&`)).toBe('&lt;a b=&apos;&quot;&apos;&gt;&amp;');
    expect(element('g', { a: '"', b: 1.23456 })).toBe('<g a="&quot;" b="1.23"/>');
  });
});

describe('the terminal plot', () => {
  it('sets the dots of a braille character where they are', () => {
    const canvas = new BrailleCanvas(2, 1);
    canvas.dot(0, 0, 1);
    canvas.dot(1, 3, 1);
    canvas.dot(9, 9, 1);
    expect(canvas.runs(0)).toEqual([
      { text: String.fromCodePoint(0x2800 | 0x01 | 0x80), owner: 1 },
      { text: ' ', owner: -1 },
    ]);
  });

  it('fits the terminal and shows every unit', async () => {
    const data = await collected(['*']);
    for (const columns of [30, 80, 133]) {
      const lines = terminalPlot(data, 'drive', { columns, lines: 40 }, pc.createColors(false));
      for (const line of lines) expect(textWidth(line)).toBeLessThanOrEqual(columns);
      expect(lines.join('\n')).toContain('[km/h]');
      expect(lines.join('\n')).toContain('DRIVE.GEAR');
      expect(lines.length).toBeLessThanOrEqual(40);
    }
  });
});

describe('vigil plot', () => {
  const folder = mkdtempSync(join(tmpdir(), 'vigil-plot-test-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const dbc = join(folder, 'plot.dbc');
  const path = join(folder, 'drive.log');
  writeFileSync(dbc, text);
  writeFileSync(
    path,
    Array.from({ length: 500 }, (_, i) => {
      const speed = Buffer.from(encodeMessage(drive, { SPEED: i / 5, LIMIT: 50, GEAR: 1 })).toString('hex');
      return `(${(100 + i / 100).toFixed(6)}) can0 00A#${speed}\n`;
    }).join(''),
  );
  const options = {
    path,
    dbc: [dbc],
    signal: ['SPEED'],
    force: false,
    json: false,
    fromMs: 0,
    toMs: Infinity,
    width: 600,
  };

  function streams() {
    const output = new PassThrough();
    const notes = new PassThrough();
    return { output, notes, out: () => String(output.read() ?? ''), err: () => String(notes.read() ?? '') };
  }

  it('draws in the terminal', async () => {
    const io = streams();
    expect(await plot(options, io)).toBe(0);
    expect(io.out()).toMatch(/DRIVE\.SPEED 0\.00\.\.99\.80[^]*[\u2801-\u28ff]/);
  });

  it('writes SVG, and never over a file that is there', async () => {
    const output = join(folder, 'drive.svg');
    const io = streams();
    expect(await plot({ ...options, output }, io)).toBe(0);
    expect(readFileSync(output, 'utf8')).toContain('<svg xmlns="http://www.w3.org/2000/svg"');
    expect(io.err()).toContain('1 signals, 500 samples');
    await expect(plot({ ...options, output }, streams())).rejects.toMatchObject({ code: 'OUTPUT_EXISTS' });
    expect(await plot({ ...options, output, force: true }, streams())).toBe(0);
  });

  it('writes PNG, or says what is missing', async () => {
    const output = join(folder, 'drive.png');
    const canConvert = spawnSync('rsvg-convert', ['--version']).status === 0;
    if (canConvert) {
      expect(await plot({ ...options, output }, streams())).toBe(0);
      expect([...readFileSync(output).subarray(0, 4)]).toEqual([0x89, 0x50, 0x4e, 0x47]);
    }
    const before = process.env['PATH'];
    process.env['PATH'] = folder;
    try {
      const missing = join(folder, 'missing.png');
      const refused = plot({ ...options, output: missing }, streams());
      await expect(refused).rejects.toMatchObject({ code: 'PNG_CONVERTER_MISSING' });
      await expect(refused).rejects.toThrow(/rsvg-convert: not installed.*librsvg2-bin/);
      expect(existsSync(missing)).toBe(false);
    } finally {
      process.env['PATH'] = before;
    }
  });

  it('prints what it plotted as JSON', async () => {
    const io = streams();
    expect(await plot({ ...options, json: true, toMs: 1000 }, io)).toBe(0);
    expect(JSON.parse(io.out())).toEqual({
      log: path,
      output: null,
      from: 0,
      to: 1,
      signals: [{ name: 'DRIVE.SPEED', unit: 'km/h', samples: 101, lowest: 0, highest: 20 }],
      empty: [],
    });
  });

  it('refuses a part without samples', async () => {
    await expect(plot({ ...options, fromMs: 60_000 }, streams())).rejects.toMatchObject({
      code: 'NOTHING_TO_PLOT',
    });
  });

  it('has the exit code of data loss when lines are damaged', async () => {
    const damaged = join(folder, 'damaged.log');
    writeFileSync(damaged, `${readFileSync(path, 'utf8')}no frame\n`);
    const io = streams();
    expect(await plot({ ...options, path: damaged }, io)).toBe(3);
    expect(io.err()).toContain('1 damaged records were left out');
  });
});
