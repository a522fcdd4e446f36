import type {
  AttributeOwner,
  AttributeType,
  AttributeValue,
  DbcAttributeDefinition,
  DbcRelation,
} from './dbc.js';
import { StatementError, type TokenCursor } from './dbc-cursor.js';
import { report, type DatabaseDraft, type DefaultDraft, type Target } from './dbc-draft.js';
import { isStatementStart, takeEnd, takeKey } from './dbc-keywords.js';

function takeTarget(cursor: TokenCursor): Target {
  if (!cursor.is('word')) return { kind: 'network' };
  const object = cursor.advance().text;
  switch (object) {
    case 'BO_':
      return { kind: 'message', key: takeKey(cursor) };
    case 'SG_':
      return { kind: 'signal', key: takeKey(cursor), signal: cursor.takeWord('a signal name') };
    case 'BU_':
      return { kind: 'node', name: cursor.takeWord('a node name') };
    case 'EV_':
      return { kind: 'environment', name: cursor.takeWord('the name of an environment variable') };
    default:
      throw new StatementError(cursor.lastLine, `expected BU_, BO_, SG_ or EV_ but found \`${object}\``);
  }
}

/** `CM_ object "text";` */
export function readComment(cursor: TokenCursor, draft: DatabaseDraft): void {
  const line = cursor.lastLine;
  const target = takeTarget(cursor);
  const text = cursor.takeText('a comment');
  takeEnd(cursor, 'the comment');
  draft.comments.push({ line, target, text });
}

function takeAttributeValue(cursor: TokenCursor, what: string): AttributeValue {
  if (cursor.is('string')) return cursor.advance().text;
  return cursor.takeExactNumber(what);
}

/** `BA_ "name" object value;` */
export function readAttribute(cursor: TokenCursor, draft: DatabaseDraft): void {
  const line = cursor.lastLine;
  const name = cursor.takeText('an attribute name');
  const target = takeTarget(cursor);
  const value = takeAttributeValue(cursor, `the value of attribute ${name}`);
  takeEnd(cursor, `attribute ${name}`);
  draft.attributes.push({ line, target, name, value });
}

const owners: ReadonlyMap<string, AttributeOwner> = new Map<string, AttributeOwner>([
  ['BU_', 'node'],
  ['BO_', 'message'],
  ['SG_', 'signal'],
  ['EV_', 'environment'],
]);
const relationOwners: ReadonlyMap<string, AttributeOwner> = new Map<string, AttributeOwner>([
  ['BU_BO_REL_', 'node-message'],
  ['BU_SG_REL_', 'node-signal'],
  ['BU_EV_REL_', 'node-environment'],
]);
const types: readonly string[] = ['INT', 'HEX', 'FLOAT', 'STRING', 'ENUM'] satisfies AttributeType[];

function isType(text: string): text is AttributeType {
  return types.includes(text);
}

function takeChoices(cursor: TokenCursor): string[] {
  const choices: string[] = [];
  while (!cursor.isMark(';') && !isStatementStart(cursor)) {
    const token = cursor.advance();
    if (token.kind === 'string') choices.push(token.text);
  }
  return choices;
}

function takeOwner(cursor: TokenCursor, known: ReadonlyMap<string, AttributeOwner>): AttributeOwner {
  const owner = known.get(cursor.current.text);
  if (!cursor.is('word') || owner === undefined) {
    cursor.fail(
      `${[...known.keys()].join(', ')}${known === owners ? ' or an attribute name in quotes' : ''}`,
    );
  }
  cursor.advance();
  return owner;
}

function takeDefinition(cursor: TokenCursor, owner: AttributeOwner): [string, DbcAttributeDefinition] {
  const name = cursor.takeText('an attribute name');
  const type = cursor.takeWord(`the type of attribute ${name}`);
  if (!isType(type)) {
    throw new StatementError(
      cursor.lastLine,
      `expected INT, HEX, FLOAT, STRING or ENUM as type of attribute ${name} but found \`${type}\``,
    );
  }
  const limited = type !== 'STRING' && type !== 'ENUM' && cursor.is('number');
  const limits = limited
    ? {
        minimum: cursor.takeLimit(`the minimum of attribute ${name}`),
        maximum: cursor.takeLimit(`the maximum of attribute ${name}`),
      }
    : {};
  const choices = type === 'ENUM' ? takeChoices(cursor) : [];
  takeEnd(cursor, `the definition of attribute ${name}`);
  return [name, { owner, type, ...limits, choices }];
}

function define(
  draft: DatabaseDraft,
  line: number,
  definitions: Map<string, DbcAttributeDefinition>,
  [name, definition]: [string, DbcAttributeDefinition],
): void {
  if (definitions.has(name)) {
    report(draft, 'warning', line, `expected one definition of the attribute ${name}; the last one counts`);
  }
  definitions.set(name, definition);
}

/** `BA_DEF_ object "name" type limits;` */
export function readAttributeDefinition(cursor: TokenCursor, draft: DatabaseDraft): void {
  const line = cursor.lastLine;
  const owner = cursor.is('string') ? 'network' : takeOwner(cursor, owners);
  define(draft, line, draft.attributeDefinitions, takeDefinition(cursor, owner));
}

/** `BA_DEF_REL_ relation "name" type limits;` */
export function readRelationDefinition(cursor: TokenCursor, draft: DatabaseDraft): void {
  const line = cursor.lastLine;
  const owner = takeOwner(cursor, relationOwners);
  define(draft, line, draft.relationDefinitions, takeDefinition(cursor, owner));
}

function takeDefault(cursor: TokenCursor, defaults: Map<string, DefaultDraft>): void {
  const line = cursor.lastLine;
  const name = cursor.takeText('an attribute name');
  const value = takeAttributeValue(cursor, `the default of attribute ${name}`);
  takeEnd(cursor, `the default of attribute ${name}`);
  defaults.set(name, { line, value });
}

/** `BA_DEF_DEF_ "name" value;` */
export function readAttributeDefault(cursor: TokenCursor, draft: DatabaseDraft): void {
  takeDefault(cursor, draft.attributeDefaults);
}

/** `BA_DEF_DEF_REL_ "name" value;` */
export function readRelationDefault(cursor: TokenCursor, draft: DatabaseDraft): void {
  takeDefault(cursor, draft.relationDefaults);
}

/** `BA_REL_ "name" relation node object value;` */
export function readRelation(cursor: TokenCursor, draft: DatabaseDraft): void {
  const line = cursor.lastLine;
  const attribute = cursor.takeText('an attribute name');
  const owner = takeOwner(cursor, relationOwners);
  const node = cursor.takeWord('a node name');
  let target: DbcRelation['target'];
  if (owner === 'node-signal') {
    if (cursor.isWord('SG_')) cursor.advance();
    target = { kind: 'signal', key: takeKey(cursor), signal: cursor.takeWord('a signal name') };
  } else if (owner === 'node-message') {
    target = { kind: 'message', key: takeKey(cursor) };
  } else {
    target = { kind: 'environment', name: cursor.takeWord('the name of an environment variable') };
  }
  const value = takeAttributeValue(cursor, `the value of attribute ${attribute}`);
  takeEnd(cursor, `attribute ${attribute}`);
  draft.relations.push({ line, relation: { attribute, node, target, value } });
}
