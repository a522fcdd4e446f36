import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Grammars } from '../src/assistant/grammars.js';
import { loadCommands } from '../src/assistant/grammar/load.js';
import {
  destinationsFrom,
  distanceKmBetween,
  namesFrom,
  readPlaceBook,
} from '../src/assistant/understanding/place-book.js';

const book = readPlaceBook(
  `
places:
  home: { name: home, at: [48.0, 11.0] }
  near: { name: Pizzeria Uno, at: [48.01, 11.0], kinds: [pizza, restaurant] }
  far: { name: Zum Ochsen, at: [48.5, 11.0], kinds: [restaurant] }
contacts:
  anna: { name: Anna Smith, say: [anna], at: [48.0, 11.2] }
  james: { name: James }
`,
  'a test',
);
const here = { latitudeDeg: 48, longitudeDeg: 11 };

describe('a place book', () => {
  it('gives every place, every person with a home, and the nearest of every kind', () => {
    const destinations = destinationsFrom(book, here);
    expect(Object.keys(destinations).sort()).toEqual(['anna', 'far', 'home', 'near', 'pizza', 'restaurant']);
    expect(destinations['restaurant'].name).toBe('Pizzeria Uno');
    expect(destinations['restaurant'].distanceKm).toBeCloseTo(1.112, 3);
    expect(destinationsFrom(book, { latitudeDeg: 48.6, longitudeDeg: 11 })['restaurant'].name).toBe(
      'Zum Ochsen',
    );
  });

  it('knows nothing nearest where the car does not know its position', () => {
    const destinations = destinationsFrom(book, null);
    expect(Object.keys(destinations).sort()).toEqual(['anna', 'far', 'home', 'near']);
    expect(destinations['home'].distanceKm).toBeNull();
  });

  it('gives people their names in commands', () => {
    const grammars = new Grammars(loadCommands('en'));
    for (const [source, values] of Object.entries(namesFrom(book))) grammars.setNames(source, values);
    const means = (text: string): unknown => grammars.meaning(text, ['idle']);
    expect(means("take me to Anna's house")).toEqual({
      intent: 'navigation.contact',
      slots: { contact: 'anna' },
    });
    expect(means("take me to James' place")).toMatchObject({ slots: { contact: 'james' } });
    expect(means('call Anna Smith')).toEqual({ intent: 'phone.call', slots: { contact: 'anna' } });
    expect(means("take me to Bob's house")).toBeNull();
  });

  it.each([
    ['places: { a: { name: A, at: [91, 0] } }', /latitude, longitude.*places\.a\.at/],
    ['places: { a: { name: A, at: [1] } }', /latitude, longitude/],
    ['places: { a: { nam: A } }', /places\.a/],
    ['places: { a: { name: A } }\ncontacts: { a: { name: A } }', /a in both/],
    ['place: {}', /the document\.place /],
    ['{', /YAML/],
  ])('says what is wrong: %s', (text, message) => {
    expect(() => readPlaceBook(text, 'a test')).toThrow(message);
  });
});

describe('distances', () => {
  it.each([
    // A quarter of a meridian and of the equator of a sphere with the mean radius.
    [[0, 0], [90, 0], 10_007.557],
    [[0, 0], [0, 90], 10_007.557],
    [[0, -180], [0, 180], 0],
  ])('from %j to %j are %d km', ([aLat, aLon], [bLat, bLon], expected) => {
    const from = { latitudeDeg: aLat, longitudeDeg: aLon };
    expect(distanceKmBetween(from, { latitudeDeg: bLat, longitudeDeg: bLon })).toBeCloseTo(expected, 2);
  });

  it('are symmetric, and at most half around the earth', () => {
    const position = fc.record({
      latitudeDeg: fc.double({ min: -90, max: 90, noNaN: true }),
      longitudeDeg: fc.double({ min: -180, max: 180, noNaN: true }),
    });
    fc.assert(
      fc.property(position, position, (a, b) => {
        const distance = distanceKmBetween(a, b);
        expect(distance).toBeCloseTo(distanceKmBetween(b, a), 6);
        expect(distance).toBeGreaterThanOrEqual(0);
        expect(distance).toBeLessThanOrEqual(Math.PI * 6371.01);
      }),
    );
  });
});
