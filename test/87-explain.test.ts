import { describe, expect, it } from 'vitest';
import { AlertFinder } from '../hil/explain/alert-window.js';
import { listLines, storyLines } from '../hil/explain/story.js';
import { limitsOf, spansOf, traceOf } from '../hil/explain/trace.js';
import type { ReplayStart } from '../hil/replay/report.js';
import { figure } from '../src/cli/plot/figure.js';
import type { GraphOutput } from '../src/fusion.js';
import { blinking, perform } from './70-support/person.js';
import { drive, feed } from './70-support/watch.js';

const length = { beforeMs: 5000, afterMs: 2000 };

const start: ReplayStart = {
  vehicle: 'a test',
  mapping: '',
  recordedWith: '1.2.3',
  startMs: 0,
  endMs: 60_000,
  hasCamera: true,
  hasCan: false,
  policy: { id: 'euroncap-2026', version: 1 },
  models: { mesh: 'abcdef0123456789' },
};

/** Two microsleeps and a look away. */
function drivenOutputs(): GraphOutput[] {
  const closings = [
    ...blinking(18_000),
    { fromMs: 20_000, forMs: 1600 },
    ...blinking(10_000).map(({ fromMs, forMs }) => ({ fromMs: fromMs + 24_000, forMs })),
    { fromMs: 50_000, forMs: 1700 },
  ];
  const turns = [{ fromMs: 36_000, forMs: 4500, pitchDeg: -40 }];
  const { outputs } = feed(drive(perform({ lengthMs: 60_000, closings, turns }), 80));
  const speed = Array.from({ length: 600 }, (_, i): GraphOutput => {
    const t = i * 100;
    const sample = {
      path: 'Vehicle.Speed',
      t,
      value: 80,
      quality: 'valid',
      reason: '',
      source: 'can',
    } as const;
    return { kind: 'vehicle', t, samples: [sample] };
  });
  return [...outputs, ...speed].sort((a, b) => a.t - b.t);
}

const outputs = drivenOutputs();

function find(wanted: string | null): AlertFinder {
  const finder = new AlertFinder(wanted, length);
  for (const output of outputs) finder.add(output);
  return finder;
}

describe('explaining an alert', () => {
  it('lists the alerts of a drive in order', () => {
    const { entries } = find(null);
    expect(entries.map(({ alert }) => alert.rule)).toEqual(['microsleep', 'longDistraction', 'microsleep']);
    expect(entries.map(({ number }) => number)).toEqual([1, 2, 3]);
    expect(entries.every(({ end }) => end !== null)).toBe(true);
    const lines = listLines(entries);
    expect(lines[0]).toMatch(/^ {2}1 {2}00:21\.\d to 00:2\d\.\d .*microsleep .*eyes closed for 1\.0/);
  });

  it('finds one by number and by id, with what surrounds it and no more', () => {
    const byNumber = find('3').window()!;
    const byId = find(byNumber.alert.id).window()!;
    expect(byId).toEqual(byNumber);
    expect(byNumber.fromMs).toBeCloseTo(byNumber.alert.startedMs - length.beforeMs);
    expect(byNumber.toMs).toBeLessThanOrEqual(byNumber.alert.endedMs! + length.afterMs);
    expect(byNumber.measures.length).toBeGreaterThan(200);
    for (const { t } of byNumber.measures) {
      expect(t).toBeGreaterThanOrEqual(byNumber.fromMs);
      expect(t).toBeLessThanOrEqual(byNumber.toMs);
    }
    // The state that held when the window begins is part of the story.
    expect(byNumber.states[0].t).toBeLessThan(byNumber.fromMs);
    expect(byNumber.states.map(({ state }) => state.kind)).toContain('microsleep');
    expect(find('9').window()).toBeNull();
  });

  it('is complete soon after the alert, so that the rest of the drive need not be replayed', () => {
    const finder = new AlertFinder('1', length);
    const used = outputs.findIndex((output) => {
      finder.add(output);
      return finder.complete;
    });
    const { alert } = finder.window()!;
    expect(outputs[used].t - alert.endedMs!).toBeLessThan(length.afterMs + 100);
  });

  it('tells rule, clause, values and limits in words', () => {
    const text = storyLines(find('1').window()!, start).join('\n');
    expect(text).toContain('euroncap-2026 v');
    expect(text).toContain('clause    Driver Engagement');
    expect(text).toMatch(/closureMs +10\d\d/);
    expect(text).toMatch(/limit microsleep\.closureMs +1000/);
    expect(text).toContain('model mesh abcdef012345');
    expect(text).toContain('MICROSLEEP');
  });

  it('draws the trace with the limit and the time of the alert', () => {
    const window = find('1').window()!;
    const trace = traceOf(window);
    const closed = trace.series.find(({ name }) => name === 'closed for')!;
    expect(closed.highest).toBeGreaterThan(1.5);
    expect(trace.series.map(({ name }) => name)).toContain('speed');
    expect(limitsOf(window)).toContainEqual({ unit: 's', value: 1, label: 'microsleep.closureMs' });
    const options = { title: 'why', width: 800, spans: spansOf(window), limits: limitsOf(window) };
    const svg = figure(trace, options);
    expect(svg).toContain('microsleep.closureMs');
    expect(svg).toContain('fill-opacity="0.12"');
    expect(figure(trace, options)).toBe(svg);
  });
});
