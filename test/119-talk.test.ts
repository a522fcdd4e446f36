import { describe, expect, it } from 'vitest';
import { lineOf } from '../hil/talk/line.js';
import { PipedTalk } from '../hil/talk/piped.js';
import { loadDialog } from '../src/assistant/dialog/turn.js';
import { Grammars } from '../src/assistant/grammars.js';
import { loadCommands } from '../src/assistant/grammar/load.js';
import { VehicleStore } from '../src/vehicle/store.js';
import { loadTree } from '../src/vehicle/tree.js';

const tree = loadTree();
const config = loadDialog(tree);
const commands = loadCommands();

/** What is said and moved, and what the car answers to its own lines. */
function talk(...lines: readonly string[]): string[] {
  const told: string[] = [];
  const store = new VehicleStore({
    tree,
    onListenerError: (error) => {
      throw error;
    },
  });
  const piped = new PipedTalk(store, { config, grammars: new Grammars(commands) }, 50, {
    output: (output) => {
      if (output.kind === 'say') told.push(output.text);
      else if (output.kind === 'actuate')
        told.push(...output.requests.map(({ path, value }) => `${path.split('.').at(-1)} = ${value}`));
    },
    note: (_, text) => {
      if (text.startsWith('Expected')) told.push(text);
    },
  });
  for (const line of lines) if (!piped.line(line)) break;
  piped.close();
  return told;
}

describe('a talk by keyboard', () => {
  it('acts, corrects, undoes', () => {
    expect(talk('open my window', 'no, the passenger side', 'undo that')).toEqual([
      'Position = 100',
      "The driver's window is open.",
      'Position = 100',
      'Position = 0',
      "The passenger's window is open.",
      'Position = 0',
      "The passenger's window is closed.",
    ]);
  });

  it('offers a drowsy driver the nearest rest area when nobody talks, and guides there after a yes', () => {
    expect(talk('/driver DROWSY', '/wait 1', 'yes please')).toEqual([
      'You seem tired. Shall I find a rest area?',
      'Latitude = 48.47',
      'Longitude = 10.06',
      'I am guiding you to Rest Area North, 9 kilometres away.',
    ]);
  });

  it('is silent but for warnings while the driver is being warned', () => {
    expect(talk('/driver MICROSLEEP', '/alert ALARM', 'how fast am i going')).toEqual(['Wake up!']);
  });

  it('answers who writes something that it does not understand, also after a command', () => {
    expect(talk('how fast am i going', 'the moon is made of cheese')).toEqual([
      'You are driving 50 kilometres per hour.',
      'I did not understand that.',
    ]);
  });

  it('knows people from places', () => {
    expect(talk('take me to Anna').slice(0, 2)).toEqual(['Latitude = 48.5', 'Longitude = 10.1']);
  });

  it('says what is wrong with a line for the car', () => {
    expect(
      talk('/set Vehicle.Nothing 1', '/from trunk', '/fly', '/set Vehicle.Speed much', '/quit', '/x'),
    ).toEqual([
      expect.stringMatching(/Vehicle\.Nothing/),
      expect.stringMatching(/passenger.*trunk/),
      expect.stringMatching(/\/help/),
    ]);
  });

  it('is the same every time', () => {
    const lines = ['it is too hot in here', '/speed 140', 'open the sunroof', 'never mind'];
    expect(talk(...lines)).toEqual(talk(...lines));
  });
});

describe('a line', () => {
  it.each([
    ['hello', { kind: 'say', text: 'hello' }],
    ['/speed 80', { kind: 'set', path: 'Vehicle.Speed', value: '80' }],
    ['/set A.B some words', { kind: 'set', path: 'A.B', value: 'some words' }],
    ['/from rearLeft', { kind: 'from', place: 'rearLeft' }],
    ['/wait 1.5', { kind: 'wait', ms: 1500 }],
    ['/press', { kind: 'press' }],
  ])('%s', (text, line) => {
    expect(lineOf(text)).toEqual(line);
  });

  it.each(['/speed', '/driver', '/set X', '/wait soon', '/'])('%s says what was expected', (text) => {
    expect(lineOf(text)).toMatchObject({ kind: 'wrong' });
  });
});
