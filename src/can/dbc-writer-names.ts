import type { DbcDatabase, DbcMessage } from './dbc.js';

const longest = 32;

/** Cuts a name so that `taken` has no other like it. */
function cut(name: string, taken: ReadonlySet<string>): string {
  let short = name.slice(0, longest);
  for (let i = 0; taken.has(short); i++) {
    const end = `_${i}`;
    short = name.slice(0, longest - end.length) + end;
  }
  return short;
}

interface Named {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, unknown>;
}

function shortNames(objects: readonly Named[], attribute: string): Map<string, string> {
  const isLong = ({ name, attributes }: Named) => attributes.get(attribute) === name && name.length > longest;
  const short = new Map(objects.filter((object) => !isLong(object)).map(({ name }) => [name, name]));
  const taken = new Set(short.keys());
  for (const { name } of objects) {
    if (short.has(name)) continue;
    const chosen = cut(name, taken);
    taken.add(chosen);
    short.set(name, chosen);
  }
  return short;
}

type Nodes = Pick<DbcDatabase, 'nodes' | 'nodeDetails'>;

/** Names as a file has them: of at most 32 characters where an attribute holds the whole name. */
export class ShortNames {
  readonly #messages: ReadonlyMap<string, string>;
  readonly #signals = new Map<DbcMessage, ReadonlyMap<string, string>>();

  readonly #nodes: ReadonlyMap<string, string>;

  constructor(messages: readonly DbcMessage[], { nodes, nodeDetails }: Nodes) {
    const all = [...new Set([...nodes, ...nodeDetails.keys()])];
    const none = new Map<string, unknown>();
    this.#nodes = shortNames(
      all.map((name) => ({ name, attributes: nodeDetails.get(name)?.attributes ?? none })),
      'SystemNodeLongSymbol',
    );
    this.#messages = shortNames(messages, 'SystemMessageLongSymbol');
    for (const message of messages) {
      this.#signals.set(message, shortNames(message.signals, 'SystemSignalLongSymbol'));
    }
  }

  node(name: string): string {
    return this.#nodes.get(name) ?? name;
  }

  /** Names with commas between them; a name for none where there are none. */
  nodeList(names: readonly string[]): string {
    return names.length === 0 ? 'Vector__XXX' : names.map((name) => this.node(name)).join(',');
  }

  message({ name }: DbcMessage): string {
    return this.#messages.get(name) ?? name;
  }

  signal(message: DbcMessage, name: string): string {
    return this.#signals.get(message)?.get(name) ?? name;
  }
}
