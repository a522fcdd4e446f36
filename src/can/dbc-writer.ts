import type { AttributeOwner, AttributeValue, DbcDatabase, DbcMessage, DbcSignal } from './dbc.js';
import { messageKey } from './dbc.js';
import { newSymbols } from './dbc-keywords.js';
import { ShortNames } from './dbc-writer-names.js';
import { numberText, signalLine, sectionOf, selectorLine, textOf, valuesText } from './dbc-writer-text.js';

const independentKey = 0xc0000000;

/** A message with what the file calls it. */
interface Entry {
  readonly key: number;
  readonly message: DbcMessage;
}

function keyOf(message: DbcMessage): number {
  return messageKey(message.id, message.extended);
}

function entriesOf(database: DbcDatabase): Entry[] {
  const entries = database.messages.map((message) => ({ key: keyOf(message), message }));
  if (database.independentSignals.length === 0) return entries;
  const independent: DbcMessage = {
    name: 'VECTOR__INDEPENDENT_SIG_MSG',
    id: independentKey,
    extended: true,
    length: 0,
    sender: '',
    signals: database.independentSignals,
    comment: '',
    attributes: new Map(),
  };
  return [...entries, { key: independentKey, message: independent }];
}

function messageText({ key, message }: Entry, names: ShortNames): string {
  const sender = message.sender === '' ? 'Vector__XXX' : names.node(message.sender);
  const head = `BO_ ${key} ${names.message(message)}: ${message.length} ${sender}`;
  return [
    head,
    ...message.signals.map((signal) =>
      signalLine(signal, names.signal(message, signal.name), names.nodeList(signal.receivers)),
    ),
  ].join('\n');
}

/** What `CM_` and `BA_` call an object, and the object. */
interface Described {
  readonly target: string;
  readonly comment: string;
  readonly attributes: ReadonlyMap<string, AttributeValue>;
}

function describedObjects(database: DbcDatabase, entries: readonly Entry[], names: ShortNames): Described[] {
  const objects: Described[] = [{ target: '', comment: database.comment, attributes: database.attributes }];
  for (const [name, detail] of database.nodeDetails)
    objects.push({ target: `BU_ ${names.node(name)} `, ...detail });
  for (const { key, message } of entries) {
    if (key !== independentKey) {
      const { comment, attributes } = message;
      objects.push({ target: `BO_ ${key} `, comment, attributes });
    }
    for (const { name, comment, attributes } of message.signals) {
      objects.push({ target: `SG_ ${key} ${names.signal(message, name)} `, comment, attributes });
    }
  }
  for (const { name, comment, attributes } of database.environmentVariables) {
    objects.push({ target: `EV_ ${name} `, comment, attributes });
  }
  return objects;
}

/** A double beyond the safe whole numbers gets an exponent: digits alone would be read as a bigint. */
function valueText(value: AttributeValue): string {
  if (typeof value === 'string') return textOf(value);
  const large = typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value);
  return large ? value.toExponential() : numberText(value);
}

const ownerText: Readonly<Record<AttributeOwner, string>> = {
  network: '',
  node: 'BU_ ',
  message: 'BO_ ',
  signal: 'SG_ ',
  environment: 'EV_ ',
  'node-message': 'BU_BO_REL_ ',
  'node-signal': 'BU_SG_REL_ ',
  'node-environment': 'BU_EV_REL_ ',
};

function definitionLines(definitions: DbcDatabase['attributeDefinitions'], relation: boolean): string[] {
  const suffix = relation ? 'REL_ ' : ' ';
  const lines: string[] = [];
  for (const [name, { owner, type, minimum, maximum, choices }] of definitions) {
    const limits =
      minimum === undefined || maximum === undefined
        ? choices.map((choice) => textOf(choice)).join(',')
        : `${numberText(minimum)} ${numberText(maximum)}`;
    lines.push(`BA_DEF_${suffix}${ownerText[owner]}${textOf(name)} ${type} ${limits};`);
  }
  for (const [name, { defaultValue }] of definitions) {
    if (defaultValue === undefined) continue;
    lines.push(`BA_DEF_DEF_${suffix}${textOf(name)} ${valueText(defaultValue)};`);
  }
  return lines;
}

function relationLines(database: DbcDatabase, entries: readonly Entry[], names: ShortNames): string[] {
  return database.relations.map(({ attribute, node: named, target, value }) => {
    const node = names.node(named);
    const head = `BA_REL_ ${textOf(attribute)}`;
    const tail = `${valueText(value)};`;
    switch (target.kind) {
      case 'message':
        return `${head} BU_BO_REL_ ${node} ${target.key} ${tail}`;
      case 'environment':
        return `${head} BU_EV_REL_ ${node} ${target.name} ${tail}`;
      case 'signal': {
        const owner = entries.find(
          ({ key, message }) =>
            key === target.key && message.signals.some(({ name }) => name === target.signal),
        );
        const signal = owner === undefined ? target.signal : names.signal(owner.message, target.signal);
        return `${head} BU_SG_REL_ ${node} SG_ ${target.key} ${signal} ${tail}`;
      }
    }
  });
}

function environmentLines(database: DbcDatabase, names: ShortNames): string[] {
  return database.environmentVariables.flatMap((variable) => {
    const { name, type, minimum, maximum, unit, initial, index, access, nodes, dataBytes } = variable;
    const range = `[${numberText(minimum)}|${numberText(maximum)}]`;
    const who = names.nodeList(nodes);
    const line = `EV_ ${name}: ${type} ${range} ${textOf(unit)} ${numberText(initial)} ${index} ${access} ${who};`;
    return dataBytes === undefined ? [line] : [line, `ENVVAR_DATA_ ${name}: ${dataBytes};`];
  });
}

/** What sections say about messages and signals beside comments, attributes and values. */
function signalSections(entries: readonly Entry[], names: ShortNames): Record<string, string[]> {
  const all: Record<string, string[]> = { senders: [], groups: [], types: [], selectors: [] };
  const eachSignal = (act: (entry: Entry, signal: DbcSignal, name: string) => string | undefined) =>
    entries.flatMap((entry) =>
      entry.message.signals.flatMap(
        (signal) => act(entry, signal, names.signal(entry.message, signal.name)) ?? [],
      ),
    );
  all['types'] = eachSignal(({ key }, { rawType }, name) => {
    if (rawType === 'float32') return `SIG_VALTYPE_ ${key} ${name} : 1;`;
    return rawType === 'float64' ? `SIG_VALTYPE_ ${key} ${name} : 2;` : undefined;
  });
  all['selectors'] = eachSignal(({ key, message }, signal, name) =>
    selectorLine(
      message,
      signal,
      (switchName) => `SG_MUL_VAL_ ${key} ${name} ${names.signal(message, switchName)}`,
    ),
  );
  for (const { key, message } of entries) {
    if (message.senders !== undefined)
      all['senders'].push(`BO_TX_BU_ ${key} : ${names.nodeList(message.senders)};`);
    for (const { name, repetitions, signals } of message.signalGroups ?? []) {
      const members = signals.map((signal) => ` ${names.signal(message, signal)}`).join('');
      all['groups'].push(`SIG_GROUP_ ${key} ${name} ${repetitions} :${members};`);
    }
  }
  return all;
}

/**
 * A database as the text of a DBC file, ends of lines `\n`; save it as UTF-8. Reading it gives the same database.
 * Long names are cut to 32 characters where the `System...LongSymbol` attribute holds them whole.
 * @throws VigilError `DBC_NOT_WRITABLE` for a text that ends in a backslash, which the format cannot hold
 */
export function writeDbc(database: DbcDatabase): string {
  const entries = entriesOf(database);
  const names = new ShortNames(
    entries.map(({ message }) => message),
    database,
  );
  const objects = describedObjects(database, entries, names);
  const parts = signalSections(entries, names);
  const tables = [...database.valueTables].map(
    ([name, values]) => `VAL_TABLE_ ${name}${valuesText(values)} ;`,
  );
  const values = [
    ...entries.flatMap(({ key, message }) =>
      message.signals
        .filter((signal) => signal.values.size > 0)
        .map((signal) => `VAL_ ${key} ${names.signal(message, signal.name)}${valuesText(signal.values)} ;`),
    ),
    ...database.environmentVariables
      .filter((variable) => variable.values.size > 0)
      .map((variable) => `VAL_ ${variable.name}${valuesText(variable.values)} ;`),
  ];
  const [rate, ...registers] = database.bitTiming ?? [];
  const timing =
    database.bitTiming === undefined ? '' : ` ${numberText(rate)} : ${registers.map(numberText).join(',')}`;
  return [
    `VERSION ${textOf(database.version)}\n\n`,
    `NS_ :\n${newSymbols.map((symbol) => `\t${symbol}\n`).join('')}\n`,
    `BS_:${timing}\n\n`,
    `BU_:${database.nodes.map((node) => ` ${names.node(node)}`).join('')}\n\n`,
    sectionOf(tables),
    sectionOf(entries.map((entry) => `${messageText(entry, names)}\n`)),
    sectionOf(parts['senders']),
    sectionOf(environmentLines(database, names)),
    sectionOf(
      objects
        .filter(({ comment }) => comment !== '')
        .map(({ target, comment }) => `CM_ ${target}${textOf(comment)};`),
    ),
    sectionOf(definitionLines(database.attributeDefinitions, false)),
    sectionOf(definitionLines(database.relationDefinitions, true)),
    sectionOf(
      objects.flatMap(({ target, attributes }) =>
        [...attributes].map(([name, value]) => `BA_ ${textOf(name)} ${target}${valueText(value)};`),
      ),
    ),
    sectionOf(relationLines(database, entries, names)),
    sectionOf(values),
    sectionOf(parts['groups']),
    sectionOf(parts['types']),
    sectionOf(parts['selectors']),
  ].join('');
}
