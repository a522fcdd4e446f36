import { VigilError } from '../../runtime/errors.js';

/**
 * A sentence with choices, as command files write it:
 *
 *     (set|change) the [{zone}] temperature to {target:temperature} [degrees]
 *
 * `(a|b)` one of several, `[a|b]` one of several or nothing, `{list}` a value of a list, put into the slot of that
 * name or, with `{slot:list}`, of another, `<rule>` a piece that other sentences share. A rule can have a blank, `<>`,
 * which `<rule: the window>` fills.
 */
export type Template =
  | { readonly kind: 'word'; readonly text: string }
  | { readonly kind: 'sequence'; readonly items: readonly Template[] }
  | { readonly kind: 'choice'; readonly options: readonly Template[] }
  | { readonly kind: 'slot'; readonly slot: string; readonly list: string }
  /** `fill` goes where the rule has its blank; null: nothing was given. */
  | { readonly kind: 'rule'; readonly rule: string; readonly fill: Template | null }
  | { readonly kind: 'blank' };

/** Nothing said. */
export const nothing: Template = { kind: 'sequence', items: [] };

const closing: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}', '<': '>' };

/**
 * @param source named in errors
 * @throws VigilError `TEMPLATE_INVALID` with the column
 */
export function parseTemplate(text: string, source: string): Template {
  const parser = new Parser(text, source);
  const template = parser.choice('');
  parser.end();
  return template;
}

class Parser {
  #at = 0;

  constructor(
    private readonly text: string,
    private readonly source: string,
  ) {}

  /** Options up to `end`, which is not taken. */
  choice(end: string): Template {
    const options = [this.#sequence(end)];
    while (this.#peek() === '|') {
      this.#at++;
      options.push(this.#sequence(end));
    }
    return options.length === 1 ? options[0] : { kind: 'choice', options };
  }

  end(): void {
    if (this.#at < this.text.length) throw this.#invalid('the end or an opening bracket');
  }

  #sequence(end: string): Template {
    const items: Template[] = [];
    for (;;) {
      const next = this.#peek();
      if (next === '' || next === '|' || next === end) break;
      if (next === ' ') this.#at++;
      else if (Object.hasOwn(closing, next)) items.push(this.#bracket(next));
      else items.push(this.#word());
    }
    return items.length === 1 ? items[0] : { kind: 'sequence', items };
  }

  #bracket(open: string): Template {
    const from = this.#at++;
    const close = closing[open];
    if (open === '(' || open === '[') {
      const inner = this.choice(close);
      this.#expect(close, from);
      return open === '(' ? inner : { kind: 'choice', options: [nothing, inner] };
    }
    if (open === '<') return this.#rule(from);
    const until = this.text.indexOf(close, from);
    const name = until < 0 ? '' : this.text.slice(from + 1, until);
    if (!/^\p{L}[\p{L}\w]*(:\p{L}[\p{L}\w]*)?$/u.test(name)) {
      this.#at = from;
      throw this.#invalid('{list} or {slot:list}');
    }
    this.#at = until + 1;
    const [slot, list = slot] = name.split(':');
    return { kind: 'slot', slot, list };
  }

  /** What follows `<`, which was at `from`. */
  #rule(from: number): Template {
    const match = /(?:(\p{L}[\p{L}\w]*)(:?)|(?=>))/uy;
    match.lastIndex = this.#at;
    const found = match.exec(this.text);
    if (found === null) {
      this.#at = from;
      throw this.#invalid('<rule>, <rule: words> or <>');
    }
    this.#at = match.lastIndex;
    const [, rule, filled] = found as unknown as [string, string | undefined, string | undefined];
    const fill = filled === ':' ? this.choice('>') : null;
    this.#expect('>', from);
    return rule === undefined ? { kind: 'blank' } : { kind: 'rule', rule, fill };
  }

  #word(): Template {
    const match = /[^\s()[\]{}<>|]+/y;
    match.lastIndex = this.#at;
    const found = match.exec(this.text);
    if (found === null) throw this.#invalid('a word');
    this.#at = match.lastIndex;
    return { kind: 'word', text: found[0].toLowerCase() };
  }

  #expect(close: string, from: number): void {
    if (this.#peek() === close) {
      this.#at++;
      return;
    }
    this.#at = from;
    throw this.#invalid(`${close} for this bracket`);
  }

  #peek(): string {
    return this.text.charAt(this.#at);
  }

  #invalid(expected: string): VigilError {
    return new VigilError(
      'TEMPLATE_INVALID',
      `Expected ${expected} at column ${this.#at + 1} of ${JSON.stringify(this.text)} in ${this.source}.`,
      'Sentences are words, (a|b), [optional], {list}, {slot:list}, <rule> and <rule: words>.',
      { source: this.source, column: this.#at + 1 },
    );
  }
}
