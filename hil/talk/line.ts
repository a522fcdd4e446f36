import { places, type Place } from '../../src/assistant/action/place.js';

/** What a line of the keyboard means. */
export type Line =
  | { readonly kind: 'say'; readonly text: string }
  | { readonly kind: 'set'; readonly path: string; readonly value: string }
  | { readonly kind: 'from'; readonly place: Place }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'press' }
  | { readonly kind: 'break' }
  | { readonly kind: 'help' }
  | { readonly kind: 'quit' }
  | { readonly kind: 'wrong'; readonly why: string };

export const lineHelp = `What you type is said by the driver. Lines that begin with a slash are for the car:
  /speed 120                 how fast it goes, km/h
  /driver DROWSY             what the driver monitor says: ATTENTIVE, PHONE_USE, MICROSLEEP, ...
  /alert WARN                how strongly it warns: NONE, INFORM, WARN, ALARM
  /break                     the driver monitor suggests a rest
  /set PATH VALUE            any signal that the dialog looks at
  /from passenger            who speaks: ${places.join(', ')}
  /press                     the button that opens the microphone
  /wait 10                   time passes, s
  /quit`;

const driverPaths: Readonly<Record<string, string>> = {
  speed: 'Vehicle.Speed',
  driver: 'Vehicle.Driver.Vigil.State',
  alert: 'Vehicle.Driver.Vigil.AlertLevel',
};

export function lineOf(text: string): Line {
  if (!text.startsWith('/')) return { kind: 'say', text };
  const [command, ...words] = text.slice(1).trim().split(/\s+/);
  const [first = '', ...rest] = words;
  switch (command) {
    case 'speed':
    case 'driver':
    case 'alert':
      if (words.length !== 1) return wrong(`/${command} and one value`, text);
      return { kind: 'set', path: driverPaths[command], value: first };
    case 'set':
      if (rest.length === 0) return wrong('/set PATH VALUE', text);
      return { kind: 'set', path: first, value: rest.join(' ') };
    case 'from': {
      const place = places.find((one) => one === first);
      return place === undefined ? wrong(places.join(', '), first) : { kind: 'from', place };
    }
    case 'wait':
      return Number(first) > 0 ? { kind: 'wait', ms: 1000 * Number(first) } : wrong('/wait SECONDS', text);
    case 'press':
    case 'break':
    case 'help':
    case 'quit':
      return { kind: command };
    default:
      return wrong('a command that /help lists', text);
  }
}

function wrong(expected: string, came: string): Line {
  return { kind: 'wrong', why: `Expected ${expected} but found ${came}.` };
}
