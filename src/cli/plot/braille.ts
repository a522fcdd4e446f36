/** Dots of a braille character: two columns, four rows. */
export const dotsPerCell = { x: 2, y: 4 };

/** Bit of each dot in U+2800..U+28FF, by row and column. */
const dotBits = [
  [0x01, 0x08],
  [0x02, 0x10],
  [0x04, 0x20],
  [0x40, 0x80],
];

/** A cell's dots and who drew there last. */
interface Cell {
  readonly bits: number;
  readonly owner: number;
}

const emptyCell: Cell = { bits: 0, owner: -1 };

/** A picture of dots for a terminal. The origin is at the top left. */
export class BrailleCanvas {
  readonly #cells: Cell[];

  constructor(
    /** Characters. */
    readonly columns: number,
    readonly lines: number,
  ) {
    this.#cells = Array.from({ length: columns * lines }, () => emptyCell);
  }

  get width(): number {
    return this.columns * dotsPerCell.x;
  }

  get height(): number {
    return this.lines * dotsPerCell.y;
  }

  /** Sets a dot; outside the picture nothing happens. */
  dot(x: number, y: number, owner: number): void {
    if (x < 0 || y < 0 || x >= this.width || y >= this.height) return;
    const at = (y >> 2) * this.columns + (x >> 1);
    this.#cells[at] = { bits: this.#cells[at].bits | dotBits[y & 3][x & 1], owner };
  }

  /** A straight line of dots between two dots (Bresenham). */
  line(fromX: number, fromY: number, toX: number, toY: number, owner: number): void {
    const [dx, dy] = [Math.abs(toX - fromX), -Math.abs(toY - fromY)];
    const [stepX, stepY] = [fromX < toX ? 1 : -1, fromY < toY ? 1 : -1];
    let [x, y, error] = [fromX, fromY, dx + dy];
    for (;;) {
      this.dot(x, y, owner);
      if (x === toX && y === toY) return;
      const twice = 2 * error;
      if (twice >= dy) {
        error += dy;
        x += stepX;
      }
      if (twice <= dx) {
        error += dx;
        y += stepY;
      }
    }
  }

  /** A line of the picture as runs of one owner (-1: nobody). */
  runs(line: number): { readonly text: string; readonly owner: number }[] {
    const runs: { text: string; owner: number }[] = [];
    for (const { bits, owner } of this.#cells.slice(line * this.columns, (line + 1) * this.columns)) {
      const character = bits === 0 ? ' ' : String.fromCodePoint(0x2800 + bits);
      const last = runs.at(-1);
      if (last?.owner === owner) last.text += character;
      else runs.push({ text: character, owner });
    }
    return runs;
  }
}
