import assert from 'node:assert/strict';

/** `key=value` pairs of the last line that begins with `name`. */
export function facts(lines, name) {
  const line = lines.findLast((candidate) => candidate.startsWith(`${name} `));
  assert.ok(line !== undefined, `a line "${name} ..." among:\n${lines.join('\n')}`);
  return Object.fromEntries(
    line
      .split(' ')
      .slice(1)
      .map((pair) => pair.split('='))
      .map(([key, value]) => [key, Number(value)]),
  );
}
