import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { meanOpenness, type FaceSeen } from '../../src/camera/observation.js';
import { eyesDown } from '../../src/driver/gaze/down-gaze.js';
import { loadPolicy } from '../../src/driver/policy/policy.js';
import { VigilError } from '../../src/runtime/errors.js';
import type { FacePose } from '../synthetic/face-pose.js';
import { blinkClip } from './clip.js';
import type { Evaluation } from './evaluation.js';
import { watchClip, type ClipGaze } from './gaze-clips.js';
import { lineThrough, observePoses, type Line } from './gaze-rendered.js';
import { judgeLooks, posedLooks, restPoses, type JudgedLook, type Side } from './gaze-zones.js';
import { observeVideo } from './video-source.js';
import { wilson } from './wilson.js';

interface Sweep {
  readonly name: string;
  readonly truth: readonly number[];
  readonly pose: (angle: number) => Partial<FacePose>;
  /** @param ahead the same driver at a true 0 */
  readonly read: (face: FaceSeen, ahead: FaceSeen) => number;
}

/** Eyes in the head as the driver graph takes them, added to the head's own pitch. */
function withLids(face: FaceSeen, ahead: FaceSeen): number {
  const inHead = ({ gaze, head }: FaceSeen): number => gaze.elevationDeg - head.pitchDeg;
  const lowered = 1 - meanOpenness(face.eyes) / meanOpenness(ahead.eyes);
  return face.head.pitchDeg + eyesDown(inHead(face) - inHead(ahead), lowered).elevationDeg;
}

/** Readings against commands, in the camera's axes and with no zero learnt. */
const sweeps: readonly Sweep[] = [
  {
    name: 'head yaw',
    truth: [-40, -30, -20, -10, 0, 10, 20, 30, 40],
    pose: (headYawDeg) => ({ headYawDeg }),
    read: (face) => face.head.yawDeg,
  },
  {
    name: 'head pitch',
    truth: [-25, -15, -5, 0, 5, 15, 25],
    pose: (headPitchDeg) => ({ headPitchDeg }),
    read: (face) => face.head.pitchDeg,
  },
  {
    name: 'gaze azimuth, eyes alone',
    truth: [-30, -20, -10, 0, 10, 20, 30],
    pose: (gazeAzimuthDeg) => ({ gazeAzimuthDeg }),
    read: (face) => face.gaze.azimuthDeg,
  },
  {
    name: 'gaze azimuth, head alone',
    truth: [-30, -20, -10, 0, 10, 20, 30],
    pose: (headYawDeg) => ({ headYawDeg }),
    read: (face) => face.gaze.azimuthDeg,
  },
  {
    name: 'gaze elevation, eyes alone',
    truth: [-32, -24, -16, -8, 0, 8, 16],
    pose: (gazeElevationDeg) => ({ gazeElevationDeg, lidsFollowGaze: 1 }),
    read: (face) => face.gaze.elevationDeg,
  },
  {
    name: 'the same, with what the lids say',
    truth: [-32, -24, -16, -8, 0, 8, 16],
    pose: (gazeElevationDeg) => ({ gazeElevationDeg, lidsFollowGaze: 1 }),
    read: withLids,
  },
  {
    name: 'the same, camera 14 degrees below',
    truth: [-32, -24, -16, -8, 0, 8, 16],
    pose: (gazeElevationDeg) => ({ headPitchDeg: 14, gazeElevationDeg, lidsFollowGaze: 1 }),
    read: withLids,
  },
  {
    name: 'lids alone by % of the opening (slope 0 is right)',
    truth: [0, 10, 20, 30, 40],
    pose: (percent) => ({ eyelidClosure: { left: percent / 100, right: percent / 100 } }),
    read: withLids,
  },
  {
    name: 'gaze elevation, head alone',
    truth: [-25, -15, -5, 0, 5, 15, 25],
    pose: (headPitchDeg) => ({ headPitchDeg }),
    read: (face) => face.gaze.elevationDeg,
  },
  {
    name: 'head yaw by place in the image, head still (cm aside)',
    truth: [-12, -6, 0, 6, 12],
    pose: (offsetXCm) => ({ offsetXCm }),
    read: (face) => face.head.yawDeg,
  },
];

const sides: readonly Side[] = ['lhd', 'rhd'];

/** Gaze on rendered faces, where the truth is known, and on films, where only plausibility can be told. */
export const gaze: Evaluation = {
  name: 'gaze',
  about: 'gaze direction and zones: rendered faces with known truth, road share on real videos',
  run: async ({ dataDir, progress }) => {
    const lines = await runSweeps(progress);
    const looks = await runZones(progress);
    const clips = await runClips(dataDir, progress);
    return {
      text: [...sweepTable(lines), '', ...zoneTable(looks), '', ...clipTable(clips), '', ...caveats].join(
        '\n',
      ),
      json: {
        unit: 'pose',
        n: looks.length,
        sweeps: Object.fromEntries(lines),
        zones: Object.fromEntries(groups(looks).map(([name, group]) => [name, scores(group)])),
        looks: looks.map(({ side, target, movement, seen, zone, away }) => ({
          side,
          target: target.name,
          movement,
          seen,
          zone,
          away,
        })),
        clips,
      },
    };
  },
};

async function runSweeps(progress: (step: string) => void): Promise<[string, Line][]> {
  const poses = sweeps.flatMap(({ truth, pose }) => truth.map(pose));
  const faces = await observePoses(poses, (done) => {
    if (done % 10 === 0) progress(`rendered sweep ${done} of ${poses.length}`);
  });
  let at = 0;
  return sweeps.map(({ name, truth, read }) => {
    const seen = truth.map(() => faces[at++]);
    const ahead = seen[truth.indexOf(0)];
    const pairs = truth.flatMap((angle, i) => {
      const face = seen[i];
      return face === null || ahead === null ? [] : [[angle, read(face, ahead)] as const];
    });
    return [name, lineThrough(pairs)];
  });
}

async function runZones(progress: (step: string) => void): Promise<JudgedLook[]> {
  const policy = loadPolicy();
  const judged: JudgedLook[] = [];
  for (const side of sides) {
    const rest = restPoses(side);
    const looks = posedLooks(side);
    const faces = await observePoses([...rest, ...looks.map(({ pose }) => pose)], (done) => {
      if (done % 10 === 0) progress(`rendered targets ${side} ${done} of ${rest.length + looks.length}`);
    });
    const ahead = faces.slice(0, rest.length).filter((face) => face !== null);
    const posed = looks.map((look, i) => ({ ...look, face: faces[rest.length + i] }));
    judged.push(...judgeLooks(side, ahead, posed, policy));
  }
  return judged;
}

async function runClips(dataDir: string, progress: (step: string) => void): Promise<ClipGaze[]> {
  const folders = { blinks: join(dataDir, 'video', 'blinks'), turns: join(dataDir, 'video', 'head-pose') };
  const listed = (folder: string, ending: RegExp) =>
    existsSync(folder)
      ? readdirSync(folder)
          .filter((file) => ending.test(file))
          .sort()
      : [];
  const results: ClipGaze[] = [];
  for (const file of listed(folders.blinks, /\.csv$/)) {
    const name = basename(file, '.csv');
    progress(name);
    results.push(await watchClip(name, observeVideo(await blinkClip(name, folders.blinks))));
  }
  for (const file of listed(folders.turns, /\.(gif|mp4)$/)) {
    progress(file);
    results.push(await watchClip(file, observeVideo(join(folders.turns, file))));
  }
  if (results.length === 0)
    throw new VigilError(
      'NO_EVALUATION_DATA',
      `Expected films in ${folders.blinks} or ${folders.turns} but found none.`,
      'Set VIGIL_DATA to a folder that holds video/blinks or video/head-pose.',
      { dataDir },
    );
  return results;
}

function groups(looks: readonly JudgedLook[]): [string, JudgedLook[]][] {
  return sides.flatMap((side) =>
    (['owl', 'lizard'] as const).map((movement): [string, JudgedLook[]] => [
      `${side} ${movement}`,
      looks.filter((look) => look.side === side && look.movement === movement),
    ]),
  );
}

function scores(looks: readonly JudgedLook[]) {
  const zones = looks.filter(({ rightZone }) => rightZone).length;
  const away = looks.filter(({ rightAway }) => rightAway).length;
  return {
    n: looks.length,
    lost: looks.filter(({ seen }) => !seen).length,
    rightZone: zones / looks.length,
    rightZone95: wilson(zones, looks.length),
    rightAway: away / looks.length,
    rightAway95: wilson(away, looks.length),
  };
}

function sweepTable(lines: readonly (readonly [string, Line])[]): string[] {
  return [
    'Rendered faces, readings in the camera axes against commands (slope 1 and error 0 are right):',
    ...lines.map(
      ([name, { n, slope, offsetDeg, errorDeg }]) =>
        `  ${name.padEnd(54)} n ${String(n).padStart(2)}  slope ${slope.toFixed(2)}  at zero ${offsetDeg.toFixed(1).padStart(6)}  mean error ${errorDeg.toFixed(1)}`,
    ),
  ];
}

function zoneTable(looks: readonly JudgedLook[]): string[] {
  const share = (value: number, { low, high }: { low: number; high: number }) =>
    `${value.toFixed(2)} [${low.toFixed(2)}, ${high.toFixed(2)}]`;
  return [
    'Zones of the gaze locations, rendered, after 16 s of looking ahead (95 % Wilson intervals over locations):',
    ...groups(looks).map(([name, group]) => {
      const s = scores(group);
      return `  ${name.padEnd(11)} n ${s.n}  zone right ${share(s.rightZone, s.rightZone95)}  away or not right ${share(s.rightAway, s.rightAway95)}  face lost ${s.lost}`;
    }),
    ...looks
      .filter(({ rightZone }) => !rightZone)
      .map(
        ({ side, movement, target, seen, zone, away }) =>
          `  ${side} ${movement} ${target.name}: ${seen ? `${zone ?? 'no zone'}, ${away ? 'away' : 'not away'}` : 'face lost'}`,
      ),
  ];
}

function clipTable(clips: readonly ClipGaze[]): string[] {
  return [
    'Films (nobody drives in them; a share far from what is to be seen would be an error):',
    '(gaze per head: 0 where the eyes hold a point while the head turns, 1 where they go with it)',
    ...clips.map(
      ({
        clip,
        seconds,
        roadShare,
        awayShare,
        unknownShare,
        gazeShare,
        azimuthDeg,
        elevationDeg,
        azimuthPerHead,
        elevationPerHead,
      }) =>
        `  ${clip.slice(0, 46).padEnd(46)} ${seconds.toFixed(0).padStart(4)} s  road ${roadShare.toFixed(2)}  away ${awayShare.toFixed(2)}  unknown ${unknownShare.toFixed(2)}  by irises ${gazeShare.toFixed(2)}  azimuth 5-95 % ${range(azimuthDeg)}  elevation ${range(elevationDeg)}  gaze per head ${azimuthPerHead.toFixed(2)} across, ${elevationPerHead.toFixed(2)} up`,
    ),
  ];
}

function range([low, high]: readonly [number, number]): string {
  return `${low.toFixed(0)} to ${high.toFixed(0)}`;
}

const caveats = [
  'Circular in part: the renderer draws the canonical face that head pose is fitted to, and eyeballs like those that',
  'gaze is measured with; the networks have never seen it. Zone areas are built around the same target list that is',
  'scored. Nobody with measured gaze has been filmed: none of this is accuracy on people.',
];
