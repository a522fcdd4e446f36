import type { AttributeValue, RawType } from './dbc.js';
import { report, type DatabaseDraft, type MessageDraft, type SignalDraft, type Target } from './dbc-draft.js';
import { StatementError, type TokenCursor } from './dbc-cursor.js';

const maximumKey = 0xffffffff;
/** `BO_ 3221225472 VECTOR__INDEPENDENT_SIG_MSG` (older: 1073741824) keeps signals that belong to no message. */
export const independentSignalsKeys: ReadonlySet<number> = new Set([0xc0000000, 0x40000000]);
/** Longest message a database may describe: J1939 transport protocol. */
const maximumMessageBytes = 1785;

/** Reads one statement whose keyword has been taken. */
type StatementReader = (cursor: TokenCursor, draft: DatabaseDraft) => void;

function takeKey(cursor: TokenCursor): number {
  return cursor.takeInteger('a message identifier', 0, maximumKey);
}

function readVersion(cursor: TokenCursor, draft: DatabaseDraft): void {
  draft.version = cursor.takeText('the version');
}

/** `NS_ :` lists keywords, one alone on each line; they must not be taken for statements. */
function readNewSymbols(cursor: TokenCursor): void {
  cursor.takeMark(':', 'after NS_');
  while (cursor.is('word') && cursor.current.startsLine && cursor.following.startsLine) cursor.advance();
}

function readNodes(cursor: TokenCursor, draft: DatabaseDraft): void {
  cursor.takeMark(':', 'after BU_');
  while (cursor.is('word') && !isStatementStart(cursor)) draft.nodes.push(cursor.advance().text);
}

/** @throws StatementError when the identifier is neither an 11-bit nor a 29-bit one */
function checkIdentifier(draft: DatabaseDraft, { key, name, line }: MessageDraft): void {
  const standard = key <= 0x7ff;
  const extended = key >>> 29 === 4;
  if (standard || extended) return;
  if (key > 0x1fffffff) {
    throw new StatementError(
      line,
      `expected an 11-bit identifier, or a 29-bit one with bit 31 set, for ${name} but found ${key}`,
    );
  }
  report(
    draft,
    'warning',
    line,
    `expected bit 31 set in the identifier ${key} of ${name}; taken as a 29-bit one`,
  );
}

function readMessage(cursor: TokenCursor, draft: DatabaseDraft): void {
  const line = cursor.lastLine;
  draft.openMessage = 'malformed';
  const key = takeKey(cursor);
  const name = cursor.takeWord('a message name');
  cursor.takeMark(':', `after the message name ${name}`);
  const length = cursor.takeInteger(`the length of ${name} in bytes`, 0, maximumMessageBytes);
  const sender = cursor.onSameLine && cursor.is('word') ? cursor.advance().text : '';
  const message: MessageDraft = {
    line,
    key,
    name,
    length,
    sender: sender === 'Vector__XXX' ? '' : sender,
    signals: [],
    comment: '',
    attributes: new Map(),
  };
  if (!independentSignalsKeys.has(key)) checkIdentifier(draft, message);
  draft.messages.push(message);
  draft.openMessage = message;
}

function takeMultiplexing(cursor: TokenCursor, name: string): Pick<SignalDraft, 'isSwitch' | 'selectedBy'> {
  if (cursor.isMark(':')) return { isSwitch: false, selectedBy: undefined };
  const match = /^(?:(M)|m(\d+)(M?))$/.exec(cursor.current.text);
  if (!cursor.is('word') || match === null) {
    cursor.fail(`\`:\`, or M, m<number> or m<number>M, after the signal name ${name}`);
  }
  cursor.advance();
  const selected = match.at(2);
  return {
    isSwitch: match.at(1) === 'M' || match.at(3) === 'M',
    selectedBy: selected === undefined ? undefined : BigInt(selected),
  };
}

function takeReceivers(cursor: TokenCursor): string[] {
  const receivers: string[] = [];
  while (cursor.onSameLine && (cursor.is('word') || cursor.isMark(','))) {
    const token = cursor.advance();
    if (token.kind === 'word' && token.text !== 'Vector__XXX') receivers.push(token.text);
  }
  return receivers;
}

function readSignal(cursor: TokenCursor, draft: DatabaseDraft): void {
  const line = cursor.lastLine;
  const message = draft.openMessage;
  const name = cursor.takeWord('a signal name');
  const multiplexing = takeMultiplexing(cursor, name);
  cursor.takeMark(':', `after the signal name ${name}`);
  const startBit = cursor.takeInteger(`the start bit of ${name}`, 0, maximumMessageBytes * 8 - 1);
  cursor.takeMark('|', `between start bit and length of ${name}`);
  const length = cursor.takeInteger(`the length of ${name} in bits`, 1, 64);
  cursor.takeMark('@', `before the byte order of ${name}`);
  const order = cursor.takeInteger(`the byte order of ${name}: 0 for Motorola, 1 for Intel`, 0, 1);
  if (!cursor.isMark('+') && !cursor.isMark('-'))
    cursor.fail(`\`+\` (unsigned) or \`-\` (signed) for ${name}`);
  const signed = cursor.advance().text === '-';
  cursor.takeMark('(', `before the factor of ${name}`);
  const factor = cursor.takeNumber(`the factor of ${name}`);
  cursor.takeMark(',', `between factor and offset of ${name}`);
  const offset = cursor.takeNumber(`the offset of ${name}`);
  cursor.takeMark(')', `after the offset of ${name}`);
  cursor.takeMark('[', `before the minimum of ${name}`);
  const minimum = cursor.takeNumber(`the minimum of ${name}`);
  cursor.takeMark('|', `between minimum and maximum of ${name}`);
  const maximum = cursor.takeNumber(`the maximum of ${name}`);
  cursor.takeMark(']', `after the maximum of ${name}`);
  const unit = cursor.takeText(`the unit of ${name}`);
  const receivers = takeReceivers(cursor);
  if (message === 'malformed') return;
  if (message === 'none')
    throw new StatementError(line, `expected a message (BO_) before the signal ${name}`);
  message.signals.push({
    line,
    name,
    startBit,
    length,
    byteOrder: order === 1 ? 'intel' : 'motorola',
    signed,
    factor,
    offset,
    minimum,
    maximum,
    unit,
    receivers,
    ...multiplexing,
    rawType: signed ? 'signed' : 'unsigned',
    values: new Map(),
    selector: undefined,
    comment: '',
    attributes: new Map(),
  });
}

/** `VAL_` and others may lack their closing semicolon in files in use; the next statement closes them then. */
function takeEnd(cursor: TokenCursor, what: string): void {
  if (!cursor.skipMark(';') && !isStatementStart(cursor)) cursor.fail(`\`;\` after ${what}`);
}

function takeNamedValues(cursor: TokenCursor, what: string): Map<bigint, string> {
  const values = new Map<bigint, string>();
  while (cursor.is('number')) {
    const raw = cursor.takeBigInteger(`a raw value of ${what}`);
    values.set(raw, cursor.takeText(`the name of value ${raw.toString()} of ${what}`));
  }
  takeEnd(cursor, `the values of ${what}`);
  return values;
}

function readValueTable(cursor: TokenCursor, draft: DatabaseDraft): void {
  const name = cursor.takeWord('a value table name');
  draft.valueTables.set(name, takeNamedValues(cursor, name));
}

function readValues(cursor: TokenCursor, draft: DatabaseDraft): void {
  const line = cursor.lastLine;
  if (cursor.is('word')) {
    // An environment variable's values: nothing on the bus carries them.
    takeNamedValues(cursor, cursor.advance().text);
    return;
  }
  const key = takeKey(cursor);
  const signal = cursor.takeWord('a signal name');
  if (cursor.is('word') && !isStatementStart(cursor)) {
    const value = cursor.advance().text;
    takeEnd(cursor, `the value table of ${signal}`);
    draft.signalValues.push({ line, key, signal, value });
    return;
  }
  draft.signalValues.push({ line, key, signal, value: takeNamedValues(cursor, signal) });
}

const rawTypes: readonly (RawType | undefined)[] = [undefined, 'float32', 'float64'];

function readSignalType(cursor: TokenCursor, draft: DatabaseDraft): void {
  const line = cursor.lastLine;
  const key = takeKey(cursor);
  const signal = cursor.takeWord('a signal name');
  cursor.skipMark(':');
  const value = rawTypes[cursor.takeInteger(`the type of ${signal}: 0 integer, 1 float, 2 double`, 0, 2)];
  takeEnd(cursor, `the type of ${signal}`);
  if (value !== undefined) draft.signalTypes.push({ line, key, signal, value });
}

/** `SG_MUL_VAL_ id signal switch low-high, low-high;`: extended multiplexing. */
function readSelector(cursor: TokenCursor, draft: DatabaseDraft): void {
  const line = cursor.lastLine;
  const key = takeKey(cursor);
  const signal = cursor.takeWord('a multiplexed signal name');
  const switchName = cursor.takeWord(`the name of the switch of ${signal}`);
  const ranges: [bigint, bigint][] = [];
  do {
    const low = cursor.takeBigInteger(`the first switch value of ${signal}`);
    // `3-5` reads as the numbers 3 and -5, `3 - 5` as 3, a mark and 5.
    cursor.skipMark('-');
    const second = cursor.takeBigInteger(`the last switch value of ${signal}`);
    ranges.push([low, second < 0n ? -second : second]);
  } while (cursor.skipMark(','));
  takeEnd(cursor, `the switch values of ${signal}`);
  draft.selectors.push({ line, key, signal, value: { switchName, ranges } });
}

function takeTarget(cursor: TokenCursor): Target {
  if (!cursor.is('word')) return { kind: 'network' };
  const object = cursor.advance().text;
  switch (object) {
    case 'BO_':
      return { kind: 'message', key: takeKey(cursor) };
    case 'SG_':
      return { kind: 'signal', key: takeKey(cursor), signal: cursor.takeWord('a signal name') };
    case 'BU_':
    case 'EV_':
      cursor.takeWord(`a name after ${object}`);
      return { kind: 'other' };
    default:
      throw new StatementError(cursor.lastLine, `expected BU_, BO_, SG_ or EV_ but found \`${object}\``);
  }
}

function readComment(cursor: TokenCursor, draft: DatabaseDraft): void {
  const line = cursor.lastLine;
  const target = takeTarget(cursor);
  const text = cursor.takeText('a comment');
  takeEnd(cursor, 'the comment');
  draft.comments.push({ line, target, text });
}

function takeAttributeValue(cursor: TokenCursor, what: string): AttributeValue {
  if (cursor.is('string')) return cursor.advance().text;
  return cursor.takeNumber(what);
}

function readAttribute(cursor: TokenCursor, draft: DatabaseDraft): void {
  const line = cursor.lastLine;
  const name = cursor.takeText('an attribute name');
  const target = takeTarget(cursor);
  const value = takeAttributeValue(cursor, `the value of attribute ${name}`);
  takeEnd(cursor, `attribute ${name}`);
  draft.attributes.push({ line, target, name, value });
}

function readAttributeDefinition(cursor: TokenCursor, draft: DatabaseDraft): void {
  const object = cursor.is('word') ? cursor.advance().text : '';
  const name = cursor.takeText('an attribute name');
  const type = cursor.takeWord(`the type of attribute ${name}`);
  const choices: string[] = [];
  while (!cursor.isMark(';') && !isStatementStart(cursor)) {
    const token = cursor.advance();
    if (token.kind === 'string') choices.push(token.text);
  }
  takeEnd(cursor, `the definition of attribute ${name}`);
  draft.attributeDefinitions.set(name, { object, type, choices });
}

function readAttributeDefault(cursor: TokenCursor, draft: DatabaseDraft): void {
  const name = cursor.takeText('an attribute name');
  draft.attributeDefaults.set(name, takeAttributeValue(cursor, `the default of attribute ${name}`));
  takeEnd(cursor, `the default of attribute ${name}`);
}

const readers: ReadonlyMap<string, StatementReader> = new Map<string, StatementReader>([
  ['VERSION', readVersion],
  ['NS_', readNewSymbols],
  ['BU_', readNodes],
  ['VAL_TABLE_', readValueTable],
  ['BO_', readMessage],
  ['SG_', readSignal],
  ['CM_', readComment],
  ['BA_DEF_', readAttributeDefinition],
  ['BA_DEF_DEF_', readAttributeDefault],
  ['BA_', readAttribute],
  ['VAL_', readValues],
  ['SIG_VALTYPE_', readSignalType],
  ['SG_MUL_VAL_', readSelector],
]);

/** Statements of the format that say nothing the decoder or encoder needs; they are passed over. */
const ignored: ReadonlySet<string> = new Set([
  'BS_',
  'BO_TX_BU_',
  'EV_',
  'EV_DATA_',
  'ENVVAR_DATA_',
  'SGTYPE_',
  'SGTYPE_VAL_',
  'SIGTYPE_VALTYPE_',
  'SIG_GROUP_',
  'SIG_TYPE_REF_',
  'SIGNAL_TYPE_',
  'SIGNAL_GROUP_',
  'SIG_GROUP_REF_',
  'BA_DEF_REL_',
  'BA_REL_',
  'BA_DEF_DEF_REL_',
  'BA_DEF_SGTYPE_',
  'BA_SGTYPE_',
  'BU_SG_REL_',
  'BU_EV_REL_',
  'BU_BO_REL_',
  'CAT_DEF_',
  'CAT_',
  'FILTER',
  'NS_DESC_',
]);

/** A statement begins with its keyword at the start of a line. */
export function isStatementStart(cursor: TokenCursor): boolean {
  const { kind, text, startsLine } = cursor.current;
  if (kind === 'eof') return true;
  return kind === 'word' && startsLine && (readers.has(text) || ignored.has(text));
}

/** Moves to the next statement; strings over several lines cannot mislead it, as the lexer took them whole. */
export function skipToNextStatement(cursor: TokenCursor): void {
  while (!isStatementStart(cursor)) cursor.advance();
}

/** Reads the statement at the cursor into the draft; a malformed one is reported and left out. */
export function readStatement(cursor: TokenCursor, draft: DatabaseDraft): void {
  const keyword = cursor.advance();
  try {
    readers.get(keyword.text)?.(cursor, draft);
    if (ignored.has(keyword.text)) skipToNextStatement(cursor);
  } catch (error) {
    if (!(error instanceof StatementError)) throw error;
    report(draft, 'error', error.line, `${keyword.text}: ${error.message}`);
    skipToNextStatement(cursor);
  }
}
