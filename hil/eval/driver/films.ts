import type { Policy } from '../../../src/driver/policy/policy.js';
import { figures, scoreBlinks, type BlinkFigures } from '../blink-score.js';
import { poissonRate } from '../poisson.js';
import { observeVideo } from '../video-source.js';
import type { Interval } from '../wilson.js';
import { driveClip, type ClipDrive } from './attentive.js';
import { rescaled, type AttentiveClip } from './clips.js';
import { imageChanges, type ImageChange } from './image-change.js';

/** All clips under one change of the image. */
export interface FilmResult {
  readonly change: ImageChange;
  readonly drives: readonly ClipDrive[];
  /** Labelled clips only. */
  readonly blinks: BlinkFigures;
  readonly hours: number;
  readonly falseAlerts: number;
  readonly falseAlertsPerHour95: Interval;
  /** Share of the time with a known driver state, 0 to 1. */
  readonly knownShare: number;
}

/** States in which nothing is claimed about the driver. */
const unknownStates: readonly string[] = ['unavailable', 'noFace', 'calibrating', 'absent'];

/** Every clip under every change, through vision and the driver graph. */
export async function driveFilms(
  clips: readonly AttentiveClip[],
  policy: Policy,
  progress: (step: string) => void,
): Promise<FilmResult[]> {
  const framesAsFilmed = new Map<string, { frames: number; durationMs: number }>();
  const results: FilmResult[] = [];
  for (const change of imageChanges) {
    const drives: ClipDrive[] = [];
    const scores = [];
    for (const clip of clips) {
      progress(`${clip.name}, ${change.name}`);
      const filmed = framesAsFilmed.get(clip.name);
      const ratio =
        change.fps === null || filmed === undefined
          ? 1
          : (change.fps * filmed.durationMs) / 1000 / (filmed.frames - 1);
      const labels = rescaled(clip.labels ?? [], ratio);
      const drive = await driveClip(clip.name, observeVideo(clip.video, change), labels, policy);
      if (change.fps === null && filmed === undefined) framesAsFilmed.set(clip.name, drive);
      drives.push(drive);
      if (clip.labels !== null) scores.push(scoreBlinks(drive.closures, labels));
    }
    const hours = drives.reduce((sum, { durationMs }) => sum + durationMs, 0) / 3_600_000;
    const falseAlerts = drives.flatMap(({ alerts }) => alerts).filter(isFalse).length;
    results.push({
      change,
      drives,
      blinks: figures(scores),
      hours,
      falseAlerts,
      falseAlertsPerHour95: poissonRate(falseAlerts, hours),
      knownShare: knownShare(drives),
    });
  }
  return results;
}

/** Being told that monitoring does not work is no false alert about the driver. */
function isFalse({ justified, level }: ClipDrive['alerts'][number]): boolean {
  return !justified && level !== 'inform';
}

function knownShare(drives: readonly ClipDrive[]): number {
  let [known, all] = [0, 0];
  for (const { stateMs } of drives) {
    for (const [state, ms] of Object.entries(stateMs)) {
      all += ms;
      if (!unknownStates.includes(state)) known += ms;
    }
  }
  return all === 0 ? 0 : known / all;
}
