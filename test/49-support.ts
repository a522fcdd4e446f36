import { parseDbc } from '../src/can/dbc-parser.js';
import { compileDecodePlan } from '../src/can/decode-plan.js';
import { FrameBatchBuilder } from '../src/can/frame-batch.js';
import { FrameFlag } from '../src/can/frames.js';
import { ValidityChecker } from '../src/can/validity/checker.js';
import { compileValidity } from '../src/can/validity/compile.js';
import { parseValidity } from '../src/can/validity/rules-file.js';
import { verdictNames } from '../src/can/validity/verdict.js';

export function bytes(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

export function hex(payload: Uint8Array): string {
  return Buffer.from(payload).toString('hex');
}

/** A checker of the one message `M`, from its DBC signals and the rule's lines. */
export function checkerOf(
  id: number,
  length: number,
  signals: readonly string[],
  rule: string,
): ValidityChecker {
  const raw = id > 0x7ff ? id + 0x80000000 : id;
  const { database, problems } = parseDbc(
    `BO_ ${raw} M: ${length} X\n${signals.map((line) => ` SG_ ${line} (1,0) [0|0] "" X`).join('\n')}\n`,
    'test.dbc',
  );
  if (problems.length > 0) throw new Error(problems[0].message);
  const rules = parseValidity(
    `validity: test\nabout: a test\nrules:\n  - messages: [M]\n${rule.replace(/^/gm, '    ')}\n`,
    'test.yaml',
  );
  return new ValidityChecker(compileValidity(rules, compileDecodePlan(database).messages));
}

export interface TimedPayload {
  readonly t: number;
  readonly payload: Uint8Array;
}

/** The verdicts of payloads of one message, by name. */
export function verdictsOf(checker: ValidityChecker, payloads: readonly TimedPayload[]): string[] {
  const { id, extended } = checker.plan.messages[0];
  const builder = new FrameBatchBuilder(payloads.length);
  for (const { t, payload } of payloads) {
    const flags = (extended ? FrameFlag.extended : 0) | (payload.length > 8 ? FrameFlag.fd : 0);
    builder.add(t, id, payload, flags);
  }
  return Array.from(checker.check(builder.take()).frames, (code) => verdictNames[code]);
}

/** The verdict of one payload as the first of its message. */
export function firstVerdict(checker: ValidityChecker, payload: Uint8Array): string {
  checker.reset();
  return verdictsOf(checker, [{ t: 0, payload }])[0];
}
