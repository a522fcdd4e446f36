import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { FaceTracker } from '../../src/camera/face-tracker.js';
import type { FaceObservation } from '../../src/camera/observation.js';
import { loadPolicy, type Policy } from '../../src/driver/policy/policy.js';
import type { FaultReason } from '../../src/driver/visibility/fault.js';
import { VigilError } from '../../src/runtime/errors.js';
import { attentiveClips } from './driver/clips.js';
import type { Evaluation } from './evaluation.js';
import { poissonRate } from './poisson.js';
import { probe, rawFrames } from './video-source.js';
import { visibilityCauses, type VisibilityCause } from './visibility-causes.js';
import { anchorsIn, driven, runEpisode, type EpisodeResult, type FilmFrame } from './visibility-episode.js';
import { visibilityReport, type CauseScore, type FalseFault } from './visibility-report.js';

/** An episode: the film as it is, then with something done to it. */
const leadMs = 1600;
const causeMs = 4400;
/** From one episode's start to the next; at most `episodesPerClip` from a film. */
const everyMs = 25_000;
const episodesPerClip = 2;

interface Film {
  readonly name: string;
  readonly file: string;
}

async function films(dataDir: string): Promise<Film[]> {
  const clips = await attentiveClips(dataDir);
  const folder = join(dataDir, 'video', 'head-pose');
  const turning = existsSync(folder) ? readdirSync(folder).filter((file) => /\.(gif|mp4)$/.test(file)) : [];
  return [
    ...clips.map(({ name, video }) => ({ name, file: video })),
    ...turning.sort().map((file) => ({ name: basename(file), file: join(folder, file) })),
  ];
}

interface FilmRun {
  readonly observations: readonly FaceObservation[];
  readonly episodes: readonly (readonly FilmFrame[])[];
}

/** Runs vision over the film as it is, and keeps the frames of the episodes with the place of the face. */
async function watch(file: string): Promise<FilmRun> {
  const { width, height, times } = await probe(file);
  const lengthMs = (times.at(-1) ?? 0) + 1;
  const wanted = Math.min(leadMs + causeMs, lengthMs);
  const starts: number[] = [];
  for (let from = 0; from + wanted <= lengthMs && starts.length < episodesPerClip; from += everyMs)
    starts.push(from);
  const tracker = new FaceTracker({ dropPolicy: 'block', landmarks: true });
  const observations: FaceObservation[] = [];
  const kept = new Map<number, FilmFrame>();
  const subscription = tracker.frames.subscribe(({ observation }) => {
    const frame = kept.get(observation.frame);
    if (frame !== undefined) kept.set(observation.frame, { ...frame, anchors: anchorsIn(observation) });
    observations.push(withoutLandmarks(observation));
  });
  try {
    let number = 0;
    for await (const data of rawFrames(file, width * height * 3, '')) {
      const t = times[number];
      if (starts.some((from) => t >= from && t < from + wanted))
        kept.set(number, { t, image: { width, height, data: Uint8Array.from(data) }, anchors: null });
      await tracker.pushWhenFree({ t, number, format: 'rgb', width, height, data });
      number++;
    }
    await tracker.idle();
  } finally {
    subscription.unsubscribe();
    tracker.close();
  }
  const frames = [...kept.values()];
  const episodes = starts.map((from) => frames.filter(({ t }) => t >= from && t < from + wanted));
  return { observations, episodes };
}

/** Thousands of frames' landmarks would fill the memory. */
function withoutLandmarks(observation: FaceObservation): FaceObservation {
  return observation.kind === 'face' ? { ...observation, landmarks: undefined } : observation;
}

/** Faults that were raised on a film in which nothing was changed. */
function faultsOf(film: string, observations: readonly FaceObservation[], policy: Policy): FalseFault[] {
  const found: FalseFault[] = [];
  let before: readonly FaultReason[] = [];
  for (const { t, faults } of driven(observations, policy)) {
    const now = faults.map(({ reason }) => reason);
    for (const reason of now) if (!before.includes(reason)) found.push({ film, t, reason });
    before = now;
  }
  return found;
}

/**
 * Real films with something drawn over them: whether each cause is named, and how soon; and what is said about
 * the same films as they are.
 */
export const visibility: Evaluation = {
  name: 'visibility',
  about: 'covered eyes, mouths and lenses, bad light, blur and frozen pictures drawn over real films',
  run: async ({ dataDir, progress }) => {
    const all = await films(dataDir);
    if (all.length === 0) {
      throw new VigilError('NO_EVALUATION_DATA', `Expected films for ${dataDir} but found none.`, '', {
        dataDir,
      });
    }
    const policy = loadPolicy();
    const results = new Map<VisibilityCause, { film: string; result: EpisodeResult }[]>();
    const falseFaults: FalseFault[] = [];
    let filmedMs = 0;
    for (const { name, file } of all) {
      progress(name);
      const { observations, episodes } = await watch(file);
      filmedMs += observations.length === 0 ? 0 : observations.at(-1)!.t - observations[0].t;
      falseFaults.push(...faultsOf(name, observations, policy));
      for (const frames of episodes) {
        const lead = frames.findIndex(({ t }) => t - frames[0].t >= leadMs);
        if (lead < 1 || frames[lead].anchors === null) continue;
        const lastsMs = frames[frames.length - 1].t - frames[lead].t;
        for (const cause of visibilityCauses) {
          if (lastsMs < cause.leastMs) continue;
          progress(`${name}: ${cause.name}`);
          const scores = results.get(cause) ?? [];
          results.set(cause, [
            ...scores,
            { film: name, result: await runEpisode(frames, lead, cause, policy) },
          ]);
        }
      }
    }
    const scores = [...results].map(([{ name }, found]): CauseScore => ({
      cause: name,
      episodes: found.map(({ film, result }) => ({ film, ...result })),
    }));
    // Several faces are no mistake where a film shows several people: told apart, not counted.
    const wrong = falseFaults.filter(({ reason }) => reason !== 'severalFaces');
    const hours = filmedMs / 3_600_000;
    return visibilityReport(scores, falseFaults, wrong.length, hours, poissonRate(wrong.length, hours));
  },
};
