import { setTimeout as sleep } from 'node:timers/promises';
import { openMicrophone } from '../../audio/open-microphone.js';
import { levelDb } from '../../audio/pcm.js';
import type { Clock } from '../../runtime/clock.js';
import type { SourceState } from '../../runtime/sources/source-state.js';
import type { MicrophoneConfig } from '../config/schema.js';
import { fail, ok, warn, type Finding } from './finding.js';

/** What counts as clipped: within one percent of full scale. */
const clipped = 0.99;

/** Listens for some seconds: does sound come, how loud, clipped, how noisy. */
export async function checkMicrophone(
  { zone, source: address, sampleRateHz }: MicrophoneConfig,
  clock: Clock,
  seconds: number,
): Promise<Finding> {
  const part = `microphone ${zone}`;
  const source = openMicrophone(address, clock, { rate: sampleRateHz, channels: 1 });
  const levels: number[] = [];
  let state: SourceState = { kind: 'starting' };
  let samples = 0;
  let clips = 0;
  source.state$.subscribe((next) => (state = next));
  source.chunks$.subscribe(({ samples: piece }) => {
    levels.push(levelDb(piece));
    samples += piece.length;
    for (const sample of piece) if (Math.abs(sample) >= clipped) clips += 1;
  });
  await sleep(seconds * 1000);
  source.close();
  return judge(
    part,
    address,
    levels.sort((a, b) => a - b),
    { samples, clips, seconds, sampleRateHz, state },
  );
}

function judge(
  part: string,
  address: string,
  levels: readonly number[],
  heard: {
    readonly samples: number;
    readonly clips: number;
    readonly seconds: number;
    readonly sampleRateHz: number;
    readonly state: SourceState;
  },
): Finding {
  const { samples, clips, seconds, sampleRateHz, state } = heard;
  if (samples === 0) {
    const why = state.kind === 'down' ? ` (${state.reason})` : '';
    return fail(
      part,
      `${address}: no sound in ${seconds} s${why}`,
      'Check the device (arecord -l) and who else uses it.',
    );
  }
  const quiet = levels[Math.floor(levels.length * 0.1)];
  const loud = levels[Math.floor(levels.length * 0.95)];
  const rate = samples / seconds;
  const found = `${address}: noise ${quiet.toFixed(0)} dB, loudest ${loud.toFixed(0)} dB of full scale, ${clips} samples clipped, ${(rate / 1000).toFixed(1)} kHz`;
  if (loud < -90)
    return fail(part, found, 'Nothing but digital silence: the microphone is muted or not connected.');
  if (clips > samples * 0.001)
    return warn(part, found, 'Turn the gain down: clipped speech is not understood.');
  if (quiet > -30)
    return warn(part, found, 'The noise is loud against full scale: less gain, or another place.');
  if (Math.abs(rate - sampleRateHz) > 0.1 * sampleRateHz)
    return warn(part, found, `Expected ${sampleRateHz} samples a second: correct sampleRateHz.`);
  return ok(part, found);
}
