// Holds what arm64 gave against what x64 gave: compare.mjs FOLDER. Prints each comparison with its tolerance; exit code 1
// where one failed. docs/building.md says what was measured.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = process.argv[2];
const [x64, arm64] = ['x64', 'arm64'].map((arch) => ({
  facts: JSON.parse(readFileSync(join(folder, `${arch}.facts.json`), 'utf8')),
  replay: readFileSync(join(folder, `${arch}.replay.jsonl`), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line)),
}));
let failed = 0;

function line(passed, what, found) {
  if (!passed) failed++;
  console.log(`${passed ? '✓' : '✗'} ${what.padEnd(42)} ${found}`);
}

const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
const exactly = (number) => (number === 0 ? '0' : number.toExponential(1));

// ---------------------------------------------------------------- addons and CAN

line(
  arm64.facts.arch === 'arm64' && same(x64.facts.addons, arm64.facts.addons),
  'addons load and export the same',
  `${arm64.facts.addons.map(({ name }) => name).join(', ')} on ${arm64.facts.arch}, Node ${arm64.facts.node}`,
);

const columns = arm64.facts.can.flatMap(({ signals }) => Object.values(signals));
line(
  columns.length > 0 && same(x64.facts.can, arm64.facts.can),
  'CAN decode, bit for bit',
  `${columns.flat().length} values of ${columns.length} signals in ${arm64.facts.can.length} messages`,
);

// ---------------------------------------------------------------- networks

/** Share of an output's largest value by which it may differ: sums of 32-bit numbers in another order. */
const modelTolerance = 1e-4;

function floatsOf(base64) {
  const bytes = Buffer.from(base64, 'base64');
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}

/** Largest difference as a share of the largest value of the output; infinite where one is no number. */
function shareOf(ours, theirs) {
  let difference = 0;
  let largest = 0;
  for (let i = 0; i < ours.length; i++) {
    const off = Math.abs(ours[i] - theirs[i]);
    difference = Math.max(difference, Number.isFinite(off) ? off : Infinity);
    largest = Math.max(largest, Math.abs(ours[i]));
  }
  if (ours.length !== theirs.length || ours.length === 0) return Infinity;
  return largest === 0 ? difference : difference / largest;
}

line(
  x64.facts.models.length > 0 && same(...[x64, arm64].map(({ facts }) => facts.models.map(({ id }) => id))),
  'networks load',
  `${arm64.facts.models.length}`,
);
for (const [index, { id, outputs }] of x64.facts.models.entries()) {
  const shares = outputs.map(({ name, values }, i) => {
    const other = arm64.facts.models[index].outputs[i];
    return other.name === name ? shareOf(floatsOf(values), floatsOf(other.values)) : Infinity;
  });
  const worst = Math.max(...shares);
  line(
    worst <= modelTolerance,
    `  ${id}`,
    `differs by ${exactly(worst)} of its largest value, ${exactly(modelTolerance)} allowed`,
  );
}

// ---------------------------------------------------------------- replay

/** One frame at 15 frames/s, with the rounding of the recording's times. */
const frameMs = 66.7;

const replayed = (lines, ...kinds) => lines.filter(({ kind }) => kinds.includes(kind));
const storyKinds = ['stateChanged', 'alertStarted', 'alertChanged', 'alertEnded', 'blink', 'closure'];
const story = ({ replay }) =>
  replayed(replay, ...storyKinds).map(({ kind, t, state, alert, closure }) => ({
    t,
    what: [kind, state?.kind, alert?.rule, alert?.level, closure?.kind].filter(Boolean).join(' '),
  }));
const stories = [story(x64), story(arm64)];
const whats = stories.map((events) => events.map(({ what }) => what));
const late = Math.max(0, ...stories[0].map(({ t }, i) => Math.abs(t - (stories[1][i]?.t ?? Infinity))));
line(
  stories[0].length > 0 && same(...whats) && late <= frameMs,
  'replay: states, alerts, closures',
  `${whats[1].join(', ')}; times differ by ${late.toFixed(1)} ms at most, ${frameMs} allowed`,
);

const observations = [x64, arm64].map(({ replay }) =>
  replayed(replay, 'observation').map(({ observation }) => observation),
);
line(
  observations[0].length > 0 && same(...observations.map((all) => all.map(({ kind }) => kind))),
  'replay: frames with a face',
  `${observations[1].filter(({ kind }) => kind === 'face').length} of ${observations[1].length}`,
);

/** How far the same quantity of a frame may be off, in its unit. */
const quantities = [
  ['openness of an eye', 0.001, ({ eyes }) => [eyes.left.openness, eyes.right.openness]],
  ['face box, px', 0.05, ({ box }) => Object.values(box)],
  ['head direction, degrees', 0.05, ({ head }) => Object.values(head)],
  ['gaze, degrees', 0.1, ({ gaze }) => [gaze.azimuthDeg, gaze.elevationDeg]],
];
for (const [name, tolerance, valuesOf] of quantities) {
  const off = observations[0].flatMap((observation, i) => {
    if (observation.kind !== 'face' || observations[1][i]?.kind !== 'face') return [];
    const [ours, theirs] = [observation, observations[1][i]].map((one) => valuesOf(one));
    return ours.map((value, k) => Math.abs(value - theirs[k]));
  });
  const worst = Math.max(...off);
  line(
    off.length > 0 && worst <= tolerance,
    `  ${name}`,
    `differs by ${exactly(worst)} at most, ${tolerance} allowed, ${off.length} values`,
  );
}
const sameLines = x64.replay.filter((one, i) => same(one, arm64.replay[i])).length;
console.log(`  ${sameLines} of ${x64.replay.length} lines of the replay are the same bytes`);
process.exitCode = failed === 0 ? 0 : 1;
