import type { CommandSet } from './command-file.js';
import { compile, type CompileOptions } from './compile.js';
import { conflicts, silentIntents } from './conflicts.js';
import type { Template } from './template.js';

/** Something about the commands that is probably not meant. */
export interface Finding {
  readonly kind: 'conflict' | 'silent' | 'unused' | 'foreign' | 'unheard' | 'unspelt';
  readonly text: string;
}

/**
 * Looks for sentences that two intents claim, intents that saying nothing fulfils, and lists and rules that nobody
 * uses, in every dialog state.
 */
export function lint(commands: CommandSet, options: Omit<CompileOptions, 'state'> = {}): Finding[] {
  const findings: Finding[] = [...unused(commands)];
  const states = new Set(commands.intents.flatMap((intent) => intent.states));
  for (const state of states) {
    const automaton = compile(commands, { ...options, state });
    for (const { first, second, sentence } of conflicts(automaton)) {
      const said = JSON.stringify(sentence);
      const text = `${first} and ${second} both claim ${said} (dialog state ${state})`;
      findings.push({ kind: 'conflict', text });
    }
    for (const intent of silentIntents(automaton))
      findings.push({ kind: 'silent', text: `${intent} is fulfilled by saying nothing` });
  }
  return [...new Map(findings.map((finding) => [finding.text, finding])).values()];
}

function unused(commands: CommandSet): Finding[] {
  const used = { list: new Set<string>(), rule: new Set<string>() };
  const note = (template: Template): void => {
    if (template.kind === 'slot') used.list.add(template.list);
    else if (template.kind === 'rule') {
      used.rule.add(template.rule);
      if (template.fill !== null) note(template.fill);
    } else if (template.kind === 'sequence') template.items.forEach(note);
    else if (template.kind === 'choice') template.options.forEach(note);
  };
  for (const rule of commands.rules.values()) note(rule);
  if (commands.around !== null) note(commands.around);
  for (const { say } of commands.intents) say.forEach(note);
  for (const list of commands.lists.values()) {
    if (list.kind !== 'values') continue;
    for (const { say } of list.values) say.forEach(note);
  }
  const lists = [...commands.lists.keys()].filter((name) => !used.list.has(name));
  const rules = [...commands.rules.keys()].filter((name) => !used.rule.has(name));
  return [...lists.map((name) => `list ${name}`), ...rules.map((name) => `rule ${name}`)].map((name) => ({
    kind: 'unused',
    text: `${name} is used by no sentence`,
  }));
}
