import { join } from 'node:path';
import { documentOf, type Entry } from '../grammar/entry.js';
import { assistantDir, assistantFiles } from '../action/load-actions.js';
import { places, type Place, type PlaceGroup } from '../action/place.js';

/** What a thing is called. */
export interface Thing {
  readonly one: string;
  /** For several places together; these names are plurals. */
  readonly groups: Readonly<Partial<Record<PlaceGroup, string>>>;
  readonly style: string;
  /** Which sentence says that nothing was seen to happen. */
  readonly stuck: 'moved' | 'changed';
}

/** Words by value; `*` is any other. */
type ByValue = Readonly<Record<string, string>>;

export interface Answer {
  readonly what: string;
  readonly say: string;
  /** The figure whose value chooses a sentence; empty where there is one sentence. */
  readonly by: string;
  readonly values: ByValue;
}

/** `signals/assistant/replies/LANGUAGE.yaml`. */
export interface Replies {
  readonly places: Readonly<Record<Place, string>>;
  readonly things: Readonly<Record<string, Thing>>;
  readonly styles: Readonly<Record<string, { readonly values: ByValue; readonly does: ByValue }>>;
  readonly answers: Readonly<Record<string, Answer>>;
  readonly refusals: ByValue;
  readonly questions: ByValue;
  readonly spoken: Readonly<Record<SpokenName, string>>;
  readonly alerts: ByValue;
  readonly intents: ByValue;
}

/** Sentences that every language has. */
export const spokenNames = [
  'done',
  'is',
  'are',
  'alreadyIs',
  'alreadyAre',
  'atLimitIs',
  'atLimitAre',
  'moved',
  'changed',
  'unseen',
  'didYouMean',
  'shallI',
  'notUnderstood',
  'notThis',
  'notOwned',
  'unknownNow',
  'outOfRange',
  'unknown',
  'stale',
  'unknownPlace',
  'guiding',
  'guidingFar',
  'nothingToUndo',
  'nothingSaid',
  'nothingToCorrect',
  'cancelled',
  'help',
  'helpConfirming',
  'helpAsking',
  'timerSet',
  'timerNone',
  'timerCancelled',
  'timerLeft',
  'timerOver',
  'breakOver',
  'chargeOver',
  'minute',
  'minutes',
  'restOffer',
  'restAdvice',
  'voiceMissing',
  'microphoneMissing',
  'recogniserMissing',
  'also',
] as const;
export type SpokenName = (typeof spokenNames)[number];

/** @throws VigilError `ASSISTANT_INVALID` */
export function loadReplies(language = 'en', folder = join(assistantDir, 'replies')): Replies {
  const root = documentOf(join(folder, `${language}.yaml`), assistantFiles).only([
    'places',
    'things',
    'styles',
    'answers',
    'refusals',
    'questions',
    'spoken',
    'alerts',
    'intents',
  ]);
  const styles = root.children('styles').map(([name, entry]) => {
    entry.only(['values', 'do']);
    return [name, { values: words(entry.child('values')), does: words(entry.child('do')) }] as const;
  });
  const things = root
    .children('things')
    .map(([name, entry]) => [name, thingOf(entry, new Map(styles))] as const);
  const answers = root.children('answers').map(([name, entry]) => [name, answerOf(entry)] as const);
  return {
    places: texts(root.child('places'), places),
    things: Object.fromEntries(things),
    styles: Object.fromEntries(styles),
    answers: Object.fromEntries(answers),
    refusals: words(root.child('refusals')),
    questions: words(root.child('questions')),
    spoken: texts(root.child('spoken'), spokenNames),
    alerts: words(root.child('alerts')),
    intents: words(root.child('intents')),
  };
}

/** Words for a value, or for any. */
export function wordsFor(words: ByValue, value: string): string {
  if (Object.hasOwn(words, value)) return words[value];
  return Object.hasOwn(words, '*') ? words['*'] : value;
}

function thingOf(entry: Entry, styles: ReadonlyMap<string, unknown>): Thing {
  entry.only(['one', 'all', 'front', 'rear', 'as', 'stuck']);
  const style = entry.child('as').text();
  if (!styles.has(style)) throw entry.child('as').wrong('the name of a style', style);
  const groups = (['all', 'front', 'rear'] as const).flatMap((group) => {
    const child = entry.child(group);
    return child.absent ? [] : [[group, child.text()] as const];
  });
  const stuck = entry.child('stuck');
  return {
    one: entry.child('one').text(),
    groups: Object.fromEntries(groups),
    style,
    stuck: stuck.absent ? 'changed' : stuck.word(['moved', 'changed']),
  };
}

function answerOf(entry: Entry): Answer {
  entry.only(['what', 'say', 'by', 'values']);
  const by = entry.child('by');
  return {
    what: entry.child('what').text(),
    say: by.absent ? entry.child('say').text() : '',
    by: by.absent ? '' : by.text(),
    values: by.absent ? {} : words(entry.child('values')),
  };
}

function words(entry: Entry): ByValue {
  return Object.fromEntries(entry.entries().map(([name, value]) => [name, value.text()]));
}

/** A text for each of these names, and for no other. */
function texts<T extends string>(entry: Entry, names: readonly T[]): Record<T, string> {
  entry.only(names);
  return Object.fromEntries(names.map((name) => [name, entry.child(name).text()])) as Record<T, string>;
}
