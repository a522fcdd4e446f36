import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadPolicy } from '../../src/driver/policy/policy.js';
import { VigilError } from '../../src/runtime/errors.js';
import { attentiveClips } from './driver/clips.js';
import { driveFilms } from './driver/films.js';
import { driverReport, type Part } from './driver/report.js';
import type { Evaluation, EvaluationInput } from './evaluation.js';

/**
 * The whole driver path over all data in one report: films of attentive people as filmed and with worse images,
 * then every other evaluation of the driver path.
 * @param others evaluations to include
 */
export function driverEvaluation(others: readonly Evaluation[]): Evaluation {
  return {
    name: 'driver',
    about: 'everything about driver monitoring in one report (Markdown, plots with --output DIR)',
    run: async (input) => {
      const films = await driveFilms(await attentiveClips(input.dataDir), loadPolicy(), input.progress);
      const parts: Part[] = [];
      const json: Record<string, unknown> = {};
      for (const other of others) {
        const { text, facts } = await partOf(other, input);
        parts.push({ name: other.name, about: other.about, text });
        json[other.name] = facts;
      }
      const report = driverReport(films, parts);
      if (input.outputDir !== undefined) write(input.outputDir, report.text, report.plots);
      const { text } = report;
      return { text, json: { films: films.map(filmFacts), ...json } };
    },
  };
}

/** An evaluation whose data is not there is named, and does not take the others with it. */
async function partOf(
  evaluation: Evaluation,
  input: EvaluationInput,
): Promise<{ text: string; facts: Readonly<Record<string, unknown>> }> {
  try {
    const { text, json } = await evaluation.run({
      ...input,
      progress: (step) => input.progress(`${evaluation.name}: ${step}`),
    });
    return { text, facts: json };
  } catch (error) {
    if (!(error instanceof VigilError && error.code === 'NO_EVALUATION_DATA')) throw error;
    return { text: `Not measured: ${error.message}`, facts: { notMeasured: error.message } };
  }
}

function filmFacts(film: Awaited<ReturnType<typeof driveFilms>>[number]): object {
  const { change, blinks, hours, falseAlerts, falseAlertsPerHour95, knownShare, drives } = film;
  return {
    image: change.name,
    blinks,
    hours,
    falseAlerts,
    falseAlertsPerHour95,
    knownShare,
    clips: drives.map(({ clip, frames, durationMs, alerts, stateMs }) => ({
      clip,
      frames,
      durationMs,
      alerts,
      stateMs,
    })),
  };
}

function write(folder: string, text: string, plots: ReadonlyMap<string, string>): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'report.md'), `${text}\n`);
  for (const [name, svg] of plots) writeFileSync(join(folder, name), svg);
}
