import type { ChartRow } from './interval-chart.js';
import { intervalChart } from './interval-chart.js';
import type { FilmResult } from './films.js';

/** A part of the report: what an evaluation of its own says, or why it could not be made. */
export interface Part {
  readonly name: string;
  readonly about: string;
  readonly text: string;
}

/** How much observation a rate below one an hour takes before it may be claimed, h. */
const claimFromHours = 3;

export interface Report {
  /** Markdown. */
  readonly text: string;
  /** File name to SVG. */
  readonly plots: ReadonlyMap<string, string>;
}

/** One report over everything measured about the driver path. */
export function driverReport(films: readonly FilmResult[], parts: readonly Part[]): Report {
  const plots = new Map([
    ['closures-found.svg', closuresChart(films)],
    ['false-alerts.svg', falseAlertsChart(films)],
  ]);
  const text = [
    '# Driver monitoring, measured',
    '',
    '## Films of people who are awake',
    '',
    ...filmLines(films),
    '',
    '![eye closures found](closures-found.svg)',
    '![false alerts per hour](false-alerts.svg)',
    '',
    ...parts.flatMap(({ name, about, text: said }) => [
      `## ${name}`,
      '',
      `${about}.`,
      '',
      '```',
      said,
      '```',
      '',
    ]),
  ].join('\n');
  return { text, plots };
}

function filmLines(films: readonly FilmResult[]): string[] {
  const clips = films.at(0)?.drives.length ?? 0;
  const hours = films.at(0)?.hours ?? 0;
  const rows = films.map(({ change, blinks, falseAlerts, falseAlertsPerHour95, knownShare }) => {
    const { n, found, falsePositives, recall95, startErrorFramesMax } = blinks;
    return [
      change.name,
      `${found} of ${n} [${share(recall95.low)}, ${share(recall95.high)}]`,
      String(falsePositives),
      String(startErrorFramesMax),
      String(falseAlerts),
      `${falseAlertsPerHour95.low.toFixed(2)} to ${falseAlertsPerHour95.high.toFixed(1)}`,
      `${(100 * knownShare).toFixed(1)} %`,
    ];
  });
  const header = [
    'image',
    'closures found [95 %]',
    'false closures',
    'start error (frames, max)',
    'false alerts',
    'false alerts per hour, 95 %',
    'state known',
  ];
  return [
    table([header, ...rows]),
    '',
    `${clips} clips, ${(hours * 60).toFixed(1)} minutes in all. Closures: unit is the labelled event, which events of one person`,
    'are not independent of. Alerts: every alert at a steady 80 km/h that no labelled closure explains; exact Poisson',
    hours >= claimFromHours
      ? 'interval.'
      : `interval. Below ${claimFromHours} h no rate below one an hour can be claimed, and none is.`,
    '',
    ...films.map(({ change }) => `- ${change.name}: ${change.about === '' ? 'no change' : change.about}`),
    '',
    'Alerts raised:',
    '',
    ...alertLines(films),
  ];
}

function alertLines(films: readonly FilmResult[]): string[] {
  const lines = films.flatMap(({ change, drives }) =>
    drives.flatMap(({ clip, alerts }) =>
      alerts.map(({ rule, level, startedMs, justified }) => {
        const why = justified
          ? 'a labelled closure explains it'
          : level === 'inform'
            ? 'told about itself'
            : 'FALSE';
        return `- ${change.name}, ${clip} at ${(startedMs / 1000).toFixed(2)} s: ${rule} (${level}), ${why}`;
      }),
    ),
  );
  return lines.length === 0 ? ['- none'] : lines;
}

function closuresChart(films: readonly FilmResult[]): string {
  const rows = films.map(({ change, blinks }): ChartRow => ({
    label: change.name,
    value: blinks.recall,
    low: blinks.recall95.low,
    high: blinks.recall95.high,
    goal: null,
  }));
  const title = 'Labelled eye closures found, 95 % interval over events';
  return intervalChart(rows, { title, axis: 'share found', from: 0, to: 1 });
}

function falseAlertsChart(films: readonly FilmResult[]): string {
  const rows = films.map(({ change, falseAlerts, hours, falseAlertsPerHour95: { low, high } }): ChartRow => ({
    label: change.name,
    value: hours > 0 ? falseAlerts / hours : Number.NaN,
    low,
    high,
    goal: 1,
  }));
  const most = Math.max(1, ...rows.map(({ high }) => (Number.isFinite(high) ? high : 1)));
  const title = 'False alerts per hour of attentive film, exact 95 % interval';
  return intervalChart(rows, { title, axis: 'alerts per hour (goal: below 1)', from: 0, to: most });
}

/** A Markdown table. */
export function table(rows: readonly (readonly string[])[]): string {
  const [header, ...body] = rows.map((row) => `| ${row.join(' | ')} |`);
  return [header, `|${rows[0].map(() => '---').join('|')}|`, ...body].join('\n');
}

function share(value: number): string {
  return Number.isFinite(value) ? value.toFixed(3) : '-';
}
