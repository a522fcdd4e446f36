import type {
  AttributeValue,
  DbcAttributeDefinition,
  DbcDatabase,
  DbcEnvironmentVariable,
  DbcMessage,
  DbcNodeDetail,
  DbcRelation,
  DbcSignal,
} from './dbc.js';
import { attributeName, attributeNumber, frameFormatOf } from './dbc-attributes.js';
import {
  report,
  type DatabaseDraft,
  type DefaultDraft,
  type MessageDraft,
  type SignalDraft,
} from './dbc-draft.js';
import { reportOverlaps, soundSignals } from './dbc-faults.js';
import { independentSignalsKeys } from './dbc-read-messages.js';
import {
  findSignals,
  indexMessages,
  reportDoubledNames,
  resolveReferences,
  type MessageIndex,
} from './dbc-references.js';

type Definitions = ReadonlyMap<string, DbcAttributeDefinition>;
type Detail = { comment: string; readonly attributes: Map<string, AttributeValue> };

interface Attached {
  readonly network: Detail;
  readonly nodes: Map<string, Detail>;
  readonly environment: Map<string, Detail>;
}

function detailOf(details: Map<string, Detail>, name: string): Detail {
  const known = details.get(name);
  if (known !== undefined) return known;
  const detail: Detail = { comment: '', attributes: new Map() };
  details.set(name, detail);
  return detail;
}

/** Brings comments and attributes to what they are about. */
function attach(draft: DatabaseDraft, index: MessageIndex): Attached {
  const attached: Attached = {
    network: { comment: '', attributes: new Map() },
    nodes: new Map(),
    environment: new Map(),
  };
  const targets = (line: number, target: DatabaseDraft['comments'][number]['target']): readonly Detail[] => {
    switch (target.kind) {
      case 'network':
        return [attached.network];
      case 'message':
        return index.get(target.key) ?? [];
      case 'signal':
        return findSignals(draft, index, { line, ...target, value: undefined });
      case 'node':
        return [detailOf(attached.nodes, target.name)];
      case 'environment':
        return [detailOf(attached.environment, target.name)];
    }
  };
  for (const { line, target, text } of draft.comments) {
    for (const object of targets(line, target)) object.comment = text;
  }
  for (const { line, target, name, value } of draft.attributes) {
    for (const object of targets(line, target)) object.attributes.set(name, value);
  }
  return attached;
}

/** Definitions with their defaults; a default without a definition belongs to nothing. */
function withDefaults(
  definitions: Definitions,
  defaults: ReadonlyMap<string, DefaultDraft>,
  draft: DatabaseDraft,
): Definitions {
  const all = new Map(definitions);
  for (const [name, { line, value }] of defaults) {
    const definition = definitions.get(name);
    if (definition !== undefined) all.set(name, { ...definition, defaultValue: value });
    else
      report(
        draft,
        'warning',
        line,
        `expected a definition of the attribute ${name}; its default is left out`,
      );
  }
  return all;
}

/** Names over 32 characters are cut where they are defined, and whole in an attribute of their own. */
function longName(short: string, attributes: ReadonlyMap<string, AttributeValue>, attribute: string): string {
  const long = attributes.get(attribute);
  return typeof long === 'string' && long !== '' ? long : short;
}

function signalName(draft: SignalDraft): string {
  return longName(draft.name, draft.attributes, 'SystemSignalLongSymbol');
}

/** Gives nodes their whole names wherever they are named. */
type NodeName = (short: string) => string;

function nodeNames(details: ReadonlyMap<string, Detail>): NodeName {
  return (short) => {
    const detail = details.get(short);
    return detail === undefined ? short : longName(short, detail.attributes, 'SystemNodeLongSymbol');
  };
}

function finishSignal(
  definitions: Definitions,
  nodeName: NodeName,
  draft: SignalDraft,
  switches: ReadonlySet<string>,
  names: ReadonlyMap<string, string>,
): DbcSignal {
  const ranged = draft.minimum !== 0 || draft.maximum !== 0;
  const { selector } = draft;
  const startRaw = attributeNumber(definitions, draft.attributes, 'GenSigStartValue');
  const spn = attributeNumber(definitions, draft.attributes, 'SPN');
  return {
    name: signalName(draft),
    startBit: draft.startBit,
    length: draft.length,
    byteOrder: draft.byteOrder,
    rawType: draft.rawType,
    factor: draft.factor,
    offset: draft.offset,
    ...(ranged ? { minimum: draft.minimum, maximum: draft.maximum } : {}),
    unit: draft.unit,
    receivers: draft.receivers.map(nodeName),
    values: draft.values,
    isSwitch: draft.isSwitch || switches.has(draft.name),
    ...(selector === undefined
      ? {}
      : { selector: { ...selector, switchName: names.get(selector.switchName)! } }),
    ...(startRaw === undefined ? {} : { startRaw }),
    ...(typeof spn === 'number' && spn > 0 ? { spn } : {}),
    comment: draft.comment,
    attributes: draft.attributes,
  };
}

function finishMessage(
  draft: DatabaseDraft,
  definitions: Definitions,
  network: ReadonlyMap<string, AttributeValue>,
  nodeName: NodeName,
  message: MessageDraft,
): DbcMessage {
  const signals = soundSignals(draft, message);
  reportOverlaps(draft, message, signals);
  const switches = new Set(signals.flatMap((signal) => signal.selector?.switchName ?? []));
  const names = new Map(signals.map((signal) => [signal.name, signalName(signal)]));
  const { attributes } = message;
  const extended = message.key > 0x7ff;
  const cycleTime = attributeNumber(definitions, attributes, 'GenMsgCycleTime');
  const sendType = attributeName(definitions, attributes, 'GenMsgSendType');
  const frameFormat = frameFormatOf(definitions, network, attributes, extended);
  const groups = message.groups.map((group) => ({
    ...group,
    // In the order of the message, each once.
    signals: signals.flatMap(({ name }) => (group.signals.includes(name) ? (names.get(name) ?? []) : [])),
  }));
  return {
    name: longName(message.name, attributes, 'SystemMessageLongSymbol'),
    id: message.key & 0x1fffffff,
    extended,
    length: message.length,
    sender: nodeName(message.sender),
    ...(message.senders.length === 0 ? {} : { senders: message.senders.map(nodeName) }),
    signals: signals.map((signal) => finishSignal(definitions, nodeName, signal, switches, names)),
    ...(groups.length === 0 ? {} : { signalGroups: groups }),
    ...(typeof cycleTime === 'number' && cycleTime > 0 ? { cycleTimeMs: cycleTime } : {}),
    ...(sendType === undefined ? {} : { sendType }),
    ...(frameFormat === undefined ? {} : { frameFormat }),
    comment: message.comment,
    attributes,
  };
}

function finishRelations(draft: DatabaseDraft, index: MessageIndex, nodeName: NodeName): DbcRelation[] {
  return draft.relations.flatMap(({ line, relation: said }) => {
    const relation = { ...said, node: nodeName(said.node) };
    const { target } = relation;
    if (target.kind === 'environment') return [relation];
    if (target.kind === 'message') {
      if (index.has(target.key)) return [relation];
      report(draft, 'warning', line, `expected a message of the file but found message ${target.key}`);
      return [];
    }
    const found = findSignals(draft, index, { line, ...target, value: undefined }).at(0);
    if (found === undefined) return [];
    return [{ ...relation, target: { ...target, signal: signalName(found) } }];
  });
}

function finishEnvironment(
  draft: DatabaseDraft,
  details: ReadonlyMap<string, Detail>,
  nodeName: NodeName,
): DbcEnvironmentVariable[] {
  return [...draft.environment.values()].map((variable) => {
    const detail = details.get(variable.name);
    const dataBytes = draft.environmentBytes.get(variable.name);
    return {
      ...variable,
      nodes: variable.nodes.map(nodeName),
      ...(dataBytes === undefined ? {} : { dataBytes }),
      values: draft.environmentValues.get(variable.name) ?? new Map<bigint, string>(),
      comment: detail?.comment ?? '',
      attributes: detail?.attributes ?? new Map<string, AttributeValue>(),
    };
  });
}

/** Signals of no message, of one name the first. */
function independentSignals(
  draft: DatabaseDraft,
  messages: readonly MessageDraft[],
  finish: (message: MessageDraft) => DbcMessage,
): DbcSignal[] {
  const found = new Map<string, DbcSignal>();
  for (const message of messages) {
    for (const signal of finish(message).signals) {
      if (!found.has(signal.name)) found.set(signal.name, signal);
      else
        report(
          draft,
          'error',
          message.line,
          `expected each signal name once in ${message.name} but found ${signal.name} again`,
        );
    }
  }
  return [...found.values()];
}

/** Resolves what the sections say about each other and checks that every signal can be decoded. */
export function assemble(draft: DatabaseDraft): DbcDatabase {
  const index = indexMessages(draft);
  reportDoubledNames(draft);
  resolveReferences(draft, index);
  const { network, nodes, environment } = attach(draft, index);
  const definitions = withDefaults(draft.attributeDefinitions, draft.attributeDefaults, draft);
  const nodeName = nodeNames(nodes);
  const finish = (message: MessageDraft) =>
    finishMessage(draft, definitions, network.attributes, nodeName, message);
  const isIndependent = ({ key }: MessageDraft) => independentSignalsKeys.has(key);
  return {
    file: draft.file,
    version: draft.version,
    nodes: draft.nodes.map(nodeName),
    messages: draft.messages.filter((message) => !isIndependent(message)).map(finish),
    valueTables: draft.valueTables,
    attributes: network.attributes,
    comment: network.comment,
    // An empty comment says nothing.
    nodeDetails: new Map<string, DbcNodeDetail>(
      [...nodes]
        .filter(([, { comment, attributes }]) => comment !== '' || attributes.size > 0)
        .map(([name, detail]) => [nodeName(name), detail]),
    ),
    attributeDefinitions: definitions,
    relationDefinitions: withDefaults(draft.relationDefinitions, draft.relationDefaults, draft),
    relations: finishRelations(draft, index, nodeName),
    environmentVariables: finishEnvironment(draft, environment, nodeName),
    independentSignals: independentSignals(draft, draft.messages.filter(isIndependent), finish),
    ...(draft.bitTiming === undefined ? {} : { bitTiming: draft.bitTiming }),
  };
}
