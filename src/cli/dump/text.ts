import { attributeText } from '../../can/dbc-attributes.js';
import type { Attributes, DbcDatabase, DbcMessage, DbcSignal } from '../../can/dbc.js';
import { isJ1939, parseJ1939Id } from '../../can/j1939.js';
import { branchesOf, drawLayout, pagesOf } from './layout.js';

export function identifierText({ id, extended }: DbcMessage): string {
  return `0x${id
    .toString(16)
    .toUpperCase()
    .padStart(extended ? 8 : 3, '0')}`;
}

function headOf(message: DbcMessage): string {
  const { name, length, sender, senders, cycleTimeMs, sendType, frameFormat } = message;
  const parts = [`${length} ${length === 1 ? 'byte' : 'bytes'}`];
  if (message.extended) parts.push('29-bit identifier');
  if (isJ1939(message)) {
    const { pgn, priority, destination } = parseJ1939Id(message.id);
    const hex = pgn.toString(16).toUpperCase().padStart(5, '0');
    parts.push(
      `J1939 PGN ${pgn} (0x${hex}), ${destination === undefined ? 'PDU2' : 'PDU1'}, priority ${priority}`,
    );
  } else if (frameFormat !== undefined) parts.push(frameFormat);
  if (cycleTimeMs !== undefined) parts.push(`every ${cycleTimeMs} ms`);
  if (sendType !== undefined) parts.push(`sent ${sendType}`);
  const from = [...new Set([sender, ...(senders ?? [])])].filter((node) => node !== '');
  if (from.length > 0) parts.push(`from ${from.join(', ')}`);
  return `${identifierText(message)} ${name}: ${parts.join(', ')}`;
}

/** Rows of texts as columns, two spaces apart; the last column is not padded. */
function table(rows: readonly (readonly string[])[], indent: string): string[] {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows.map((row) => `${indent}${row.map((text, i) => text.padEnd(widths[i])).join('  ')}`.trimEnd());
}

function scaleText({ factor, offset }: DbcSignal): string {
  if (offset === 0) return factor === 1 ? 'raw' : `raw * ${factor}`;
  const sign = offset < 0 ? '-' : '+';
  return `raw${factor === 1 ? '' : ` * ${factor}`} ${sign} ${Math.abs(offset)}`;
}

function signalRow(signal: DbcSignal, number: number): string[] {
  const { minimum, maximum, unit, selector, isSwitch, startRaw, spn, receivers } = signal;
  const notes: string[] = [];
  if (isSwitch) notes.push('switch');
  if (selector !== undefined) notes.push(`if ${selector.switchName}`);
  if (startRaw !== undefined && startRaw !== 0) notes.push(`starts as raw ${startRaw.toString()}`);
  if (spn !== undefined) notes.push(`SPN ${spn}`);
  if (receivers.length > 0) notes.push(`to ${receivers.join(', ')}`);
  return [
    number.toString(),
    signal.name,
    `${signal.startBit}|${signal.length}`,
    signal.byteOrder,
    signal.rawType,
    scaleText(signal),
    minimum === undefined || maximum === undefined ? '' : `${minimum} to ${maximum}`,
    unit,
    notes.join('; '),
  ];
}

function signalTable(message: DbcMessage): string[] {
  const head = ['#', 'signal', 'bits', 'order', 'type', 'physical', 'range', 'unit', ''];
  return table([head, ...message.signals.map((signal, i) => signalRow(signal, i + 1))], '  ');
}

/** A switch and, under each of its values, the signals that it brings; those may be switches again. */
function switchTree(message: DbcMessage, owner: DbcSignal, indent: string): string[] {
  const lines = [`${indent}${owner.name}`];
  for (const { values, signals } of branchesOf(message, owner)) {
    const plain = signals.filter(({ isSwitch }) => !isSwitch).map(({ name }) => name);
    lines.push(`${indent}  = ${values}: ${plain.join(', ')}`.trimEnd());
    for (const inner of signals.filter(({ isSwitch }) => isSwitch)) {
      lines.push(...switchTree(message, inner, `${indent}      `));
    }
  }
  return lines;
}

function choices(message: DbcMessage): string[] {
  return message.signals.flatMap(({ name, values }) => {
    if (values.size === 0) return [];
    const rows = [...values].map(([raw, text]) => [raw.toString().padStart(6), text]);
    return [`  ${name}`, ...table(rows, '  ')];
  });
}

function attributeLines(database: DbcDatabase, attributes: Attributes, indent: string): string[] {
  return [...attributes].map(([name, value]) => {
    const text = attributeText(database.attributeDefinitions.get(name), value);
    return `${indent}${name} = ${typeof value === 'string' ? `"${text}"` : text}`;
  });
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', `  ${title}`, ...lines];
}

function indented(text: string, indent: string): string[] {
  return text === '' ? [] : text.split(/\r?\n/).map((line) => `${indent}${line}`);
}

/** A message as people read it: head, picture of the bits, signals, switches, choices, attributes, comments. */
export function messageLines(database: DbcDatabase, message: DbcMessage): string[] {
  const numbers = new Map(message.signals.map((signal, i) => [signal, i + 1]));
  const numberOf = (signal: DbcSignal) => numbers.get(signal) ?? 0;
  const lines = [headOf(message), ...indented(message.comment, '  ')];
  for (const { when, signals } of pagesOf(message)) {
    lines.push('', ...(when === '' ? [] : [`  ${when}`]), ...drawLayout(signals, message.length, numberOf));
  }
  if (message.signals.length > 0) lines.push('', ...signalTable(message));
  const roots = message.signals.filter(({ isSwitch, selector }) => isSwitch && selector === undefined);
  lines.push(
    ...section(
      'Switches',
      roots.flatMap((owner) => switchTree(message, owner, '    ')),
    ),
  );
  lines.push(
    ...section(
      'Choices',
      choices(message).map((line) => `  ${line}`),
    ),
  );
  const groups = (message.signalGroups ?? []).map(
    ({ name, signals }) => `    ${name}: ${signals.join(', ')}`,
  );
  lines.push(...section('Groups', groups));
  const attributes = [
    ...attributeLines(database, message.attributes, '    '),
    ...message.signals.flatMap((signal) =>
      attributeLines(database, signal.attributes, `    ${signal.name}: `),
    ),
  ];
  lines.push(...section('Attributes', attributes));
  const comments = message.signals.flatMap(({ name, comment }) =>
    indented(comment === '' ? '' : `${name}: ${comment}`, '    '),
  );
  lines.push(...section('Comments', comments));
  return lines;
}

/** What the file says about itself. */
export function databaseLines(database: DbcDatabase, imports: readonly string[]): string[] {
  const signals = database.messages.reduce((sum, message) => sum + message.signals.length, 0);
  const lines = [`${database.file}: ${database.messages.length} messages, ${signals} signals`];
  if (database.version !== '') lines.push(`  version ${database.version}`);
  if (imports.length > 0) lines.push(`  imports ${imports.join(', ')}`);
  if (database.nodes.length > 0) lines.push(`  nodes ${database.nodes.join(', ')}`);
  lines.push(...indented(database.comment, '  '), ...attributeLines(database, database.attributes, '  '));
  return lines;
}
