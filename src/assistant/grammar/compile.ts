import { VigilError } from '../../runtime/errors.js';
import type { SignalValue } from '../../vehicle/value.js';
import { AutomatonBuilder, type Automaton } from './automaton.js';
import { idleState, type CommandList, type CommandSet, type ListValue } from './command-file.js';
import { languageOf } from './language.js';
import type { Template } from './template.js';

export interface CompileOptions {
  /** Only what can be said in this dialog state. */
  readonly state?: string;
  /** Values of dynamic lists, by source. A source that is missing can't be said. */
  readonly dynamic?: ReadonlyMap<string, readonly ListValue[]>;
  /** Only these intents. */
  readonly intents?: ReadonlySet<string>;
}

/** More than this means a sentence whose choices multiply; rules and lists share nothing in the automaton. */
const mostArcs = 2_000_000;

/**
 * Compiles commands to one automaton over words. Sentences are not enumerated: choices side by side multiply the
 * sentences, not the automaton.
 * @throws VigilError `GRAMMAR_INVALID` for an unknown list or rule, a rule inside itself, or one that grows too large
 */
export function compile(commands: CommandSet, options: CompileOptions = {}): Automaton {
  const { state = idleState, dynamic = new Map(), intents } = options;
  const compiler = new Compiler(commands, dynamic);
  for (const intent of commands.intents) {
    if (intents !== undefined && !intents.has(intent.name)) continue;
    if (intent.states.includes(state)) compiler.intent(intent.name, intent.slots, intent.say);
  }
  return compiler.finish();
}

/** Where a piece stands. */
interface Place {
  readonly intent: string;
  /** Rules around it, outermost first. */
  readonly inside: readonly string[];
  /** What fills the innermost rule's blank, and where that was written. */
  readonly fill: { readonly template: Template; readonly place: Place } | null;
}

class Compiler {
  readonly #builder = new AutomatonBuilder();

  constructor(
    private readonly commands: CommandSet,
    private readonly dynamic: ReadonlyMap<string, readonly ListValue[]>,
  ) {}

  intent(name: string, slots: Readonly<Record<string, SignalValue>>, say: readonly Template[]): void {
    const entry = this.#builder.state();
    this.#builder.arc(this.#builder.start, entry, null, { kind: 'intent', intent: name, slots });
    const place = { intent: name, inside: [], fill: null };
    const { around } = this.commands;
    if (around === null) {
      for (const template of say) this.#template(template, entry, this.#builder.accept, place);
      return;
    }
    if (!hasBlank(around)) throw invalid('a blank <> in what is around every sentence', 'none', '');
    const fill = { template: { kind: 'choice', options: say } as const, place };
    this.#template(around, entry, this.#builder.accept, { ...place, fill });
  }

  finish(): Automaton {
    return this.#builder.finish();
  }

  #template(template: Template, from: number, to: number, place: Place): void {
    if (this.#builder.size > mostArcs)
      throw invalid(
        `at most ${mostArcs} steps`,
        `more by ${place.intent}`,
        'Use fewer values in one sentence.',
      );
    switch (template.kind) {
      case 'word':
        this.#builder.arc(from, to, template.text);
        return;
      case 'sequence': {
        let at = from;
        template.items.forEach((item, index) => {
          const next = index === template.items.length - 1 ? to : this.#builder.state();
          this.#template(item, at, next, place);
          at = next;
        });
        if (template.items.length === 0) this.#builder.arc(from, to, null);
        return;
      }
      case 'choice':
        for (const option of template.options) this.#template(option, from, to, place);
        return;
      case 'rule':
        this.#rule(template.rule, template.fill, from, to, place);
        return;
      case 'blank': {
        const { fill } = place;
        if (fill === null)
          throw invalid('words for the blank', `none, in ${place.intent}`, 'Write <rule: words>.');
        this.#template(fill.template, from, to, fill.place);
        return;
      }
      case 'slot':
        this.#slot(template.slot, template.list, from, to, place);
        return;
    }
  }

  #rule(rule: string, words: Template | null, from: number, to: number, place: Place): void {
    const { intent, inside } = place;
    const body = this.commands.rules.get(rule);
    if (body === undefined) throw invalid(`a rule named ${rule}`, `none, in ${intent}`, 'Add it to rules:.');
    if (inside.includes(rule))
      throw invalid('rules that do not contain themselves', [...inside, rule].join(' > '), '');
    if (words !== null && !hasBlank(body))
      throw invalid(`a blank <> in the rule ${rule}`, `none, but words for it in ${intent}`, '');
    const fill = words === null ? null : { template: words, place };
    this.#template(body, from, to, { intent, inside: [...inside, rule], fill });
  }

  #slot(slot: string, name: string, from: number, to: number, place: Place): void {
    const list = this.commands.lists.get(name);
    if (list === undefined)
      throw invalid(`a list named ${name}`, `none, in ${place.intent}`, 'Add it to lists:.');
    if (list.kind === 'range') {
      const { numbers } = languageOf(this.commands.language);
      for (const value of rangeValues(list)) {
        const entry = this.#builder.state();
        this.#builder.arc(from, entry, null, { kind: 'slot', slot, value });
        for (const words of numbers(value)) this.#builder.words(entry, to, words);
      }
      return;
    }
    const values = list.kind === 'values' ? list.values : (this.dynamic.get(list.source) ?? []);
    for (const { value, say } of values) {
      const entry = this.#builder.state();
      this.#builder.arc(from, entry, null, { kind: 'slot', slot, value });
      for (const template of say) this.#template(template, entry, to, { ...place, fill: null });
    }
  }
}

function hasBlank(template: Template): boolean {
  switch (template.kind) {
    case 'blank':
      return true;
    case 'sequence':
      return template.items.some(hasBlank);
    case 'choice':
      return template.options.some(hasBlank);
    case 'rule':
      return template.fill !== null && hasBlank(template.fill);
    case 'word':
    case 'slot':
      return false;
  }
}

/** Every value of a range, free of the rounding that repeated addition gathers. */
export function rangeValues({ from, to, step }: Extract<CommandList, { kind: 'range' }>): number[] {
  const count = Math.floor((to - from) / step + 1e-9) + 1;
  return Array.from({ length: count }, (_, i) => Number((from + i * step).toFixed(6)));
}

function invalid(expected: string, came: string, advice: string): VigilError {
  return new VigilError('GRAMMAR_INVALID', `Expected ${expected} but found ${came}.`, advice);
}
