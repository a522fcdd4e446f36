import { format } from 'prettier';
import { describe, expect, it } from 'vitest';
import type { BenchRow } from '../hil/bench/row.js';
import { cells, isMet, markdownTable, replaceBlock, textTable } from '../hil/bench/table.js';

const rows: BenchRow[] = [
  { name: 'frame', value: 6.1234, unit: 'ms', limit: 14, peer: { name: 'Other 1.0', value: 3.0617 } },
  { name: 'decode', value: 1_234_567, unit: 'frames/s CPU', limit: 2_000_000, note: 'a | b' },
  { name: 'distance', value: 3.77, unit: '‰' },
];

describe('limits', () => {
  it('bound times from above and rates from below', () => {
    const at = (value: number, unit: string) => isMet({ name: '', value, unit, limit: 10 });
    expect(at(10, 'ms')).toBe(true);
    expect(at(10.1, 'ms')).toBe(false);
    expect(at(10, 'MB/s')).toBe(true);
    expect(at(9.9, 'frames/s CPU')).toBe(false);
    expect(isMet({ name: '', value: 1, unit: 'ms' })).toBeUndefined();
  });
});

describe('tables', () => {
  it('show value, peer, ratio and whether the limit is met', () => {
    expect(cells(rows[0])).toEqual(['frame', '6.12 ms', 'Other 1.0: 3.06 ms', '2.00', '≤ 14 ms: met', '']);
    expect(cells(rows[1]).slice(1)).toEqual([
      '1,230,000 frames/s CPU',
      '',
      '',
      '≥ 2,000,000 frames/s CPU: missed',
      'a | b',
    ]);
    expect(cells({ name: 'x', value: 1, unit: 'ms', peer: { name: 'p', value: 0 } })[3]).toBe('');
  });

  it('line up in a terminal', () => {
    const lines = textTable(rows).split('\n');
    expect(lines).toHaveLength(4);
    const at = lines[0].indexOf('value');
    expect(lines.slice(1).map((line) => line.slice(at - 2, at))).toEqual(['  ', '  ', '  ']);
    for (const line of lines) expect(line).toBe(line.trimEnd());
  });

  it('are Markdown that prettier leaves as it is', async () => {
    const markdown = `${markdownTable(rows)}\n`;
    expect(await format(markdown, { parser: 'markdown', printWidth: 110 })).toBe(markdown);
    const document = replaceBlock('# Benchmarks\n', 'vision', markdownTable(rows));
    expect(await format(document, { parser: 'markdown', printWidth: 110 })).toBe(document);
  });
});

describe('the block in a document', () => {
  it('is added once, then replaced, and leaves everything else alone', () => {
    const begun = replaceBlock('# Figures\n\nText.\n', 'a', 'one');
    const both = replaceBlock(begun, 'b', 'two');
    expect(both).toBe(
      '# Figures\n\nText.\n\n' +
        '<!-- bench a: begin -->\n\none\n\n<!-- bench a: end -->\n\n' +
        '<!-- bench b: begin -->\n\ntwo\n\n<!-- bench b: end -->\n',
    );
    expect(replaceBlock(both, 'a', 'three')).toBe(both.replace('one', 'three'));
    expect(replaceBlock(both, 'b', '$& two')).toBe(both.replace('two', () => '$& two'));
  });
});
