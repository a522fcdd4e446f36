import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadDbc } from '../src/can/dbc-parser.js';
import { CanDecoder } from '../src/can/decoder.js';
import { encodeMessage } from '../src/can/encode.js';
import { FrameBatchBuilder } from '../src/can/frame-batch.js';
import { FrameFlag } from '../src/can/frames.js';
import { packageRoot } from '../src/runtime/paths.js';
import { bytesOf, doubleBits, framesOf } from './40-support/frames.js';

interface GoldenFrame {
  readonly data: string;
  readonly values: Readonly<Partial<Record<string, string>>>;
  readonly encoded?: string;
}

interface GoldenMessage {
  readonly message: string;
  readonly id: number;
  readonly extended: boolean;
  readonly frames: readonly GoldenFrame[];
}

const folder = join(packageRoot, 'test', 'golden', 'can');
const golden = JSON.parse(readFileSync(join(folder, 'golden.json'), 'utf8')) as readonly GoldenMessage[];
const { database, problems } = loadDbc(join(folder, 'oddities.dbc'));

function doubleOf(bits: string): number {
  return Buffer.from(bits, 'hex').readDoubleBE();
}

describe('against cantools, bit for bit', () => {
  it('reads the same messages', () => {
    expect(problems).toEqual([]);
    expect(database.messages.map(({ name, id, extended }) => ({ name, id, extended }))).toEqual(
      golden.map(({ message, id, extended }) => ({ name: message, id, extended })),
    );
  });

  it.each(golden)('decodes $message', ({ message: name, frames }) => {
    const message = database.messages.find((candidate) => candidate.name === name)!;
    const batch = CanDecoder.of(database).decode(
      framesOf(
        message,
        frames.map(({ data }) => bytesOf(data)),
      ),
    );
    const decoded = batch.message(name)!;
    expect(decoded.rows).toBe(frames.length);
    frames.forEach(({ data, values }, row) => {
      const expected = message.signals.map((signal) => {
        const bits = values[signal.name];
        return [signal.name, doubleBits(bits === undefined ? NaN : doubleOf(bits))];
      });
      const actual = message.signals.map((signal) => [
        signal.name,
        doubleBits(decoded.column(signal.name)[row]),
      ]);
      expect(actual, `${name} ${data}`).toEqual(expected);
    });
  });

  it('decodes all messages mixed in one batch as each alone', () => {
    const decoder = CanDecoder.of(database);
    const builder = new FrameBatchBuilder();
    const longest = Math.max(...golden.map(({ frames }) => frames.length));
    for (let i = 0; i < longest; i++) {
      for (const { id, extended, frames } of golden) {
        const payload = bytesOf(frames[i].data);
        const flags = (extended ? FrameFlag.extended : 0) | (payload.length > 8 ? FrameFlag.fd : 0);
        builder.add(i, id, payload, flags);
      }
    }
    const mixed = decoder.decode(builder.take());
    expect(mixed.messages.length).toBe(golden.length);
    for (const { message: name, id, extended, frames } of golden) {
      const payloads = frames.map(({ data }) => bytesOf(data));
      const alone = decoder.decode(framesOf({ id, extended }, payloads)).message(name)!;
      const together = mixed.message(name)!;
      expect(together.t).toEqual(alone.t);
      expect(together.truncated).toBe(alone.truncated);
      for (const signal of together.message.signals) {
        expect(together.column(signal.name)).toEqual(alone.column(signal.name));
      }
    }
  });

  it.each(golden.filter(({ frames }) => frames.some((frame) => frame.encoded !== undefined)))(
    'encodes $message',
    ({ message: name, frames }) => {
      const message = database.messages.find((candidate) => candidate.name === name)!;
      for (const { values, encoded } of frames) {
        if (encoded === undefined) continue;
        const physical = Object.fromEntries(
          Object.entries(values).map(([signal, bits]) => [signal, doubleOf(bits!)]),
        );
        expect(Buffer.from(encodeMessage(message, physical)).toString('hex')).toBe(encoded);
      }
    },
  );
});
