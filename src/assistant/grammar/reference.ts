import type { SignalValue } from '../../vehicle/value.js';
import type { CommandSet } from './command-file.js';
import { rangeValues } from './compile.js';
import type { Finding } from './lint.js';
import type { Template } from './template.js';

/** A slot's values as texts; null: filled at run time. */
type Values = ReadonlySet<string> | null;

/**
 * Where a language means something that the reference language does not know: intents, slots and their values are the
 * same in every language, for actions and replies know only these.
 */
export function differences(commands: CommandSet, reference: CommandSet): Finding[] {
  const known = new Map(reference.intents.map((intent) => [intent.name, intent]));
  const findings = commands.intents.flatMap((intent): string[] => {
    const original = known.get(intent.name);
    if (original === undefined) return [`${intent.name} is no intent of ${reference.language}`];
    const [slots, theirs] = [slotsOf(intent.say, commands), slotsOf(original.say, reference)];
    const states = intent.states.filter((state) => !original.states.includes(state));
    return [
      ...states.map(
        (state) => `${intent.name} can be said in the state ${state}, in ${reference.language} not`,
      ),
      ...differentSlots(intent.name, slots, theirs, reference.language),
      ...(sameFixed(intent.slots, original.slots)
        ? []
        : [`${intent.name} fills other slots by itself than in ${reference.language}`]),
    ];
  });
  return findings.map((text) => ({ kind: 'foreign', text }));
}

/** Intents that the reference language has and this one does not. */
export function missingIntents(commands: CommandSet, reference: CommandSet): string[] {
  const names = new Set(commands.intents.map(({ name }) => name));
  return reference.intents.flatMap(({ name }) => (names.has(name) ? [] : [name]));
}

function differentSlots(
  intent: string,
  slots: ReadonlyMap<string, Values>,
  theirs: ReadonlyMap<string, Values>,
  language: string,
): string[] {
  return [...slots].flatMap(([slot, values]) => {
    const allowed = theirs.get(slot);
    if (allowed === undefined) return [`${intent} fills the slot ${slot}, in ${language} it does not`];
    if ((allowed === null) !== (values === null))
      return [`${intent} fills the slot ${slot} from another kind of list than in ${language}`];
    const extra = [...(values ?? [])].filter((value) => allowed?.has(value) === false);
    return extra.length === 0
      ? []
      : [`${intent} fills the slot ${slot} with ${extra.slice(0, 3).join(', ')}, in ${language} never`];
  });
}

function sameFixed(
  a: Readonly<Record<string, SignalValue>>,
  b: Readonly<Record<string, SignalValue>>,
): boolean {
  const names = Object.keys({ ...a, ...b });
  return names.every((name) => a[name] === b[name]);
}

function slotsOf(say: readonly Template[], commands: CommandSet): Map<string, Values> {
  const slots = new Map<string, Values>();
  const note = (template: Template): void => {
    switch (template.kind) {
      case 'sequence':
        template.items.forEach(note);
        return;
      case 'choice':
        template.options.forEach(note);
        return;
      case 'rule': {
        const body = commands.rules.get(template.rule);
        if (body !== undefined) note(body);
        if (template.fill !== null) note(template.fill);
        return;
      }
      case 'slot': {
        const before = slots.get(template.slot);
        const values = valuesOf(template.list, commands);
        slots.set(template.slot, before && values ? new Set([...before, ...values]) : values);
        return;
      }
      case 'word':
      case 'blank':
        return;
    }
  };
  say.forEach(note);
  return slots;
}

function valuesOf(name: string, { lists }: CommandSet): Values {
  const list = lists.get(name);
  if (list?.kind === 'range') return new Set(rangeValues(list).map(String));
  return list?.kind === 'values' ? new Set(list.values.map(({ value }) => String(value))) : null;
}
