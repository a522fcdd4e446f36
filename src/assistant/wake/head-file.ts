import { VigilError } from '../../runtime/errors.js';
import { headHidden, headInputs, type WakeHead } from './head.js';

/** How a head came about, for people; nothing reads it but reports. */
export interface WakeCard {
  readonly seed: number;
  /** Of the recipe that made it. */
  readonly recipe: number;
  readonly positives: number;
  readonly negatives: number;
  readonly voices: readonly string[];
  readonly heldOutVoices: readonly string[];
  readonly epochs: number;
  /** On synthesized speech of held-out voices, never on recordings of people. */
  readonly heldOut: {
    readonly phrases: number;
    readonly heard: number;
    readonly negativeHours: number;
    readonly falseAccepts: number;
  };
}

export interface WakeHeadFile {
  readonly head: WakeHead;
  readonly card: WakeCard;
}

const format = 1;
const sizes = {
  mean: headInputs,
  deviation: headInputs,
  weights: headHidden * headInputs,
  biases: headHidden,
  outWeights: headHidden,
} as const;

/** JSON with the numbers as base64 of little-endian float32; about 300 kB. */
export function encodeHead({ head, card }: WakeHeadFile): string {
  const numbers = Object.fromEntries(
    (Object.keys(sizes) as (keyof typeof sizes)[]).map((name) => [name, base64Of(head[name])]),
  );
  const { phrase, threshold, outBias } = head;
  return `${JSON.stringify({ format, phrase, threshold, card, outBias, ...numbers }, null, 1)}\n`;
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
  const { phrase, threshold, outBias, card } = json;
  if (typeof phrase !== 'string' || phrase === '') throw invalid(source, 'a phrase', typeof phrase);
  if (typeof threshold !== 'number' || !(threshold > 0 && threshold < 1))
    throw invalid(source, 'a threshold between 0 and 1', String(threshold));
  if (typeof outBias !== 'number') throw invalid(source, 'a number outBias', typeof outBias);
  if (!isRecord(card)) throw invalid(source, 'a card', typeof card);
  const values = (name: keyof typeof sizes): Float32Array => {
    const coded = json[name];
    const bytes = Buffer.from(typeof coded === 'string' ? coded : '', 'base64');
    if (bytes.length !== 4 * sizes[name])
      throw invalid(source, `${sizes[name]} numbers ${name}`, `${bytes.length} bytes`);
    const result = Float32Array.from({ length: sizes[name] }, (_, i) => bytes.readFloatLE(4 * i));
    if (!result.every(Number.isFinite)) throw invalid(source, `finite numbers ${name}`, 'others');
    return result;
  };
  return {
    card: card as unknown as WakeCard, // for people only
    head: {
      phrase,
      threshold,
      outBias,
      mean: values('mean'),
      deviation: values('deviation'),
      weights: values('weights'),
      biases: values('biases'),
      outWeights: values('outWeights'),
    },
  };
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
