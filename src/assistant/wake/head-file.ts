import { readFileSync } from 'node:fs';
import { messageOf, VigilError } from '../../runtime/errors.js';
import { embeddingSize } from './features.js';
import { lastFrames, layers, layerSize, type HeadMember, type WakeHead } from './head.js';

/** How a head came about, for people; nothing reads it but reports. */
export interface WakeCard {
  readonly seed: number;
  /** Of the recipe that made it. */
  readonly recipe: number;
  readonly positives: number;
  readonly negatives: number;
  readonly voices: readonly string[];
  readonly heldOutVoices: readonly string[];
  /** Of the training, for each member. */
  readonly passes: readonly number[];
  /** On synthesized speech of held-out voices, never on recordings of people. */
  readonly heldOut: {
    /** At most 15 dB above noise. */
    readonly noisyPhrases: number;
    readonly heard: number;
    /** From the score for a second opinion on. */
    readonly perhapsHeard: number;
    /** Of ordinary speech, and in it: */
    readonly hours: number;
    readonly falseAccepts: number;
    readonly candidates: number;
    /** Utterances similar to the phrase. */
    readonly similar: number;
    readonly similarAccepted: number;
  };
}

export interface WakeHeadFile {
  readonly head: WakeHead;
  readonly card: WakeCard;
}

const format = 2;
/** More members are no better and cost time. */
const mostMembers = 8;

/** JSON with the numbers as base64 of little-endian float32; about 50 kB for each member. */
export function encodeHead({ head, card }: WakeHeadFile): string {
  const { phrase, threshold, candidate, mean, deviation } = head;
  const members = head.members.map(({ weights, biases, outWeights, outBias }) => ({
    weights: weights.map(base64Of),
    biases: biases.map(base64Of),
    outWeights: base64Of(outWeights),
    outBias,
  }));
  const numbers = { mean: base64Of(mean), deviation: base64Of(deviation), members };
  return `${JSON.stringify({ format, phrase, threshold, candidate, card, ...numbers }, null, 1)}\n`;
}

/**
 * @param source named in errors
 * @throws VigilError `WAKE_HEAD_INVALID`
 */
export function parseHead(text: string, source: string): WakeHeadFile {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw invalid(source, 'JSON', 'something else');
  }
  if (!isRecord(json)) throw invalid(source, 'an object', typeof json);
  if (json['format'] !== format) throw invalid(source, `format ${format}`, String(json['format']));
  const { phrase, threshold, candidate, card, members } = json;
  if (typeof phrase !== 'string' || phrase === '') throw invalid(source, 'a phrase', typeof phrase);
  if (!isScore(threshold)) throw invalid(source, 'a threshold between 0 and 1', String(threshold));
  if (!isScore(candidate) || candidate > threshold)
    throw invalid(source, 'a candidate between 0 and the threshold', String(candidate));
  if (!isRecord(card)) throw invalid(source, 'a card', typeof card);
  const few = Array.isArray(members) && members.length > 0 && members.length <= mostMembers;
  if (!few) throw invalid(source, `1 to ${mostMembers} members`, typeof members);
  return {
    card: card as unknown as WakeCard, // for people only
    head: {
      phrase,
      threshold,
      candidate,
      mean: numbers(json['mean'], 'mean', embeddingSize, source),
      deviation: numbers(json['deviation'], 'deviation', embeddingSize, source),
      members: (members as unknown[]).map((member) => parseMember(member, source)),
    },
  };
}

function parseMember(json: unknown, source: string): HeadMember {
  if (!isRecord(json)) throw invalid(source, 'members that are objects', typeof json);
  const { outBias, weights, biases } = json;
  if (typeof outBias !== 'number') throw invalid(source, 'a number outBias', typeof outBias);
  const each = (
    list: unknown,
    name: string,
    size: (layer: (typeof layers)[number]) => number,
  ): Float32Array[] => {
    if (!Array.isArray(list) || list.length !== layers.length)
      throw invalid(source, `${name} of ${layers.length} layers`, typeof list);
    return layers.map((layer, i) => numbers((list as unknown[])[i], name, size(layer), source));
  };
  return {
    weights: each(weights, 'weights', ({ inputs, taps }) => layerSize * taps * inputs),
    biases: each(biases, 'biases', () => layerSize),
    outWeights: numbers(json['outWeights'], 'outWeights', lastFrames * layerSize, source),
    outBias,
  };
}

function numbers(coded: unknown, name: string, size: number, source: string): Float32Array {
  const bytes = Buffer.from(typeof coded === 'string' ? coded : '', 'base64');
  if (bytes.length !== 4 * size) throw invalid(source, `${size} numbers ${name}`, `${bytes.length} bytes`);
  const result = Float32Array.from({ length: size }, (_, i) => bytes.readFloatLE(4 * i));
  if (!result.every(Number.isFinite)) throw invalid(source, `finite numbers ${name}`, 'others');
  return result;
}

function isScore(value: unknown): value is number {
  return typeof value === 'number' && value > 0 && value < 1;
}

function base64Of(values: Float32Array): string {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, i) => bytes.writeFloatLE(value, 4 * i));
  return bytes.toString('base64');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function invalid(source: string, expected: string, came: string): VigilError {
  return new VigilError(
    'WAKE_HEAD_INVALID',
    `Expected ${expected} in the wake head ${source} but found ${came}.`,
    'Train it again with `vigil wake train`.',
    { source },
  );
}

/**
 * Reads the head of a wake word from a file.
 * @throws VigilError `WAKE_HEAD_UNREADABLE` and as `parseHead`
 */
export function readWakeHead(path: string): WakeHead {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new VigilError(
      'WAKE_HEAD_UNREADABLE',
      `Expected the head of a wake word at ${path} but: ${messageOf(error)}.`,
      'Make one with `vigil wake train "hey vigil"`.',
      { path },
      { cause: error },
    );
  }
  return parseHead(text, path).head;
}
