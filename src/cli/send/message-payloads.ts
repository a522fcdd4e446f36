import { existsSync } from 'node:fs';
import { loadDbc } from '../../can/dbc-parser.js';
import { messageByName, type DbcDatabase, type DbcMessage } from '../../can/dbc.js';
import { compileDecodePlan } from '../../can/decode-plan.js';
import { encodeMessage, startPayload, type MessageValues } from '../../can/encode.js';
import { ValidityChecker } from '../../can/validity/checker.js';
import { compileValidity } from '../../can/validity/compile.js';
import { readValidity, standardValidityFile } from '../../can/validity/rules-file.js';
import { VigilError } from '../../runtime/errors.js';

export interface MessageOptions {
  readonly dbc: string;
  readonly message: string;
  readonly values: MessageValues;
  /** A file of validity rules, or the name of one of ours: counter and checksum are filled in by it. */
  readonly validity?: string;
  /** Frames that will be sent; absent: without end. */
  readonly count?: number;
}

export interface MessagePayloads {
  readonly message: DbcMessage;
  /** Sent in turn; several where a counter counts. */
  readonly payloads: readonly Uint8Array[];
}

/** Counters with more values than this are not prepared as a whole: 16 bits fit, 32 do not. */
const mostPayloads = 1 << 16;

function findMessage(database: DbcDatabase, { dbc, message: name }: MessageOptions): DbcMessage {
  const message = messageByName(database, name);
  if (message !== undefined) return message;
  throw new VigilError(
    'CAN_MESSAGE_UNKNOWN',
    `Expected a message of ${dbc} but received ${name}.`,
    `\`vigil dump ${dbc}\` lists them.`,
  );
}

/** Writes the n-th frame's counter and its checksum. */
type Protect = (payload: Uint8Array, n: number) => void;

function protection(database: DbcDatabase, message: DbcMessage, validity: string): Protect {
  const rules = readValidity(existsSync(validity) ? validity : standardValidityFile(validity));
  const plan = compileValidity(rules, compileDecodePlan(database).messages);
  if (plan.specs[plan.messages.indexOf(message)] === undefined) {
    throw new VigilError(
      'VALIDITY_INVALID',
      `Expected a rule for ${message.name} in ${validity} but there is none.`,
      'Leave --validity out to send the message without counter and checksum.',
    );
  }
  const checker = new ValidityChecker(plan);
  return (payload, n) => checker.protect(message.name, payload, n);
}

/** Payloads with the counter's values in turn, until they come round or `count` is reached. */
function counted(base: Uint8Array, protect: Protect, { message, count }: MessageOptions): Uint8Array[] {
  const payloads: Uint8Array[] = [];
  const most = Math.min(count ?? Infinity, mostPayloads + 1);
  for (let n = 0; n < most; n++) {
    const payload = base.slice();
    protect(payload, n);
    if (n > 0 && Buffer.compare(payload, payloads[0]) === 0) return payloads;
    payloads.push(payload);
  }
  if (payloads.length <= mostPayloads) return payloads;
  throw new VigilError(
    'INVALID_ARGUMENT',
    `Expected at most ${mostPayloads} frames of ${message}, whose counter has more values.`,
    `Give --count, at most ${mostPayloads}.`,
  );
}

/**
 * The payloads of a message: signals that are given, start values (GenSigStartValue) for the others, and counter and
 * checksum where rules are given.
 * @throws VigilError `CAN_MESSAGE_UNKNOWN`, `VALIDITY_INVALID`, `INVALID_ARGUMENT`, and as `loadDbc`, `encodeMessage`,
 * `readValidity`
 */
export function messagePayloads(options: MessageOptions): MessagePayloads {
  const { database } = loadDbc(options.dbc);
  const message = findMessage(database, options);
  const base = encodeMessage(message, options.values, startPayload(message));
  if (options.validity === undefined) return { message, payloads: [base] };
  const protect = protection(database, message, options.validity);
  return { message, payloads: counted(base, protect, options) };
}

/**
 * How often the message is sent, ms: GenMsgCycleTime.
 * @throws VigilError `CAN_CYCLE_TIME_UNKNOWN`
 */
export function cycleTimeOf({ name, cycleTimeMs }: DbcMessage): number {
  if (cycleTimeMs !== undefined) return cycleTimeMs;
  throw new VigilError(
    'CAN_CYCLE_TIME_UNKNOWN',
    `Expected a cycle time (GenMsgCycleTime) for ${name} but the DBC says none.`,
    'Give the period with --every.',
  );
}
