import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dbcText, scratchFolder } from './60-support/drive.js';
import { ffmpeg } from './60-support/media.js';

/** The log's own stamps, s; the fourth frame steps back a little, as on two buses. */
const stamps = [1700000000.0001, 1700000000.0101, 1700000001.5001, 1700000001.4999, 1700000002.5002];
export const canLog = [
  `(${stamps[0].toFixed(6)}) can0 123#0102030405060708`,
  `(${stamps[1].toFixed(6)}) can0 1ABCDEF0#11`,
  `(${stamps[2].toFixed(6)}) can1 100##5AABBCC`,
  `(${stamps[3].toFixed(6)}) can0 7FF#`,
  `(${stamps[4].toFixed(6)}) can0 123#FF`,
].join('\n');

/**
 * A scratch folder with what the imports read: `video.mp4` (2 s at 10 frames/s, with sound), `uneven.mkv`,
 * `long.mkv`, `drive.log` (`canLog`) and `car.dbc`.
 */
export async function importInputs(): Promise<{ folder: string; clean: () => Promise<void> }> {
  const { folder, clean } = await scratchFolder();
  const at = (name: string) => join(folder, name);
  await ffmpeg(
    ...[
      '-f',
      'lavfi',
      '-i',
      'testsrc=size=96x64:rate=10:duration=2',
      '-f',
      'lavfi',
      '-i',
      'sine=frequency=440:duration=2',
    ],
    ...['-c:v', 'libx264', '-pix_fmt', 'yuv420p', '-c:a', 'aac', '-movflags', 'faststart', at('video.mp4')],
  );
  // Uneven stamps with a pause: frames at 0, 100, ... 400 ms and then every 350 ms.
  await ffmpeg(
    ...[
      '-f',
      'lavfi',
      '-i',
      'testsrc=size=96x64:rate=10:duration=1',
      '-c:v',
      'mjpeg',
      '-fps_mode',
      'vfr',
      '-enc_time_base',
      '1/1000',
    ],
    ...['-vf', "settb=1/1000,setpts='if(lt(N,5),N*100,400+(N-4)*350)'", at('uneven.mkv')],
  );
  // Long enough to interrupt: two seconds of pictures six hundred times.
  await ffmpeg('-stream_loop', '599', '-i', at('video.mp4'), '-map', '0:v', '-c', 'copy', at('long.mkv'));
  await writeFile(at('drive.log'), `${canLog}\n`);
  await writeFile(at('car.dbc'), dbcText);
  return { folder, clean };
}
