import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { VigilError, messageOf } from '../../src/runtime/errors.js';

/** What a driver said first in a conversation, and what it was about. */
export interface FirstTurn {
  readonly text: string;
  /** The data's own word: navigate, weather or schedule. */
  readonly about: string;
  /** Where to, as the data's annotators put it; empty where they did not. */
  readonly place: string;
}

interface RawDialogue {
  readonly scenario?: { readonly task?: { readonly intent?: string } };
  readonly dialogue?: readonly {
    readonly turn?: string;
    readonly data?: {
      readonly utterance?: string;
      readonly slots?: Readonly<Partial<Record<string, string>>>;
    };
  }[];
}

/**
 * First turns of the drivers in every JSON file of a folder; conversations without one are left out.
 * @throws VigilError `EVALUATION_DATA_MISSING`, `EVALUATION_DATA_INVALID`
 */
export function readFirstTurns(folder: string): FirstTurn[] {
  return jsonFiles(folder).flatMap(({ path, content }) => {
    if (!Array.isArray(content)) throw invalid(path, 'a list of conversations', typeof content);
    return (content as RawDialogue[]).flatMap(({ scenario, dialogue = [] }) => {
      const text = dialogue.find(({ turn }) => turn === 'driver')?.data?.utterance?.trim() ?? '';
      const about = scenario?.task?.intent;
      // What was understood of the first turn is written beside the answer to it.
      const slots = dialogue.find(({ turn }) => turn === 'assistant')?.data?.slots ?? {};
      const place = [slots['poi_type'], slots['poi']]
        .map((each) => each?.trim() ?? '')
        .find((each) => each !== '');
      return text === '' || about === undefined ? [] : [{ text, about, place: place ?? '' }];
    });
  });
}

/** Sentences of the snips layout, in every JSON file of a folder; none where there is no folder. */
export function readSnips(folder: string): FirstTurn[] {
  if (!existsSync(folder)) return [];
  return jsonFiles(folder).flatMap(({ content }) =>
    Object.entries(content as Record<string, { data: { text: string }[] }[]>).flatMap(([about, entries]) =>
      entries.map(({ data }) => ({
        text: data
          .map(({ text }) => text)
          .join('')
          .trim(),
        about,
        place: '',
      })),
    ),
  );
}

function jsonFiles(folder: string): { path: string; content: unknown }[] {
  const names = existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => name.endsWith('.json'))
        .sort()
    : [];
  if (names.length === 0)
    throw new VigilError(
      'EVALUATION_DATA_MISSING',
      `Expected JSON files in ${folder} but found none.`,
      'Set VIGIL_DATA to the folder with the evaluation data.',
    );
  return names.map((name) => {
    const path = join(folder, name);
    try {
      return { path, content: JSON.parse(readFileSync(path, 'utf8')) as unknown };
    } catch (error) {
      throw invalid(path, 'JSON', messageOf(error));
    }
  });
}

function invalid(path: string, expected: string, came: string): VigilError {
  return new VigilError('EVALUATION_DATA_INVALID', `Expected ${expected} in ${path} but found ${came}.`);
}
