import { firstBit, type DbcMessage, type DbcSignal } from '../../can/dbc.js';

/** Width of a bit's cell without its border: room for `<12x`, a signal of one bit with its number. */
const cellWidth = 4;
const border = `+${`${'-'.repeat(cellWidth)}+`.repeat(8)}`;

interface Cell {
  readonly signal: DbcSignal;
  readonly mostSignificant: boolean;
  readonly leastSignificant: boolean;
}

/** Bit positions (byte * 8 + bit, bit 7 most significant) of a signal, most significant first. */
export function bitPositions(signal: DbcSignal): number[] {
  const first = firstBit(signal);
  const run = Array.from({ length: signal.length }, (_, i) => first + i);
  if (signal.byteOrder === 'intel') return run.reverse();
  return run.map((position) => (position & ~7) | (7 - (position & 7)));
}

type Rows = readonly (Cell | 'several' | undefined)[][];

function cellsOf(signals: readonly DbcSignal[], bytes: number): Rows {
  // Drawn from bit 7 on the left to bit 0 on the right.
  const rows: (Cell | 'several' | undefined)[][] = Array.from({ length: bytes }, () =>
    Array.from({ length: 8 }, () => undefined),
  );
  for (const signal of signals) {
    const positions = bitPositions(signal);
    positions.forEach((position, i) => {
      const row = rows[position >> 3];
      const column = 7 - (position & 7);
      row[column] =
        row[column] === undefined
          ? { signal, mostSignificant: i === 0, leastSignificant: i === positions.length - 1 }
          : 'several';
    });
  }
  return rows;
}

function sameRun(a: Cell | 'several' | undefined, b: Cell | 'several' | undefined): boolean {
  if (a === undefined || b === undefined || a === 'several' || b === 'several') return a === b;
  // Two ends side by side belong to two stretches of one signal (Intel, across bytes).
  return a.signal === b.signal;
}

/** A stretch of cells of one signal: `<` at its most significant bit, `x` at its least, its name or number between. */
function drawRun(
  run: readonly (Cell | 'several' | undefined)[],
  numberOf: (signal: DbcSignal) => number,
): string {
  const width = run.length * (cellWidth + 1) - 1;
  const [first] = run;
  if (first === undefined) return ' '.repeat(width);
  if (first === 'several') return '#'.repeat(width);
  const left = run.some((cell) => cell !== undefined && cell !== 'several' && cell.mostSignificant)
    ? '<'
    : '-';
  const right = run.some((cell) => cell !== undefined && cell !== 'several' && cell.leastSignificant)
    ? 'x'
    : '-';
  const inner = width - 2;
  const number = numberOf(first.signal).toString();
  const label = first.signal.name.length + 2 <= inner ? ` ${first.signal.name} ` : number;
  const before = Math.max(0, Math.floor((inner - label.length) / 2));
  return `${left}${('-'.repeat(before) + label).padEnd(inner, '-').slice(0, inner)}${right}`;
}

/**
 * The payload bit by bit: a row per byte, bit 7 left. `#` marks bits of several signals; free bytes that follow
 * each other share a row.
 * @param numberOf what a signal is called where its name does not fit
 */
export function drawLayout(
  signals: readonly DbcSignal[],
  bytes: number,
  numberOf: (signal: DbcSignal) => number,
): string[] {
  const bits = [7, 6, 5, 4, 3, 2, 1, 0]
    .map((bit) =>
      bit
        .toString()
        .padStart(3)
        .padEnd(cellWidth + 1),
    )
    .join('');
  const lines = [`  byte ${bits}`.trimEnd(), `       ${border}`];
  const rows = cellsOf(signals, bytes);
  const isFree = (byte: number) => rows.at(byte)?.every((cell) => cell === undefined) ?? false;
  for (let byte = 0; byte < bytes; byte++) {
    const first = byte;
    while (isFree(first) && isFree(byte + 1)) byte += 1;
    if (byte > first) {
      lines.push(`${`${first}-${byte}`.padStart(6)} |${'free'.padStart(21).padEnd(border.length - 2)}|`);
      lines.push(`       ${border}`);
      continue;
    }
    const row = rows[byte];
    const runs: (Cell | 'several' | undefined)[][] = [];
    for (const cell of row) {
      const open = runs.at(-1);
      if (cell !== undefined && open !== undefined && sameRun(open[0], cell)) open.push(cell);
      else runs.push([cell]);
    }
    lines.push(`${byte.toString().padStart(6)} |${runs.map((run) => drawRun(run, numberOf)).join('|')}|`);
    lines.push(`       ${border}`);
  }
  return lines;
}

/** What is in the payload together: always, and for each value of the switches. */
export interface Page {
  /** Empty for what is in every frame; else `Switch = 3`. */
  readonly when: string;
  readonly signals: readonly DbcSignal[];
}

function rangesText({ selector }: DbcSignal): string {
  return (selector?.ranges ?? [])
    .map(([low, high]) => (low === high ? low.toString() : `${low.toString()}-${high.toString()}`))
    .join(', ');
}

/** A node of the tree of switches: which signals a value of a switch brings. */
export interface SwitchBranch {
  readonly values: string;
  readonly signals: readonly DbcSignal[];
}

/** Branches of a switch in the order in which the message first names them. */
export function branchesOf(message: DbcMessage, owner: DbcSignal): SwitchBranch[] {
  const branches = new Map<string, DbcSignal[]>();
  for (const signal of message.signals) {
    if (signal.selector?.switchName !== owner.name) continue;
    const values = rangesText(signal);
    branches.set(values, [...(branches.get(values) ?? []), signal]);
  }
  return [...branches]
    .map(([values, signals]) => ({ values, signals }))
    .sort((a, b) => Number(lowest(a) - lowest(b)));
}

function lowest({ signals }: SwitchBranch): bigint {
  return signals[0].selector?.ranges[0][0] ?? 0n;
}

function chainOf(message: DbcMessage, signal: DbcSignal): DbcSignal[] {
  const owner = message.signals.find(({ name }) => name === signal.selector?.switchName);
  return owner === undefined ? [] : [...chainOf(message, owner), owner];
}

/** One page with what is always there, and one for each branch, with the switches that lead to it. */
export function pagesOf(message: DbcMessage): Page[] {
  const pages: Page[] = [
    { when: '', signals: message.signals.filter(({ selector }) => selector === undefined) },
  ];
  for (const owner of message.signals.filter(({ isSwitch }) => isSwitch)) {
    const chain = [...chainOf(message, owner), owner];
    const steps = chain.slice(1).map((signal, i) => `${chain[i].name} = ${rangesText(signal)}`);
    for (const { values, signals } of branchesOf(message, owner)) {
      pages.push({
        when: [...steps, `${owner.name} = ${values}`].join(' and '),
        signals: [...chain, ...signals],
      });
    }
  }
  return pages;
}
