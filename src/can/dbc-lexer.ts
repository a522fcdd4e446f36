/** `eof` closes the token list, so that a reader can always look one token ahead. */
export type TokenKind = 'word' | 'number' | 'string' | 'mark' | 'eof';

export interface Token {
  readonly kind: TokenKind;
  /** The characters as written; for a string, its content with `\"` resolved. */
  readonly text: string;
  readonly line: number;
  /** First token of its line. */
  readonly startsLine: boolean;
}

export interface LexerProblem {
  readonly line: number;
  readonly message: string;
}

const blank = /[ \t\r\f\v\ufeff]+/y;
const comment = /\/\/[^\n]*/y;
const number = /[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y;
const word = /[\p{L}\p{N}_][\p{L}\p{N}_]*/uy;
const wordCharacter = /[\p{L}\p{N}_]/u;

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

/** End of the string that opens at `open`: the next quote that no backslash precedes; -1 when there is none. */
function closingQuote(text: string, open: number): number {
  let at = text.indexOf('"', open + 1);
  while (at > 0 && text[at - 1] === '\\') at = text.indexOf('"', at + 1);
  return at;
}

/**
 * Cuts DBC text into tokens with line numbers. Strings may run over several lines; `//` outside a string opens
 * a comment to the end of the line (not in the format's description, but in files in use).
 * @param firstLine number of the first line
 */
export function tokenize(text: string, firstLine = 1): { tokens: Token[]; problems: LexerProblem[] } {
  const tokens: Token[] = [];
  const problems: LexerProblem[] = [];
  let line = firstLine;
  let startsLine = true;
  let at = 0;

  const push = (kind: TokenKind, content: string) => {
    tokens.push({ kind, text: content, line, startsLine });
    startsLine = false;
  };

  while (at < text.length) {
    const character = text[at];
    if (character === '\n') {
      line += 1;
      startsLine = true;
      at += 1;
      continue;
    }
    const skipped = matchAt(blank, text, at) ?? matchAt(comment, text, at);
    if (skipped !== undefined) {
      at += skipped.length;
      continue;
    }
    if (character === '"') {
      let end = closingQuote(text, at);
      if (end < 0) {
        problems.push({ line, message: 'expected a closing quote (") for the text opened here' });
        const lineEnd = text.indexOf('\n', at);
        end = lineEnd < 0 ? text.length : lineEnd;
        push('string', text.slice(at + 1, end).trimEnd());
        at = end;
        continue;
      }
      const content = text.slice(at + 1, end);
      push('string', content.replaceAll('\\"', '"'));
      for (const c of content) if (c === '\n') line += 1;
      at = end + 1;
      continue;
    }
    const digits = matchAt(number, text, at);
    if (digits !== undefined && !wordCharacter.test(text[at + digits.length] ?? '')) {
      push('number', digits);
      at += digits.length;
      continue;
    }
    const name = matchAt(word, text, at);
    if (name !== undefined) {
      push('word', name);
      at += name.length;
      continue;
    }
    push('mark', character);
    at += 1;
  }
  startsLine = true;
  push('eof', '');
  return { tokens, problems };
}
