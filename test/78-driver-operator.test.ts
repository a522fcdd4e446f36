import { of, throwError, toArray, firstValueFrom, map, concat } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, it } from 'vitest';
import { watchDriver } from '../src/driver/operator.js';
import type { DriverInput, DriverOutput } from '../src/driver/outputs.js';
import { faceAt, perform } from './70-support/person.js';
import { drive, feed, policy } from './70-support/watch.js';

/** What an output is, in a word. */
function word(output: DriverOutput): string {
  if (output.kind !== 'stateChanged') return output.kind;
  return output.state.kind === 'unavailable' ? output.state.reason : output.state.kind;
}

describe('watchDriver', () => {
  it('puts out measures, then changes, in the same frame as their input', () => {
    const scheduler = new TestScheduler((actual, expected) => expect(actual).toEqual(expected));
    scheduler.run(({ cold, expectObservable }) => {
      const inputs: Record<string, DriverInput> = {
        a: { kind: 'observation', observation: faceAt(0, 0, 0.28) },
        s: { kind: 'speed', t: 10, speedKmh: 50, quality: 'valid' },
        b: { kind: 'observation', observation: faceAt(40, 1, 0.28) },
        t: { kind: 'tick', t: 2000 },
      };
      const words = cold('a-----s-b---t---|', inputs).pipe(watchDriver({ policy }), map(word));
      expectObservable(words).toBe('(mc)----m---(ms)|', {
        m: 'measures',
        c: 'calibrating',
        s: 'cameraSilent',
      });
    });
  });

  it('gives what the pure function gives, and starts afresh for each subscriber', async () => {
    const inputs = drive(perform({ lengthMs: 14_000, closings: [{ fromMs: 8000, forMs: 1500 }] }));
    const watched = of(...inputs).pipe(watchDriver({ policy }), toArray());
    const expected = JSON.stringify(feed(inputs).outputs);
    expect(JSON.stringify(await firstValueFrom(watched))).toBe(expected);
    expect(JSON.stringify(await firstValueFrom(watched))).toBe(expected);
  });

  it('passes errors on', async () => {
    const failing = concat(
      of<DriverInput>({ kind: 'tick', t: 0 }),
      throwError(() => new Error('camera gone')),
    );
    await expect(firstValueFrom(failing.pipe(watchDriver({ policy }), toArray()))).rejects.toThrow(
      'camera gone',
    );
  });
});
