import { FaceTracker } from '../../src/camera/face-tracker.js';
import type { PhoneObservation } from '../../src/camera/phone-observation.js';
import { VigilError } from '../../src/runtime/errors.js';
import { MediaProgram, inputArguments } from '../import/ffmpeg.js';
import { splitJpegs } from '../import/jpeg-stream.js';

/** As often as the phone watch looks. */
const pictureIntervalMs = 1000;
/** A picture's name is a name, even where ffmpeg would take it for a pattern of many. */
const onePicture = ['-f', 'image2', '-pattern_type', 'none'];
/** ffmpeg's scale of 2 (best) to 31. */
const jpegQuality = 2;

/**
 * What the phone watch says about a picture or about one picture a second of a film; every look has a score, as the
 * least score of a phone is 0.
 * @throws VigilError `VIDEO_UNREADABLE`, `FFMPEG_MISSING`, or those of the face tracker
 */
export async function lookForPhones(file: string): Promise<PhoneObservation[]> {
  const observations: PhoneObservation[] = [];
  const tracker = new FaceTracker({
    dropPolicy: 'block',
    phone: { intervalMs: pictureIntervalMs, minScore: 0 },
  });
  tracker.phones.subscribe((observation) => observations.push(observation));
  const jpeg = ['-c:v', 'mjpeg', '-q:v', String(jpegQuality), '-f', 'image2pipe', 'pipe:1'];
  const single = /\.(jpe?g|png|ppm)$/i.test(file);
  const form = single ? onePicture : [];
  const rate = single ? ['-frames:v', '1'] : ['-vf', `fps=1000/${pictureIntervalMs}`];
  const ffmpeg = new MediaProgram(
    'ffmpeg',
    ['-v', 'error', ...form, ...inputArguments(file), ...rate, ...jpeg],
    1,
    undefined,
  );
  try {
    let number = 0;
    for await (const data of splitJpegs(ffmpeg.stdout)) {
      await tracker.pushWhenFree({ t: number * pictureIntervalMs, number, format: 'jpeg', data });
      number += 1;
    }
    await tracker.idle();
    const { code, complaints } = await ffmpeg.end;
    if (code !== 0 || number === 0) {
      throw new VigilError(
        'VIDEO_UNREADABLE',
        `Expected pictures in ${file} but found ${number}: ${complaints.join(' ')}.`,
        'ffmpeg must be installed and able to read the file.',
        { file },
      );
    }
    return observations;
  } finally {
    ffmpeg.stop();
    tracker.close();
  }
}
