import type { PlaceBook } from '../../src/assistant/understanding/place-book.js';

/** Where the bench's car is: on a motorway near Ulm. */
export const here = { latitudeDeg: 48.4, longitudeDeg: 10.0 };

const place = (
  key: string,
  name: string,
  latitudeDeg: number,
  longitudeDeg: number,
  ...kinds: string[]
): PlaceBook['places'][number] => ({ key, name, say: [], position: { latitudeDeg, longitudeDeg }, kinds });

/** What the bench's car knows of the world. The names are made up. */
export const places: PlaceBook = {
  places: [
    place('home', 'home', 48.137, 11.575),
    place('work', 'work', 48.775, 9.183),
    place('northRest', 'Rest Area North', 48.47, 10.06, 'restStop'),
    place('southRest', 'Rest Area South', 48.21, 10.1, 'restStop'),
    place('charger', 'Charging Park East', 48.42, 10.12, 'charger'),
    place('fuel', 'the petrol station at the bridge', 48.39, 9.97, 'fuel'),
    place('pizzeria', 'Pizzeria Luna', 48.4, 9.99, 'pizza', 'italian', 'restaurant'),
    place('carPark', 'the car park at the market', 48.398, 9.992, 'parking'),
  ],
  contacts: [
    { key: 'anna', name: 'Anna', say: [], position: { latitudeDeg: 48.5, longitudeDeg: 10.1 }, kinds: [] },
  ],
};
