import type { FaultReason } from '../../src/driver/visibility/fault.js';
import type { EvaluationResult } from './evaluation.js';
import type { EpisodeResult } from './visibility-episode.js';
import { wilson, type Interval } from './wilson.js';

export interface CauseScore {
  readonly cause: string;
  readonly episodes: readonly (EpisodeResult & { readonly film: string })[];
}

export interface FalseFault {
  readonly film: string;
  readonly t: number;
  readonly reason: FaultReason;
}

interface CauseFigures {
  readonly cause: string;
  readonly n: number;
  readonly detected: number;
  readonly detected95: Interval;
  readonly medianMs: number | null;
  readonly maxMs: number | null;
  readonly asSleep: number;
  readonly missed: readonly { readonly film: string; readonly said: readonly FaultReason[] }[];
}

function figuresOf({ cause, episodes }: CauseScore): CauseFigures {
  const times = episodes
    .flatMap(({ afterMs }) => (afterMs === null ? [] : [Math.round(afterMs)]))
    .sort((a, b) => a - b);
  return {
    cause,
    n: episodes.length,
    detected: times.length,
    detected95: wilson(times.length, episodes.length),
    medianMs: times.at(times.length >> 1) ?? null,
    maxMs: times.at(-1) ?? null,
    asSleep: episodes.filter(({ asSleep }) => asSleep).length,
    missed: episodes
      .filter(({ afterMs }) => afterMs === null)
      .map(({ film, reasons }) => ({ film, said: reasons })),
  };
}

export function visibilityReport(
  scores: readonly CauseScore[],
  faults: readonly FalseFault[],
  falseFaults: number,
  hours: number,
  perHour95: Interval,
): EvaluationResult {
  const causes = scores.map(figuresOf);
  const n = causes.reduce((sum, cause) => sum + cause.n, 0);
  const detected = causes.reduce((sum, cause) => sum + cause.detected, 0);
  const people = new Set(scores.flatMap(({ episodes }) => episodes.map(({ film }) => film))).size;
  return {
    json: {
      detected,
      n,
      detected95: wilson(detected, n),
      unit: 'episode',
      films: people,
      falseFaults,
      hours,
      falseFaultsPerHour95: perHour95,
      causes,
      saidOfUnchangedFilms: faults,
    },
    text: text(causes, faults, falseFaults, hours, perHour95, people),
  };
}

function text(
  causes: readonly CauseFigures[],
  faults: readonly FalseFault[],
  falseFaults: number,
  hours: number,
  { high }: Interval,
  filmCount: number,
): string {
  const header = ['cause', 'named', 'of', '95 %', 'median ms', 'max ms', 'as sleep'];
  const rows = causes.map(({ cause, detected, n, detected95, medianMs, maxMs, asSleep }) => [
    cause,
    String(detected),
    String(n),
    `[${detected95.low.toFixed(2)}, ${detected95.high.toFixed(2)}]`,
    medianMs === null ? '-' : String(medianMs),
    maxMs === null ? '-' : String(maxMs),
    String(asSleep),
  ]);
  const widths = header.map((_, i) => Math.max(...[header, ...rows].map((row) => row[i].length)));
  const lines = [header, ...rows].map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i]))
      .join('  ')
      .trimEnd(),
  );
  return [
    ...lines,
    ...causes.flatMap(({ cause, missed }) =>
      missed.map(({ film, said }) => `missed: ${cause} on ${film}; said ${said.join(', ') || 'nothing'}`),
    ),
    ...faults.map(({ film, t, reason }) => `unchanged: ${reason} on ${film} at ${(t / 1000).toFixed(1)} s`),
    `Unchanged films: ${falseFaults} false faults in ${hours.toFixed(3)} h, at most ${high.toFixed(1)}/h (95 %, exact);`,
    'several faces are told, not counted.',
    `Unit: episode; several come from each of ${filmCount} films, so the film is the safer unit. What covers the`,
    'face is drawn, not filmed: it tests the arithmetic on real faces, not every pair of glasses.',
  ].join('\n');
}
