import { StatementError, type TokenCursor } from './dbc-cursor.js';
import { report, type DatabaseDraft } from './dbc-draft.js';
import { isStatementStart, skipToNextStatement, type ReadKeyword } from './dbc-keywords.js';
import {
  readAttribute,
  readAttributeDefault,
  readAttributeDefinition,
  readComment,
  readRelation,
  readRelationDefault,
  readRelationDefinition,
} from './dbc-read-attributes.js';
import {
  readMessage,
  readSelector,
  readSenders,
  readSignal,
  readSignalGroup,
  readSignalType,
} from './dbc-read-messages.js';
import {
  readBitTiming,
  readEnvironmentBytes,
  readEnvironmentVariable,
  readNewSymbols,
  readNodes,
  readVersion,
} from './dbc-read-network.js';
import { readValues, readValueTable } from './dbc-read-values.js';

/** Reads one statement whose keyword has been taken. */
type StatementReader = (cursor: TokenCursor, draft: DatabaseDraft) => void;

const readers: Readonly<Record<ReadKeyword, StatementReader>> = {
  VERSION: readVersion,
  NS_: readNewSymbols,
  BS_: readBitTiming,
  BU_: readNodes,
  VAL_TABLE_: readValueTable,
  BO_: readMessage,
  SG_: readSignal,
  BO_TX_BU_: readSenders,
  SIG_GROUP_: readSignalGroup,
  EV_: readEnvironmentVariable,
  ENVVAR_DATA_: readEnvironmentBytes,
  CM_: readComment,
  BA_DEF_: readAttributeDefinition,
  BA_DEF_DEF_: readAttributeDefault,
  BA_: readAttribute,
  BA_DEF_REL_: readRelationDefinition,
  BA_DEF_DEF_REL_: readRelationDefault,
  BA_REL_: readRelation,
  VAL_: readValues,
  SIG_VALTYPE_: readSignalType,
  SG_MUL_VAL_: readSelector,
};

function isRead(keyword: string): keyword is ReadKeyword {
  return Object.hasOwn(readers, keyword);
}

/** Reads the statement at the cursor into the draft; a malformed one is reported and left out. */
function readStatement(cursor: TokenCursor, draft: DatabaseDraft): void {
  const { text: keyword, line } = cursor.advance();
  if (!isRead(keyword)) {
    report(draft, 'warning', line, `left out ${keyword}, which says nothing about what frames mean`);
    skipToNextStatement(cursor);
    return;
  }
  try {
    readers[keyword](cursor, draft);
  } catch (error) {
    if (!(error instanceof StatementError)) throw error;
    report(draft, 'error', error.line, `${keyword}: ${error.message}`);
    skipToNextStatement(cursor);
  }
}

/** Reads all statements up to the end of the text. */
export function readStatements(cursor: TokenCursor, draft: DatabaseDraft): void {
  draft.openMessage = 'none';
  while (!cursor.atEnd) {
    if (isStatementStart(cursor)) {
      readStatement(cursor, draft);
      continue;
    }
    const { text, line, startsLine, kind } = cursor.advance();
    if (startsLine && kind === 'word') report(draft, 'warning', line, `left out the unknown section ${text}`);
    else if (text !== ';')
      report(draft, 'warning', line, `expected the end of the statement but found \`${text}\``);
    skipToNextStatement(cursor);
  }
}
