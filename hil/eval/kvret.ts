import { join } from 'node:path';
import { compile } from '../../src/assistant/grammar/compile.js';
import { loadCommands } from '../../src/assistant/grammar/load.js';
import { Follower, type Meaning } from '../../src/assistant/grammar/match.js';
import { normalise } from '../../src/assistant/grammar/normalise.js';
import { NearestSentences } from '../../src/assistant/understanding/nearest.js';
import type { Evaluation, EvaluationResult } from './evaluation.js';
import { readFirstTurns, readSnips, type FirstTurn } from './kvret-data.js';
import { wilson } from './wilson.js';

/** `npm run eval kvret`: people's own words, for what the commands know and for what they don't. */
export const kvret: Evaluation = {
  name: 'kvret',
  about: 'first turns of drivers to an assistant, and sentences on other matters: acted, asked, rejected',
  run: ({ dataDir }) => Promise.resolve(run(dataDir)),
};

/** What the assistant makes of a sentence: the intent acted on, the one asked first, or neither. */
interface Reaction extends FirstTurn {
  readonly acted: string | null;
  readonly asked: string | null;
  /** Of what was acted on or asked first. */
  readonly meaning: Meaning | null;
}

/** What annotators call places, and what the commands call them: categories, or intents of their own. */
const kinds: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^(gas|petrol)/, ['fuel']],
  [/hospital/, ['hospital']],
  [/rest stop/, ['restStop']],
  [/grocer|whole foods/, ['supermarket']],
  [/coffee|tea\b|starbucks|barista/, ['coffee']],
  [/shop|mall/, ['mall']],
  [/pizza/, ['pizza']],
  [/chinese/, ['chinese']],
  [/fast food/, ['fastFood']],
  [/restaurant|eat\b/, ['restaurant']],
  [/hotel/, ['hotel']],
  [/park/, ['parking']],
  [/friend|jill/, ['navigation.contact']],
  [/home|my (house|address)/, ['navigation.home']],
];

/** Whether the kind of place is the annotators'; null where they name none that is known here. */
function isRightPlace({ place, meaning }: Reaction): boolean | null {
  const said = place.toLowerCase();
  const kind = said === '' ? undefined : kinds.find(([pattern]) => pattern.test(said));
  if (kind === undefined) return null;
  const [, right] = kind;
  return right.includes(meaning?.intent ?? '') || right.includes(String(meaning?.slots['category'] ?? ''));
}

/** What the data's navigate conversations are called here. */
const ours = 'navigation.';
/** Asked for by name in the data, and in the commands too. */
const inDomain = new Set(['navigate']);

function run(dataDir: string): EvaluationResult {
  const automaton = compile(loadCommands('en'));
  const [follower, near] = [new Follower(automaton), new NearestSentences(automaton)];
  const react = (turn: FirstTurn): Reaction => {
    const words = normalise(turn.text);
    const said = follower.meanings(words).at(0) ?? null;
    const offered = said === null ? (near.nearest(words, 1).at(0)?.meaning ?? null) : null;
    return { ...turn, acted: said?.intent ?? null, asked: offered?.intent ?? null, meaning: said ?? offered };
  };
  const turns = readFirstTurns(join(dataDir, 'nlu', 'kvret')).map(react);
  const snips = distinct(readSnips(join(dataDir, 'nlu', 'snips-2017'))).map(react);
  const navigate = turns.filter(({ about }) => inDomain.has(about));
  const others = distinct(turns.filter(({ about }) => !inDomain.has(about)));
  return report(navigate, [...others, ...snips]);
}

function report(navigate: readonly Reaction[], others: readonly Reaction[]): EvaluationResult {
  const isOurs = (intent: string | null): boolean => intent?.startsWith(ours) === true;
  const acted = navigate.filter((turn) => isOurs(turn.acted)).length;
  const asked = navigate.filter((turn) => isOurs(turn.asked)).length;
  const wrong = navigate.filter(({ acted: intent }) => intent !== null && !isOurs(intent));
  const unasked = others.filter((turn) => turn.acted !== null);
  const placed = navigate.flatMap((turn) => {
    const right = isRightPlace(turn);
    return right === null ? [] : [{ turn, right }];
  });
  const rightPlaces = placed.filter(({ right }) => right).length;
  const wrongPlaces = placed.filter(({ turn, right }) => turn.acted !== null && !right).length;
  const about = [...new Set(others.map((turn) => turn.about))];
  const text = [
    `navigate: n ${navigate.length}, acted right ${acted}, asked right ${asked}, correct ${share(acted + asked, navigate.length)}, wrong ${share(wrong.length, navigate.length)}`,
    `  kind of place: n ${placed.length}, right ${share(rightPlaces, placed.length)}, acted on a wrong one ${wrongPlaces}`,
    `other matters: ${others.length} distinct sentences, acted on ${share(unasked.length, others.length)}`,
    ...about.map((each) => {
      const sentences = others.filter((turn) => turn.about === each);
      const [on, offered] = [
        sentences.filter((turn) => turn.acted !== null),
        sentences.filter((turn) => turn.asked !== null),
      ];
      return `  ${each.padEnd(12)} n ${sentences.length}, acted on ${on.length}, asked about ${offered.length}`;
    }),
    ...[...wrong, ...unasked].map((turn) => `  acted: ${String(turn.acted)}  "${turn.text}"`),
    'navigate, another kind of place:',
    ...placed.filter(({ right }) => !right).map(({ turn }) => `  "${turn.text}" (${turn.place})`),
    'navigate, neither acted on nor asked right:',
    ...navigate
      .filter((turn) => !isOurs(turn.acted) && !isOurs(turn.asked))
      .slice(0, 12)
      .map((turn) => `  "${turn.text}"${turn.asked === null ? '' : ` asked ${turn.asked}`}`),
  ].join('\n');
  return {
    text,
    json: {
      navigate: {
        n: navigate.length,
        actedRight: acted,
        askedRight: asked,
        correct: (acted + asked) / navigate.length,
        correctInterval: wilson(acted + asked, navigate.length),
        wrong: wrong.length / navigate.length,
        places: { n: placed.length, right: rightPlaces, actedOnWrong: wrongPlaces },
      },
      others: {
        n: others.length,
        actedOn: unasked.length,
        share: unasked.length / others.length,
        interval: wilson(unasked.length, others.length),
      },
    },
  };
}

function share(count: number, n: number): string {
  const { low, high } = wilson(count, n);
  return `${((100 * count) / n).toFixed(1)} % [${(100 * low).toFixed(1)}, ${(100 * high).toFixed(1)}]`;
}

/** One of each sentence, by its words. */
function distinct<T extends FirstTurn>(turns: readonly T[]): T[] {
  return [...new Map(turns.map((turn) => [normalise(turn.text).join(' '), turn] as const)).values()];
}
