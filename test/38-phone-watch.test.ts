import { describe, expect, it } from 'vitest';
import { FaceTracker, type FaceTrackerOptions } from '../src/camera/face-tracker.js';
import type { Box } from '../src/camera/observation.js';
import type { PhoneObservation } from '../src/camera/phone-observation.js';
import { readSighting } from '../src/camera/phone-addon.js';
import { astronaut, fixtureJpegs, plain, type Picture } from './30-support.js';

// Where phone observations come, when, and that nothing else changes by them. How well phones are found: docs/phone.md.

interface Told {
  /** Frames and phone observations in the order in which they were published. */
  readonly order: string[];
  readonly phones: PhoneObservation[];
  readonly faces: string[];
}

/** Pictures 40 ms apart, in lock-step. */
async function tell(pictures: readonly Picture[], options: FaceTrackerOptions): Promise<Told> {
  const tracker = new FaceTracker({ dropPolicy: 'block', ...options });
  const told: Told = { order: [], phones: [], faces: [] };
  tracker.frames.subscribe(({ observation }) => {
    told.order.push(`frame ${observation.frame}`);
    told.faces.push(JSON.stringify(observation));
  });
  tracker.phones.subscribe((phone) => {
    told.order.push(`phone ${phone.frame}`);
    told.phones.push(phone);
  });
  try {
    for (const [number, picture] of pictures.entries())
      await tracker.pushWhenFree({ t: number * 40, number, ...picture });
    await tracker.idle();
  } finally {
    tracker.close();
  }
  return told;
}

/** The photo with a flat dark rectangle with a frame, as large as a phone beside that face. No hand holds it. */
function withRectangle(centreX: number, centreY: number): { picture: Picture; box: Box } {
  const photo = astronaut();
  const data = Uint8Array.from(photo.data);
  const [width, height] = [15, 30];
  for (let y = 0; y < photo.height; y++) {
    for (let x = 0; x < photo.width; x++) {
      const across = (2 * Math.abs(x - centreX)) / width;
      const along = (2 * Math.abs(y - centreY)) / height;
      if (across > 1 || along > 1) continue;
      data.fill(
        across < 0.88 && along < 0.82 ? 9 : 31,
        (y * photo.width + x) * 3,
        (y * photo.width + x + 1) * 3,
      );
    }
  }
  return {
    picture: { ...photo, data },
    box: { x: centreX - width / 2, y: centreY - height / 2, width, height },
  };
}

/** Shared area over the area of both. */
function overlap(a: Box, b: Box): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  const shared = Math.max(0, width) * Math.max(0, height);
  return shared / (a.width * a.height + b.width * b.height - shared);
}

async function fixture(count: number): Promise<Picture[]> {
  return (await fixtureJpegs()).slice(0, count).map((data) => ({ format: 'jpeg', data }));
}

describe('phone watch', () => {
  it('is unavailable unless it was asked for, once an interval, and costs nothing', async () => {
    const { phones } = await tell(await fixture(60), {});
    expect(phones.map(({ t, frame }) => [t, frame])).toEqual([
      [0, 0],
      [1000, 25],
      [2000, 50],
    ]);
    for (const phone of phones)
      expect(phone).toMatchObject({ kind: 'unavailable', reason: 'phoneDetectorUnproven' });
    const tracker = new FaceTracker();
    expect(tracker.phoneCounters()).toBeUndefined();
    tracker.close();
  });

  it('looks once an interval in lock-step, and says so right after the frame', async () => {
    const { phones, order } = await tell(await fixture(40), { phone: { intervalMs: 400 } });
    expect(phones.map(({ t }) => t)).toEqual([0, 400, 800, 1200]);
    for (const { frame } of phones) expect(order[order.indexOf(`phone ${frame}`) - 1]).toBe(`frame ${frame}`);
    for (const { kind } of phones) expect(kind).toBe('noPhone');
  });

  it('gives the same for the same pictures, and changes nothing about faces', async () => {
    const pictures = [...(await fixture(30)), plain(90), ...(await fixture(10))];
    const without = await tell(pictures, {});
    const first = await tell(pictures, { phone: { intervalMs: 200 } });
    const second = await tell(pictures, { phone: { intervalMs: 200 } });
    expect(first).toEqual(second);
    expect(first.faces).toEqual(without.faces);
    expect(first.phones.length).toBe(9);
  });

  it('calls what has the score a phone, with its box in the full-size picture', async () => {
    const { phones } = await tell([astronaut()], { phone: { minScore: 0.01 } });
    const [phone] = phones;
    if (phone.kind !== 'phone') throw new Error(`expected a phone but got ${phone.kind}`);
    expect(phone.score).toBeGreaterThan(0.01);
    expect(phone.box.x).toBeGreaterThanOrEqual(0);
    expect(phone.box.x + phone.box.width).toBeLessThanOrEqual(256);
    expect(['atEar', 'inHand']).toContain(phone.place);
  });

  // Plumbing only: scale, letterbox and place. The score of a drawn phone stays far below that of a phone.
  it.each([
    [60, 110, 'atEar'],
    [190, 110, 'atEar'],
    [60, 220, 'inHand'],
    [190, 220, 'inHand'],
  ])('puts the box where a phone is drawn: %d, %d, %s', async (x, y, place) => {
    const { picture, box } = withRectangle(x, y);
    const { phones } = await tell([picture], { phone: { minScore: 0 } });
    const [phone] = phones;
    if (phone.kind !== 'phone') throw new Error(`expected a box but got ${phone.kind}`);
    expect(overlap(phone.box, box)).toBeGreaterThan(0.5);
    expect(phone.place).toBe(place);
  });

  it('looks also at pictures without a face, and not at unreadable ones', async () => {
    const broken: Picture = { format: 'jpeg', data: new Uint8Array(100) };
    const { phones } = await tell([broken, broken, plain(120)], { phone: { minScore: 0 } });
    expect(phones.map(({ frame }) => frame)).toEqual([2]);
    expect(phones[0]).toMatchObject({ place: 'unplaced' });
  });

  it('neither holds up the frames of a live camera nor its end', async () => {
    const tracker = new FaceTracker({ phone: { intervalMs: 0 } });
    const frames: number[] = [];
    tracker.frames.subscribe(({ observation }) => frames.push(observation.frame));
    const phones: PhoneObservation[] = [];
    tracker.phones.subscribe((phone) => phones.push(phone));
    for (let number = 0; number < 20; number++) {
      tracker.push({ t: number * 33, number, ...astronaut() });
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await tracker.idle();
    const counters = tracker.phoneCounters();
    tracker.close();
    expect(frames.at(-1)).toBe(19);
    expect(counters?.failed).toBe(0);
    // On a busy machine an idle thread may not have had its turn; what it said is about frames that were shown.
    for (const phone of phones) expect(frames).toContain(phone.frame);
    const { looked = 0, skipped = 0, yielded = 0 } = counters ?? {};
    expect(looked + skipped + yielded).toBeGreaterThan(0);
  });

  it('reads failures and scores below the least', () => {
    const row = [0, 1000, 25, 0, 0.5, 10, 20, 30, 40, 1, 100, 20, 50, 60];
    const sighting = (changes: Record<number, number>, minScore = 0.3) =>
      readSighting(
        Float64Array.from(row, (value, i) => changes[i] ?? value),
        0,
        minScore,
      );
    expect(sighting({})).toEqual({
      kind: 'phone',
      t: 1000,
      frame: 25,
      score: 0.5,
      box: { x: 10, y: 20, width: 30, height: 40 },
      place: 'inHand',
    });
    expect(sighting({ 5: 80 })).toMatchObject({ place: 'atEar' });
    expect(sighting({ 9: 0 })).toMatchObject({ place: 'unplaced' });
    expect(sighting({}, 0.6)).toEqual({ kind: 'noPhone', t: 1000, frame: 25, score: 0.5 });
    expect(sighting({ 3: 1 })).toEqual({
      kind: 'unavailable',
      t: 1000,
      frame: 25,
      reason: 'inferenceFailed',
    });
  });
});
