/** A piece of a line in one style. */
export interface Span {
  readonly text: string;
  readonly style?: (text: string) => string;
}

export function plain(text: string): Span {
  return { text };
}

/**
 * What other people's files name things, made fit for a terminal: control characters would move the cursor or do
 * worse.
 */
export function printable(text: string): string {
  return text.replace(/\p{C}/gu, '\u00b7');
}

/** Cells a character takes: 2 for the wide ones of East Asia and pictograms, 0 for combining marks. */
function cells(character: string): number {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x300) return 1;
  if (/^\p{M}$/u.test(character)) return 0;
  const wide =
    (code >= 0x1100 && code <= 0x115f) ||
    (code >= 0x2e80 && code <= 0xa4cf) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0xffe0 && code <= 0xffe6) ||
    (code >= 0x1f300 && code <= 0x1faff) ||
    (code >= 0x20000 && code <= 0x3fffd);
  return wide ? 2 : 1;
}

/** Cells that a text takes on a terminal. */
export function textWidth(text: string): number {
  let width = 0;
  for (const character of text) width += cells(character);
  return width;
}

/** The beginning of a text that fits, with an ellipsis where something was cut off. */
export function cut(text: string, columns: number): string {
  if (textWidth(text) <= columns) return text;
  let kept = '';
  let width = 0;
  for (const character of text) {
    if (width + cells(character) > columns - 1) break;
    kept += character;
    width += cells(character);
  }
  return columns < 1 ? '' : `${kept}…`;
}

export function spansWidth(spans: readonly Span[]): number {
  return spans.reduce((sum, { text }) => sum + textWidth(text), 0);
}

/** One line of at most `columns` cells. */
export function renderLine(spans: readonly Span[], columns: number): string {
  let line = '';
  let left = columns;
  for (const { text, style } of spans) {
    const shown = cut(text, left);
    line += style === undefined ? shown : style(shown);
    left -= textWidth(shown);
    if (shown !== text) break;
  }
  return line;
}

/** Places items one after the other, a new line where one does not fit; each line begins with `indent` spaces. */
export function wrapItems(items: readonly (readonly Span[])[], indent: number, columns: number): Span[][] {
  const lines: Span[][] = [];
  let line: Span[] = [];
  let width = 0;
  for (const item of items) {
    const itemWidth = spansWidth(item);
    if (line.length > 0 && width + 2 + itemWidth > columns) {
      lines.push(line);
      line = [];
    }
    if (line.length === 0) {
      line.push(plain(' '.repeat(indent)));
      width = indent;
    } else {
      line.push(plain('  '));
      width += 2;
    }
    line.push(...item);
    width += itemWidth;
  }
  if (line.length > 0) lines.push(line);
  return lines;
}

export function thousands(value: number): string {
  return value.toString().replace(/\B(?=(\d{3})+$)/g, ',');
}
