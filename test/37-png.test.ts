import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readPng } from '../hil/eval/png.js';
import { encodePng } from './37-support.js';

const grey = (x: number, y: number): number => (x * 31 + y * 7) & 255;

describe('PNG', () => {
  it.each([0, 1, 2, 3, 4])('row filter %i is undone', (filter) => {
    const rows = Array.from({ length: 9 }, (_, y) => Array.from({ length: 13 }, (_, x) => grey(x, y)));
    const png = encodePng({ width: 13, height: 9, depth: 8, colour: 0, rows, filter });
    const image = readPng(png, 'test');
    expect([image.width, image.height]).toEqual([13, 9]);
    expect([...image.luma]).toEqual(rows.flat());
  });

  it('colours become BT.601 luma, transparency is ignored', () => {
    const rows = [[255, 0, 0, 9, 0, 255, 0, 9, 0, 0, 255, 9]];
    const { luma } = readPng(
      encodePng({ width: 3, height: 1, depth: 8, colour: 6, rows, filter: 0 }),
      'test',
    );
    expect([...luma]).toEqual([76, 150, 29]);
  });

  it('grey of 1, 2 and 4 bits fills the whole range; of 16 bits the upper 8 count', () => {
    const one = encodePng({ width: 4, height: 1, depth: 1, colour: 0, rows: [[0b10100000]], filter: 0 });
    expect([...readPng(one, 'test').luma]).toEqual([255, 0, 255, 0]);
    const two = encodePng({ width: 4, height: 1, depth: 2, colour: 0, rows: [[0b00011011]], filter: 0 });
    expect([...readPng(two, 'test').luma]).toEqual([0, 85, 170, 255]);
    const four = encodePng({ width: 2, height: 1, depth: 4, colour: 0, rows: [[0x3f]], filter: 0 });
    expect([...readPng(four, 'test').luma]).toEqual([51, 255]);
    const deep = encodePng({
      width: 2,
      height: 1,
      depth: 16,
      colour: 4,
      rows: [[1, 2, 3, 4, 5, 6, 7, 8]],
      filter: 0,
    });
    expect([...readPng(deep, 'test').luma]).toEqual([1, 5]);
  });

  it('palettes are looked up', () => {
    const palette = [10, 10, 10, 200, 200, 200];
    const png = encodePng({ width: 2, height: 1, depth: 8, colour: 3, rows: [[1, 0]], filter: 0, palette });
    expect([...readPng(png, 'test').luma]).toEqual([200, 10]);
  });

  it('says what is wrong', () => {
    const png = encodePng({
      width: 2,
      height: 2,
      depth: 8,
      colour: 0,
      rows: [
        [1, 2],
        [3, 4],
      ],
      filter: 0,
    });
    const wrong: [string, Uint8Array][] = [
      ['does not begin', Uint8Array.of(1, 2, 3)],
      ['cut off', png.subarray(0, 45)],
      [
        'interlaced',
        encodePng({ width: 1, height: 1, depth: 8, colour: 0, rows: [[1]], filter: 0, interlace: 1 }),
      ],
      ['too few rows', encodePng({ width: 1, height: 3, depth: 8, colour: 0, rows: [[1]], filter: 0 })],
      [
        'filter 7',
        encodePng({ width: 1, height: 1, depth: 8, colour: 0, rows: [[1]], filter: 0, filterByte: 7 }),
      ],
      ['colour type is 5', encodePng({ width: 1, height: 1, depth: 8, colour: 5, rows: [[1]], filter: 0 })],
      ['sides are 0', encodePng({ width: 0, height: 1, depth: 8, colour: 0, rows: [], filter: 0 })],
      ['no header', png.subarray(0, 8)],
    ];
    for (const [message, bytes] of wrong) {
      expect(() => readPng(bytes, 'some.png'), message).toThrow(message);
      expect(() => readPng(bytes, 'some.png')).toThrow('some.png');
    }
  });

  it('a header that promises little inflates little', () => {
    const bomb = encodePng({
      width: 1,
      height: 1,
      depth: 8,
      colour: 0,
      rows: [[1]],
      filter: 0,
      data: deflateSync(Buffer.alloc(1 << 22)),
    });
    expect(() => readPng(bomb, 'bomb.png')).toThrow('bomb.png');
  });
});
