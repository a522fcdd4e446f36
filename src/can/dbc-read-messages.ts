import type { RawType } from './dbc.js';
import { StatementError, type TokenCursor } from './dbc-cursor.js';
import { report, type DatabaseDraft, type MessageDraft, type SignalDraft } from './dbc-draft.js';
import { isStatementStart, takeEnd, takeKey, takeNodes } from './dbc-keywords.js';

/** `BO_ 3221225472 VECTOR__INDEPENDENT_SIG_MSG` (older: 1073741824) keeps signals that belong to no message. */
export const independentSignalsKeys: ReadonlySet<number> = new Set([0xc0000000, 0x40000000]);
/** Longest message a database may describe: J1939 transport protocol. */
const maximumMessageBytes = 1785;

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

/** `BO_ id name: length sender` */
export function readMessage(cursor: TokenCursor, draft: DatabaseDraft): void {
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
    senders: [],
    groups: [],
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

/** `SG_ name multiplexing : start|length@order sign (factor,offset) [minimum|maximum] "unit" receivers` */
export function readSignal(cursor: TokenCursor, draft: DatabaseDraft): void {
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
  const minimum = cursor.takeLimit(`the minimum of ${name}`);
  cursor.takeMark('|', `between minimum and maximum of ${name}`);
  const maximum = cursor.takeLimit(`the maximum of ${name}`);
  cursor.takeMark(']', `after the maximum of ${name}`);
  const unit = cursor.takeText(`the unit of ${name}`);
  const receivers = takeNodes(cursor, () => cursor.onSameLine);
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

/** `BO_TX_BU_ id : node, node;` */
export function readSenders(cursor: TokenCursor, draft: DatabaseDraft): void {
  const line = cursor.lastLine;
  const key = takeKey(cursor);
  cursor.takeMark(':', 'after the message identifier');
  const value = takeNodes(cursor, () => !isStatementStart(cursor));
  takeEnd(cursor, `the senders of message ${key}`);
  draft.senders.push({ line, key, value });
}

/** `SIG_GROUP_ id name repetitions : signal signal;` */
export function readSignalGroup(cursor: TokenCursor, draft: DatabaseDraft): void {
  const line = cursor.lastLine;
  const key = takeKey(cursor);
  const name = cursor.takeWord('the name of a signal group');
  const repetitions = cursor.takeInteger(`the repetitions of the group ${name}`, 0, 0xffffffff);
  cursor.skipMark(':');
  const signals = takeNodes(cursor, () => !isStatementStart(cursor));
  takeEnd(cursor, `the signals of the group ${name}`);
  draft.groups.push({ line, key, value: { name, repetitions, signals } });
}

const rawTypes: readonly (RawType | undefined)[] = [undefined, 'float32', 'float64'];

/** `SIG_VALTYPE_ id signal : type;` */
export function readSignalType(cursor: TokenCursor, draft: DatabaseDraft): void {
  const line = cursor.lastLine;
  const key = takeKey(cursor);
  const signal = cursor.takeWord('a signal name');
  cursor.skipMark(':');
  const value = rawTypes[cursor.takeInteger(`the type of ${signal}: 0 integer, 1 float, 2 double`, 0, 2)];
  takeEnd(cursor, `the type of ${signal}`);
  if (value !== undefined) draft.signalTypes.push({ line, key, signal, value });
}

/** `SG_MUL_VAL_ id signal switch low-high, low-high;`: extended multiplexing. */
export function readSelector(cursor: TokenCursor, draft: DatabaseDraft): void {
  const line = cursor.lastLine;
  const key = takeKey(cursor);
  const signal = cursor.takeWord('a multiplexed signal name');
  const switchName = cursor.takeWord(`the name of the switch of ${signal}`);
  const ranges: [bigint, bigint][] = [];
  do {
    if (cursor.current.text.startsWith('-')) cursor.fail(`a first switch value of ${signal} from 0 on`);
    const low = cursor.takeBigInteger(`the first switch value of ${signal}`);
    // `3-5` reads as the numbers 3 and -5, `3 - 5` as 3, a mark and 5.
    cursor.skipMark('-');
    const second = cursor.takeBigInteger(`the last switch value of ${signal}`);
    ranges.push([low, second < 0n ? -second : second]);
  } while (cursor.skipMark(','));
  takeEnd(cursor, `the switch values of ${signal}`);
  draft.selectors.push({ line, key, signal, value: { switchName, ranges } });
}
