import { attributeText } from '../../can/dbc-attributes.js';
import type { Attributes, DbcDatabase, DbcMessage, DbcSignal } from '../../can/dbc.js';
import type { ParsedDbc } from '../../can/dbc-parser.js';
import { isJ1939, parseJ1939Id } from '../../can/j1939.js';

/** JSON has no 64-bit numbers: what a double cannot hold is a text. */
function numberOf(value: bigint | number): number | string {
  const number = Number(value);
  return typeof value === 'number' || Number.isSafeInteger(number) ? number : value.toString();
}

function attributesOf(database: DbcDatabase, attributes: Attributes): Record<string, number | string> {
  return Object.fromEntries(
    [...attributes].map(([name, value]) => {
      const definition = database.attributeDefinitions.get(name);
      if (definition?.type === 'ENUM') return [name, attributeText(definition, value)];
      return [name, typeof value === 'string' ? value : numberOf(value)];
    }),
  );
}

function signalJson(database: DbcDatabase, signal: DbcSignal): object {
  const { values, selector, startRaw, attributes, ...plain } = signal;
  return {
    ...plain,
    ...(startRaw === undefined ? {} : { startRaw: numberOf(startRaw) }),
    values: [...values].map(([raw, name]) => ({ raw: numberOf(raw), name })),
    ...(selector === undefined
      ? {}
      : {
          selector: {
            switchName: selector.switchName,
            ranges: selector.ranges.map(([low, high]) => [numberOf(low), numberOf(high)]),
          },
        }),
    attributes: attributesOf(database, attributes),
  };
}

function messageJson(database: DbcDatabase, message: DbcMessage): object {
  return {
    ...message,
    ...(isJ1939(message) ? { j1939: parseJ1939Id(message.id) } : {}),
    signals: message.signals.map((signal) => signalJson(database, signal)),
    attributes: attributesOf(database, message.attributes),
  };
}

/** The file as one object; its members are called as in src/can/dbc.ts. */
export function databaseJson(
  { database, problems, imports }: ParsedDbc,
  messages: readonly DbcMessage[],
): object {
  return {
    file: database.file,
    version: database.version,
    imports,
    nodes: database.nodes,
    comment: database.comment,
    attributes: attributesOf(database, database.attributes),
    messages: messages.map((message) => messageJson(database, message)),
    problems,
  };
}
