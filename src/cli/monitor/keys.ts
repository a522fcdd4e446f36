const sequences: Readonly<Record<string, string>> = {
  '[A': 'up',
  '[B': 'down',
  OA: 'up',
  OB: 'down',
  '[5~': 'page-up',
  '[6~': 'page-down',
  '[H': 'home',
  '[F': 'end',
  OH: 'home',
  OF: 'end',
  '[1~': 'home',
  '[4~': 'end',
};

const controls: Readonly<Record<string, string>> = {
  '\u0003': 'ctrl-c',
  '\u0004': 'ctrl-c',
  '\r': 'enter',
  '\n': 'enter',
  '\u007f': 'backspace',
  '\b': 'backspace',
  ' ': 'space',
};

/**
 * Names of the keys in what a terminal sent at once: `up`, `page-down`, `enter`, ..., and printable characters as
 * themselves. A sequence that is not known is one key without a meaning, never the characters it consists of.
 */
export function keysOf(input: string): string[] {
  const keys: string[] = [];
  let rest = input;
  while (rest !== '') {
    const sequence = /^\u001b(\[[0-9;]*[@-~]|O.)/.exec(rest);
    if (sequence !== null) {
      keys.push(sequences[sequence[1]] ?? 'unknown');
      rest = rest.slice(sequence[0].length);
      continue;
    }
    const [character] = rest;
    rest = rest.slice(character.length);
    if (character === '\u001b') keys.push('escape');
    else keys.push(controls[character] ?? (/\p{C}/u.test(character) ? 'unknown' : character));
  }
  return keys;
}
