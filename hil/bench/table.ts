import type { BenchRow } from './row.js';

export const columns = ['measured', 'value', 'beside', 'ratio', 'limit', 'note'] as const;

const digits = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 3 });

/** "frames/s", "MB/s of CPU". */
function isRate(row: BenchRow): boolean {
  return row.unit.includes('/s');
}

/** Rates must reach their limit, everything else must stay below it. */
export function isMet(row: BenchRow): boolean | undefined {
  if (row.limit === undefined) return undefined;
  return isRate(row) ? row.value >= row.limit : row.value <= row.limit;
}

function limitCell(row: BenchRow): string {
  if (row.limit === undefined) return '';
  const bound = isRate(row) ? '≥' : '≤';
  return `${bound} ${digits.format(row.limit)} ${row.unit}: ${isMet(row) === true ? 'met' : 'missed'}`;
}

/** Cells in the order of `columns`; the ratio is ours over the peer's. */
export function cells(row: BenchRow): string[] {
  const { name, value, unit, peer, note } = row;
  return [
    name,
    `${digits.format(value)} ${unit}`,
    peer === undefined ? '' : `${peer.name}: ${digits.format(peer.value)} ${unit}`,
    peer === undefined || peer.value === 0 ? '' : (value / peer.value).toFixed(2),
    limitCell(row),
    note ?? '',
  ];
}

function widths(lines: readonly (readonly string[])[], least: number): number[] {
  return columns.map((_, i) => Math.max(least, ...lines.map((line) => line[i].length)));
}

/** For a terminal: columns padded, two blanks between them. */
export function textTable(rows: readonly BenchRow[]): string {
  const lines = [[...columns], ...rows.map(cells)];
  const width = widths(lines, 0);
  return lines
    .map((line) =>
      line
        .map((cell, i) => cell.padEnd(width[i]))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** As prettier formats it. */
export function markdownTable(rows: readonly BenchRow[]): string {
  const escaped = (line: readonly string[]) => line.map((cell) => cell.replaceAll('|', '\\|'));
  const lines = [[...columns], ...rows.map(cells)].map(escaped);
  const width = widths(lines, 3);
  const [head, ...body] = lines.map(
    (line) => `| ${line.map((cell, i) => cell.padEnd(width[i])).join(' | ')} |`,
  );
  const rule = `| ${width.map((w) => '-'.repeat(w)).join(' | ')} |`;
  return [head, rule, ...body].join('\n');
}

/** The text between a benchmark's two marks replaced; a block that is not there yet goes to the end. */
export function replaceBlock(document: string, name: string, content: string): string {
  const begin = `<!-- bench ${name}: begin -->`;
  const end = `<!-- bench ${name}: end -->`;
  const block = `${begin}\n\n${content}\n\n${end}`;
  const from = document.indexOf(begin);
  const to = document.indexOf(end, from);
  if (from >= 0 && to >= 0) return document.slice(0, from) + block + document.slice(to + end.length);
  return `${document.trimEnd()}\n\n${block}\n`;
}
