import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { FaceTracker } from '../src/camera/face-tracker.js';
import { astronaut, fixtureJpegs, plain, type Picture } from './30-support.js';

/** Resident memory after collecting garbage, MiB. */
function residentMiB(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  return process.memoryUsage.rss() / 2 ** 20;
}

it('the process does not grow with the frames it has seen', { timeout: 180_000 }, async () => {
  const [small] = await fixtureJpegs();
  const pictures: Picture[] = [
    { format: 'jpeg', data: small },
    { format: 'jpeg', data: small.slice(0, 3000) },
    plain(20, 64, 48),
    astronaut(),
  ];
  const tracker = new FaceTracker({ dropPolicy: 'block', landmarks: true });
  let observed = 0;
  tracker.frames.subscribe(() => (observed += 1));
  let number = 0;
  const sizes: number[] = [];
  for (let round = 0; round < 6; round++) {
    for (let i = 0; i < 350; i++, number++)
      await tracker.pushWhenFree({ t: number, number, ...pictures[number % pictures.length] });
    await tracker.idle();
    sizes.push(residentMiB());
  }
  tracker.close();
  expect(observed).toBe(2100);
  // The heap's own size moves by some MiB up and down. 350 frames are 25 MiB of pixels: a leak of one
  // frame in six shows even between neighbours.
  const growth = Math.min(...sizes.slice(3)) - Math.max(...sizes.slice(0, 3));
  expect(growth).toBeLessThan(4);
});
