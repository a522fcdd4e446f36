import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { messageOf, VigilError } from '../../runtime/errors.js';
import type { SignalValue } from '../../vehicle/value.js';
import { idleState, type CommandSet, type ListValue } from './command-file.js';
import { compile } from './compile.js';
import { languageOf } from './language.js';
import { Follower, type Meaning } from './match.js';
import { normalise } from './normalise.js';
import { parseTemplate } from './template.js';

/** A sentence and what it must mean; a null intent must not be understood. */
export interface SentenceTest {
  readonly say: string;
  readonly intent: string | null;
  readonly slots: Readonly<Record<string, SignalValue>>;
  readonly state: string;
  /** Values of dynamic lists: source, value, how it is said. */
  readonly dynamic: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export interface SentenceResult {
  readonly test: SentenceTest;
  readonly meanings: readonly Meaning[];
  readonly passed: boolean;
}

/** @throws VigilError `SENTENCES_INVALID` */
export function readSentenceTests(file: string): SentenceTest[] {
  let parsed: unknown;
  try {
    parsed = parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw invalid(file, 'sentences in YAML', messageOf(error));
  }
  if (!Array.isArray(parsed)) throw invalid(file, 'a list of sentences', typeof parsed);
  return (parsed as Partial<SentenceTest>[]).map((entry, i) => {
    const { say, intent, slots = {}, state = idleState, dynamic = {} } = entry;
    if (typeof say !== 'string' || intent === undefined)
      throw invalid(file, `say and intent in entry ${i + 1}`, JSON.stringify(entry));
    return { say, intent, slots, state, dynamic };
  });
}

/** Passed: understood in exactly one way, which is the right one; or, where nothing is to be understood, not at all. */
export function runSentenceTests(commands: CommandSet, tests: readonly SentenceTest[]): SentenceResult[] {
  const followers = new Map<string, Follower>();
  const language = languageOf(commands.language);
  return tests.map((test) => {
    const key = `${test.state} ${JSON.stringify(test.dynamic)}`;
    let follower = followers.get(key);
    if (follower === undefined) {
      follower = new Follower(compile(commands, { state: test.state, dynamic: dynamicLists(test) }));
      followers.set(key, follower);
    }
    const meanings = follower.meanings(normalise(test.say, language));
    return { test, meanings, passed: isRight(test, meanings) };
  });
}

function isRight({ intent, slots }: SentenceTest, meanings: readonly Meaning[]): boolean {
  if (intent === null) return meanings.length === 0;
  const [only] = meanings;
  return (
    meanings.length === 1 &&
    only.intent === intent &&
    Object.keys(only.slots).length === Object.keys(slots).length &&
    Object.entries(slots).every(([name, value]) => only.slots[name] === value)
  );
}

function dynamicLists({ dynamic }: SentenceTest): Map<string, ListValue[]> {
  return new Map(
    Object.entries(dynamic).map(([source, values]) => [
      source,
      Object.entries(values).map(([value, say]) => ({ value, say: [parseTemplate(say, source)] })),
    ]),
  );
}

function invalid(file: string, expected: string, came: string): VigilError {
  return new VigilError('SENTENCES_INVALID', `Expected ${expected} in ${file} but found ${came}.`);
}
