import type { TokenCursor } from './dbc-cursor.js';
import type { DatabaseDraft } from './dbc-draft.js';
import { isStatementStart, takeEnd, takeNodes } from './dbc-keywords.js';

export function readVersion(cursor: TokenCursor, draft: DatabaseDraft): void {
  draft.version = cursor.takeText('the version');
}

/** `NS_ :` lists keywords, one alone on each line; they must not be taken for statements. */
export function readNewSymbols(cursor: TokenCursor): void {
  cursor.takeMark(':', 'after NS_');
  while (cursor.is('word') && cursor.current.startsLine && cursor.following.startsLine) cursor.advance();
}

/** `BS_: rate : register, register`; most files leave it empty. */
export function readBitTiming(cursor: TokenCursor, draft: DatabaseDraft): void {
  cursor.takeMark(':', 'after BS_');
  const numbers: number[] = [];
  while (cursor.is('number') || ((cursor.isMark(':') || cursor.isMark(',')) && numbers.length > 0)) {
    if (cursor.is('number')) numbers.push(cursor.takeNumber('a bit timing'));
    else cursor.advance();
  }
  cursor.skipMark(';');
  if (numbers.length > 0) draft.bitTiming = numbers;
}

/** `BU_: node node` */
export function readNodes(cursor: TokenCursor, draft: DatabaseDraft): void {
  cursor.takeMark(':', 'after BU_');
  while (cursor.is('word') && !isStatementStart(cursor)) {
    const node = cursor.advance().text;
    if (!draft.nodes.includes(node)) draft.nodes.push(node);
  }
}

/** `EV_ name: type [minimum|maximum] "unit" initial index access node, node;` */
export function readEnvironmentVariable(cursor: TokenCursor, draft: DatabaseDraft): void {
  const name = cursor.takeWord('the name of an environment variable');
  cursor.takeMark(':', `after the name ${name}`);
  const type = cursor.takeInteger(`the type of ${name}: 0 integer, 1 float, 2 text`, 0, 2);
  cursor.takeMark('[', `before the minimum of ${name}`);
  const minimum = cursor.takeLimit(`the minimum of ${name}`);
  cursor.takeMark('|', `between minimum and maximum of ${name}`);
  const maximum = cursor.takeLimit(`the maximum of ${name}`);
  cursor.takeMark(']', `after the maximum of ${name}`);
  const unit = cursor.takeText(`the unit of ${name}`);
  const initial = cursor.takeNumber(`the initial value of ${name}`);
  const index = cursor.takeInteger(`the index of ${name}`, 0, 0xffffffff);
  const access = cursor.takeWord(`the access type of ${name}`);
  const nodes = takeNodes(cursor, () => !isStatementStart(cursor));
  takeEnd(cursor, `the environment variable ${name}`);
  draft.environment.set(name, {
    name,
    type,
    minimum,
    maximum,
    unit,
    initial,
    index,
    access,
    nodes,
  });
}

/** `ENVVAR_DATA_ name: bytes;` */
export function readEnvironmentBytes(cursor: TokenCursor, draft: DatabaseDraft): void {
  const name = cursor.takeWord('the name of an environment variable');
  cursor.takeMark(':', `after the name ${name}`);
  draft.environmentBytes.set(name, cursor.takeInteger(`the size of ${name} in bytes`, 0, 0xffffffff));
  takeEnd(cursor, `the size of ${name}`);
}
