import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { FaceObservation } from '../../src/camera/observation.js';
import { stepDriver } from '../../src/driver/driver.js';
import { initialDriver } from '../../src/driver/memory.js';
import { loadPolicy } from '../../src/driver/policy/policy.js';
import { VigilError } from '../../src/runtime/errors.js';
import { readBlinkLabels } from './blink-labels.js';
import {
  figures,
  scoreBlinks,
  type BlinkFigures,
  type BlinkScore,
  type DetectedBlink,
} from './blink-score.js';
import { blinkClip } from './clip.js';
import type { Evaluation } from './evaluation.js';
import { observeVideo } from './video-source.js';
import type { Interval } from './wilson.js';

interface ClipResult {
  readonly clip: string;
  readonly frames: number;
  readonly fps: number;
  readonly score: BlinkScore;
}

/** Frames of every closure (blink or long) that the driver graph reports for these observations. */
export async function detectBlinks(
  observations: AsyncIterable<FaceObservation>,
): Promise<{ blinks: DetectedBlink[]; frames: number; fps: number }> {
  let driver = initialDriver({ policy: loadPolicy() });
  const frameAt = new Map<number, number>();
  const blinks: DetectedBlink[] = [];
  let first = Number.NaN;
  let last = Number.NaN;
  for await (const observation of observations) {
    const { t, frame } = observation;
    frameAt.set(t, frame);
    if (frameAt.size === 1) first = t;
    last = t;
    const step = stepDriver(driver, { kind: 'observation', observation });
    driver = step.driver;
    for (const output of step.outputs) {
      if (output.kind !== 'blink' && output.kind !== 'closure') continue;
      const event = output.kind === 'blink' ? output.blink : output.closure;
      // An onset moved back by a fixed time may fall between two frames: then the next frame shows it first.
      blinks.push({ start: frameFrom(frameAt, event.startMs), end: frameFrom(frameAt, event.endMs) });
    }
  }
  const frames = frameAt.size;
  // A video may end in the middle of a closure, which the graph rightly does not call over.
  const { lids } = driver.view.eyes.blink;
  if (lids.kind === 'closed' && lids.wasDeep)
    blinks.push({ start: frameFrom(frameAt, lids.onsetMs), end: frames });
  return { blinks, frames, fps: frames < 2 ? Number.NaN : ((frames - 1) * 1000) / (last - first) };
}

function frameFrom(frameAt: ReadonlyMap<number, number>, t: number): number {
  const exact = frameAt.get(t);
  if (exact !== undefined) return exact;
  for (const [time, frame] of frameAt) if (time >= t) return frame;
  return frameAt.size;
}

/** Lines of JSON, one observation each, as an alternative to running vision over the video again. */
async function* recordedObservations(file: string): AsyncGenerator<FaceObservation, void, undefined> {
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    if (line !== '') yield await Promise.resolve(JSON.parse(line) as FaceObservation);
  }
}

/**
 * Blinks against hand labels: `video/blinks/NAME.csv` in the data folder with `NAME.mp4` beside it, else the
 * published clip of that name.
 */
export const blinks: Evaluation = {
  name: 'blinks',
  about: 'blink and closure events against hand-labelled frames of real videos',
  run: async ({ dataDir, observationsDir, progress }) => {
    const folder = join(dataDir, 'video', 'blinks');
    const files = existsSync(folder)
      ? readdirSync(folder)
          .filter((file) => file.endsWith('.csv'))
          .sort()
      : [];
    if (files.length === 0) {
      throw new VigilError(
        'NO_EVALUATION_DATA',
        `Expected blink labels as NAME.csv in ${folder} but found none.`,
        'Set VIGIL_DATA to a folder that holds video/blinks.',
        { folder },
      );
    }
    const results: ClipResult[] = [];
    for (const file of files) {
      const clip = basename(file, '.csv');
      progress(clip);
      const labels = readBlinkLabels(join(folder, file));
      const recorded = observationsDir === undefined ? '' : join(observationsDir, `${clip}.jsonl`);
      const observations = existsSync(recorded)
        ? recordedObservations(recorded)
        : observeVideo(await blinkClip(clip, folder));
      const found = await detectBlinks(observations);
      results.push({ clip, frames: found.frames, fps: found.fps, score: scoreBlinks(found.blinks, labels) });
    }
    return { text: table(results), json: report(results) };
  },
};

function report(results: readonly ClipResult[]): Record<string, unknown> {
  const total = figures(results.map(({ score }) => score));
  return {
    ...total,
    unit: 'event',
    clips: results.map(({ clip, frames, fps, score }) => ({
      clip,
      frames,
      fps: Math.round(fps * 1000) / 1000,
      ...figures([score]),
      missed: score.missed.map(({ start, end }) => ({ start, end })),
      wrong: score.wrong,
    })),
  };
}

const columns = [
  'clip',
  'fps',
  'n',
  'found',
  'false',
  'undecided',
  'precision',
  'recall',
  'F1',
  'start error (frames)',
];

function table(results: readonly ClipResult[]): string {
  const rows = results.map(({ clip, fps, score }) => row(clip, fps.toFixed(1), figures([score])));
  const total = figures(results.map(({ score }) => score));
  const cells = [columns, ...rows, row('total', '', total)];
  const widths = columns.map((_, column) => Math.max(...cells.map((line) => line[column].length)));
  const lines = cells.map((line) =>
    line
      .map((cell, column) => cell.padEnd(widths[column]))
      .join('  ')
      .trimEnd(),
  );
  const missed = results.flatMap(({ clip, score }) =>
    score.missed.map(({ start, end }) => `missed: ${clip} frames ${start} to ${end}`),
  );
  const wrong = results.flatMap(({ clip, score }) =>
    score.wrong.map(({ start, end }) => `false: ${clip} frames ${start} to ${end}`),
  );
  return [
    ...lines,
    ...missed,
    ...wrong,
    `Unit: labelled eye closures (events), ${total.n} in ${results.length} clip(s); 95 % Wilson intervals treat them as`,
    'independent, which events of one person in one clip are not: the clip is the safer unit.',
  ].join('\n');
}

function row(clip: string, fps: string, f: BlinkFigures): string[] {
  return [
    clip,
    fps,
    String(f.n),
    String(f.found),
    String(f.falsePositives),
    String(f.undecided),
    `${share(f.precision)} ${interval(f.precision95)}`,
    `${share(f.recall)} ${interval(f.recall95)}`,
    share(f.f1),
    `median ${f.startErrorFramesMedian}, max ${f.startErrorFramesMax}`,
  ];
}

function share(value: number): string {
  return value.toFixed(3);
}

function interval({ low, high }: Interval): string {
  return Number.isNaN(low) ? '[-]' : `[${share(low)}, ${share(high)}]`;
}
