import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { readBlinkLabels, type BlinkLabel } from '../blink-labels.js';
import { blinkClip } from '../clip.js';

/** A film of somebody who is awake, apart from the closures that its labels name. */
export interface AttentiveClip {
  readonly name: string;
  readonly video: string;
  /** Null: not labelled, and known to hold no closure of a microsleep's length. */
  readonly labels: readonly BlinkLabel[] | null;
}

/** Published clips without labels that anybody can fetch; two people at a webcam, awake. */
const unlabelled = ['cap12_edit', 'cap13_edit2'];

/** The labelled clips of `video/blinks` in the data folder, and the unlabelled published ones. */
export async function attentiveClips(dataDir: string): Promise<AttentiveClip[]> {
  const folder = join(dataDir, 'video', 'blinks');
  const files = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith('.csv')) : [];
  const clips: AttentiveClip[] = [];
  for (const file of files.sort()) {
    const name = basename(file, '.csv');
    clips.push({ name, video: await blinkClip(name, folder), labels: readBlinkLabels(join(folder, file)) });
  }
  for (const name of unlabelled) {
    if (clips.some((clip) => name.startsWith(clip.name))) continue;
    clips.push({ name, video: await blinkClip(name, folder), labels: null });
  }
  return clips;
}

/** Labels for another frame rate of the same film. */
export function rescaled(labels: readonly BlinkLabel[], ratio: number): BlinkLabel[] {
  if (ratio === 1) return [...labels];
  return labels.map((label) => ({
    ...label,
    start: Math.floor(label.start * ratio),
    peak: Math.floor(label.peak * ratio),
    end: Math.ceil(label.end * ratio),
  }));
}
