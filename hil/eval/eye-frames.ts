import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { EyeObservation, FaceObservation } from '../../src/camera/observation.js';
import { VigilError } from '../../src/runtime/errors.js';
import { readBlinkLabels, type BlinkLabel } from './blink-labels.js';
import { blinkClip } from './clip.js';
import { closedFrom } from './eye-score.js';
import { observeVideo } from './video-source.js';

/** Eyes that our own pipeline cut out of labelled frames of one film, one person. */
export interface ClipEyes {
  readonly clip: string;
  /** Labelled closures that the closed frames come from: the unit that is nearly independent. */
  readonly closures: number;
  readonly network: FrameFigures;
  /** Lid gap below half the clip's median, on the same eyes: what geometry says without any memory. */
  readonly geometry: FrameFigures;
}

export interface FrameFigures {
  /** Eyes, two a frame. */
  readonly n: number;
  readonly closed: number;
  readonly balancedAccuracy: number;
  readonly closedRecall: number;
  readonly openRecall: number;
}

export interface ClipsResult {
  readonly clips: readonly ClipEyes[];
  /** Why a clip could not be had. */
  readonly missing: readonly { readonly clip: string; readonly reason: string }[];
}

export type LidLabel = 'closed' | 'open' | null;

/** Open frames are at least this far from any labelled event. */
const awayFrames = 12;
/** In a long closure, frames this close to its ends are half-way. */
const edgeFrames = 3;
/** Open frames are taken this far apart: neighbours show the same. */
const openEvery = 6;

/**
 * What a frame certainly shows: closed at the peak of a closure and in the middle of a long one, open far from any
 * event; null for lids on their way, for uncertain events, and for open frames between those that are taken.
 */
export function lidLabel(frame: number, labels: readonly BlinkLabel[]): LidLabel {
  for (const { start, peak, end, uncertain } of labels) {
    if (frame < start - awayFrames || frame >= end + awayFrames) continue;
    if (uncertain) return null;
    const middle = frame >= start + edgeFrames && frame < end - edgeFrames;
    return frame === peak || middle ? 'closed' : null;
  }
  return frame % openEvery === 0 ? 'open' : null;
}

interface SeenEye {
  readonly closed: boolean;
  readonly openness: number;
  readonly closedProbability: number;
}

/** @param observations of the whole clip, the network asked at every eye */
export async function scoreClip(
  clip: string,
  observations: AsyncIterable<FaceObservation>,
  labels: readonly BlinkLabel[],
): Promise<ClipEyes> {
  const eyes: SeenEye[] = [];
  for await (const observation of observations) {
    const lids = lidLabel(observation.frame, labels);
    if (lids === null || observation.kind !== 'face') continue;
    const { left, right } = observation.eyes;
    for (const eye of [left, right]) if (isSeen(eye)) eyes.push({ ...eye, closed: lids === 'closed' });
  }
  const median = quantile(
    eyes.map(({ openness }) => openness),
    0.5,
  );
  return {
    clip,
    closures: labels.filter(({ uncertain }) => !uncertain).length,
    network: frameFigures(eyes, ({ closedProbability }) => closedProbability >= closedFrom),
    geometry: frameFigures(eyes, ({ openness }) => openness < median / 2),
  };
}

function isSeen(eye: EyeObservation): eye is EyeObservation & { closedProbability: number } {
  return eye.closedProbability !== undefined && eye.weight > 0;
}

function frameFigures(eyes: readonly SeenEye[], isClosed: (eye: SeenEye) => boolean): FrameFigures {
  const recall = (closed: boolean): number => {
    const all = eyes.filter((eye) => eye.closed === closed);
    return all.filter((eye) => isClosed(eye) === closed).length / all.length;
  };
  const closedRecall = recall(true);
  const openRecall = recall(false);
  return {
    n: eyes.length,
    closed: eyes.filter(({ closed }) => closed).length,
    balancedAccuracy: (closedRecall + openRecall) / 2,
    closedRecall,
    openRecall,
  };
}

function quantile(values: readonly number[], share: number): number {
  const ascending = [...values].sort((a, b) => a - b);
  return ascending[Math.round(share * (ascending.length - 1))] ?? Number.NaN;
}

/** Every clip with blink labels in `folder` that can be had. */
export async function scoreClips(folder: string, progress: (step: string) => void): Promise<ClipsResult> {
  const clips: ClipEyes[] = [];
  const missing: { clip: string; reason: string }[] = [];
  const files = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith('.csv')) : [];
  for (const file of files.sort()) {
    const clip = basename(file, '.csv');
    progress(clip);
    try {
      const video = await blinkClip(clip, folder);
      const observations = observeVideo(video, undefined, { eyeNetwork: 'always' });
      clips.push(await scoreClip(clip, observations, readBlinkLabels(join(folder, file))));
    } catch (error) {
      if (!(error instanceof VigilError)) throw error;
      missing.push({ clip, reason: error.message });
    }
  }
  return { clips, missing };
}
