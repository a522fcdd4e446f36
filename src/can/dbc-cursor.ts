import { tokenize, type Token, type TokenKind } from './dbc-lexer.js';

/** Thrown and caught inside the parser only: this statement is malformed at this line. */
export class StatementError extends Error {
  constructor(
    readonly line: number,
    message: string,
  ) {
    super(message);
  }
}

function shown(token: Token): string {
  if (token.kind === 'eof') return 'the end of the file';
  return token.kind === 'string' ? `the text "${token.text.slice(0, 40)}"` : `\`${token.text}\``;
}

/** Reads tokens one after the other; every `take…` either returns what it names or throws a StatementError. */
export class TokenCursor {
  readonly #tokens: readonly Token[];
  readonly lexerProblems: readonly { line: number; message: string }[];
  #at = 0;

  /** @param firstLine number of the text's first line */
  constructor(text: string, firstLine = 1) {
    const { tokens, problems } = tokenize(text, firstLine);
    this.#tokens = tokens;
    this.lexerProblems = problems;
  }

  get current(): Token {
    return this.#tokens[this.#at];
  }

  get following(): Token {
    return this.#tokens[Math.min(this.#at + 1, this.#tokens.length - 1)];
  }

  get atEnd(): boolean {
    return this.current.kind === 'eof';
  }

  /** Line of the token taken last. */
  get lastLine(): number {
    return this.#tokens[Math.max(0, this.#at - 1)].line;
  }

  advance(): Token {
    const token = this.current;
    if (token.kind !== 'eof') this.#at += 1;
    return token;
  }

  fail(expected: string): never {
    throw new StatementError(this.current.line, `expected ${expected} but found ${shown(this.current)}`);
  }

  is(kind: TokenKind): boolean {
    return this.current.kind === kind;
  }

  isMark(text: string): boolean {
    return this.current.kind === 'mark' && this.current.text === text;
  }

  isWord(text: string): boolean {
    return this.current.kind === 'word' && this.current.text === text;
  }

  skipMark(text: string): boolean {
    const found = this.isMark(text);
    if (found) this.advance();
    return found;
  }

  takeMark(text: string, context: string): void {
    if (!this.skipMark(text)) this.fail(`\`${text}\` ${context}`);
  }

  takeWord(what: string): string {
    if (this.current.kind !== 'word') this.fail(what);
    return this.advance().text;
  }

  takeText(what: string): string {
    if (this.current.kind !== 'string') this.fail(`${what} in quotes`);
    return this.advance().text;
  }

  takeNumber(what: string): number {
    if (this.current.kind !== 'number') this.fail(`${what} (a number)`);
    if (!Number.isFinite(Number(this.current.text))) this.fail(`${what} (a number that a double holds)`);
    return Number(this.advance().text);
  }

  /** A limit: what lies beyond the doubles (a rounded-up 1.79769313486232E+308 is common) is the last of them. */
  takeLimit(what: string): number {
    if (this.current.kind !== 'number') this.fail(`${what} (a number)`);
    const value = Number(this.advance().text);
    return Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, value));
  }

  /** A number; a whole one that a double would round comes as bigint. */
  takeExactNumber(what: string): number | bigint {
    const { kind, text } = this.current;
    if (kind !== 'number' || !/^[+-]?\d+$/.test(text) || Number.isSafeInteger(Number(text))) {
      return this.takeNumber(what);
    }
    return this.takeBigInteger(what);
  }

  /** A whole number in [low, high]. */
  takeInteger(what: string, low: number, high: number): number {
    const value = Number(this.current.text);
    if (this.current.kind !== 'number' || !Number.isInteger(value) || value < low || value > high) {
      this.fail(`${what} (a whole number from ${low} to ${high})`);
    }
    this.advance();
    return value;
  }

  /** A whole number of any size; `1.0` and `1e3` count as whole. */
  takeBigInteger(what: string): bigint {
    const { kind, text } = this.current;
    if (kind === 'number') {
      if (/^[+-]?\d+$/.test(text)) {
        this.advance();
        return BigInt(text.startsWith('+') ? text.slice(1) : text);
      }
      if (Number.isInteger(Number(text))) {
        this.advance();
        return BigInt(Number(text));
      }
    }
    return this.fail(`${what} (a whole number)`);
  }

  /** Whether the current token is on the line on which the token taken last ends. */
  get onSameLine(): boolean {
    return !this.atEnd && !this.current.startsLine;
  }
}
