import { VigilError } from '../runtime/errors.js';
import type { DbcMessage, DbcSignal } from './dbc.js';

/** A text in quotes. @throws VigilError `DBC_NOT_WRITABLE` */
export function textOf(text: string): string {
  if (text.endsWith('\\')) {
    throw new VigilError(
      'DBC_NOT_WRITABLE',
      `Expected a text that a DBC file can hold but received one that ends in a backslash: "${text}".`,
      'The backslash would take the closing quote with it; end the text otherwise.',
    );
  }
  return `"${text.replaceAll('"', '\\"')}"`;
}

/** The shortest text that reads as the same number. */
export function numberText(value: number | bigint): string {
  return Object.is(value, -0) ? '-0' : value.toString();
}

/** Lines as a section, an empty line behind it; nothing when there are none. */
export function sectionOf(lines: readonly string[]): string {
  return lines.length === 0 ? '' : `${lines.join('\n')}\n\n`;
}

export function valuesText(values: ReadonlyMap<bigint, string>): string {
  return [...values].map(([raw, name]) => ` ${raw.toString()} ${textOf(name)}`).join('');
}

function multiplexing({ isSwitch, selector }: DbcSignal): string {
  const selected = selector === undefined ? '' : `m${selector.ranges[0][0].toString()}`;
  const mark = `${selected}${isSwitch ? 'M' : ''}`;
  return mark === '' ? '' : ` ${mark}`;
}

export function signalLine(signal: DbcSignal, name: string, receivers: string): string {
  const { startBit, length, byteOrder, rawType, factor, offset, minimum, maximum, unit } = signal;
  const order = byteOrder === 'intel' ? 1 : 0;
  const sign = rawType === 'unsigned' ? '+' : '-';
  const range = `[${numberText(minimum ?? 0)}|${numberText(maximum ?? 0)}]`;
  return (
    ` SG_ ${name}${multiplexing(signal)} : ${startBit}|${length}@${order}${sign} ` +
    `(${numberText(factor)},${numberText(offset)}) ${range} ${textOf(unit)} ${receivers}`
  );
}

/** `SG_MUL_VAL_` where `m<number>` alone would not say it: several values, or more than one switch in the message. */
export function selectorLine(
  message: DbcMessage,
  { selector }: DbcSignal,
  head: (switchName: string) => string,
): string | undefined {
  if (selector === undefined) return undefined;
  const { ranges, switchName } = selector;
  const single = ranges.length === 1 && ranges[0][0] === ranges[0][1];
  if (single && message.signals.filter(({ isSwitch }) => isSwitch).length === 1) return undefined;
  const list = ranges.map(([low, high]) => `${low.toString()}-${high.toString()}`).join(', ');
  return `${head(switchName)} ${list};`;
}
