import type { Attributes, AttributeValue, DbcAttributeDefinition, FrameFormat } from './dbc.js';

type Definitions = ReadonlyMap<string, DbcAttributeDefinition>;

/** The value an object has for an attribute: its own, else the definition's default, else undefined. */
export function attributeValue(
  definitions: Definitions,
  attributes: Attributes,
  name: string,
): AttributeValue | undefined {
  return attributes.get(name) ?? definitions.get(name)?.defaultValue;
}

/** A value as people read it: an ENUM's name also where the file gives its index. */
export function attributeText(definition: DbcAttributeDefinition | undefined, value: AttributeValue): string {
  if (definition?.type !== 'ENUM' || typeof value !== 'number') return value.toString();
  return definition.choices.at(value) ?? value.toString();
}

/** The name of an ENUM attribute's value, own or default; undefined when the file does not have it. */
export function attributeName(
  definitions: Definitions,
  attributes: Attributes,
  name: string,
): string | undefined {
  const value = attributeValue(definitions, attributes, name);
  return value === undefined ? undefined : attributeText(definitions.get(name), value);
}

/** The value as a number, own or default; undefined when there is none or it is a text. */
export function attributeNumber(
  definitions: Definitions,
  attributes: Attributes,
  name: string,
): number | bigint | undefined {
  const value = attributeValue(definitions, attributes, name);
  return typeof value === 'string' ? undefined : value;
}

/** Indices that `VFrameFormat` has in every file in use, for files that define no names for them. */
const formatByIndex = new Map<string, FrameFormat>([
  ['0', 'StandardCAN'],
  ['1', 'ExtendedCAN'],
  ['3', 'J1939PG'],
  ['14', 'StandardCAN_FD'],
  ['15', 'ExtendedCAN_FD'],
]);
const formats: ReadonlySet<string> = new Set(formatByIndex.values());

function isFormat(text: string): text is FrameFormat {
  return formats.has(text);
}

/**
 * How a message is sent. Without `VFrameFormat`, 29-bit messages of a file whose `ProtocolType` is J1939 are J1939's;
 * otherwise nothing is known.
 */
export function frameFormatOf(
  definitions: Definitions,
  network: Attributes,
  message: Attributes,
  extended: boolean,
): FrameFormat | undefined {
  const text = attributeName(definitions, message, 'VFrameFormat');
  if (text !== undefined) return isFormat(text) ? text : formatByIndex.get(text);
  const protocol = attributeName(definitions, network, 'ProtocolType');
  return extended && protocol?.toUpperCase() === 'J1939' ? 'J1939PG' : undefined;
}
