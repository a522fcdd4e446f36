import { toObject } from 'flatbuffers/js/flexbuffers.js';
import { VigilError } from '../../../src/runtime/errors.js';
import type { TfliteOperator } from '../tflite.js';

export interface CustomOptions {
  number(key: string): number;
  numbers(key: string): number[];
}

/** A custom operator's options: a flexbuffer map of numbers and lists of numbers. */
export function readOptions(operator: TfliteOperator): CustomOptions {
  const map = toObject(Uint8Array.from(operator.customOptions).buffer) as Record<string, unknown>;
  const wrong = (key: string, expected: string): VigilError =>
    new VigilError(
      'MODEL_SOURCE_INVALID',
      `Expected ${expected} in option ${key} of ${operator.kind} but received ${JSON.stringify(map[key])}.`,
    );
  return {
    number: (key) => {
      const value = map[key];
      // The reader returns null for a floating-point 0.
      if (value === null) return 0;
      if (typeof value !== 'number') throw wrong(key, 'a number');
      return value;
    },
    numbers: (key) => {
      const value = map[key];
      if (!Array.isArray(value) || !value.every((item) => typeof item === 'number'))
        throw wrong(key, 'numbers');
      return value;
    },
  };
}
