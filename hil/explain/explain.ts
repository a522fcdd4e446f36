import { VigilError } from '../../src/runtime/errors.js';
import type { ReplayOptions } from '../replay/options.js';
import { replay } from '../replay/replay.js';
import type { ReplayBatch, ReplayStart } from '../replay/report.js';
import { AlertFinder, type AlertEntry, type AlertWindow, type WindowLength } from './alert-window.js';

export interface Explained {
  readonly start: ReplayStart;
  readonly entries: readonly AlertEntry[];
  /** Null when only a list was asked for. */
  readonly window: AlertWindow | null;
}

/**
 * Replays a drive in lock-step up to the end of one alert and keeps what surrounds it; with `wanted` null the
 * whole drive, for the list.
 * @param onProgress drive time reached, ms
 * @throws VigilError `NO_SUCH_ALERT`, or what the replay throws
 */
export async function explain(
  options: Omit<ReplayOptions, 'speed'>,
  wanted: string | null,
  length: WindowLength,
  signal: AbortSignal,
  onProgress: (start: ReplayStart, reachedMs: number) => void,
): Promise<Explained> {
  const finder = new AlertFinder(wanted, length);
  const enough = new AbortController();
  let start: ReplayStart | undefined;
  await replay(
    { ...options, speed: 'max' },
    {
      start: (said) => {
        start = said;
      },
      batch: ({ outputs }: ReplayBatch) => {
        for (const output of outputs) finder.add(output);
        if (start !== undefined && outputs.length > 0) onProgress(start, outputs[outputs.length - 1].t);
        if (finder.complete) enough.abort();
      },
    },
    AbortSignal.any([signal, enough.signal]),
  );
  signal.throwIfAborted();
  const window = finder.window();
  if (wanted !== null && window === null) throw noSuchAlert(wanted, finder.entries);
  return { start: start!, entries: finder.entries, window };
}

function noSuchAlert(wanted: string, entries: readonly AlertEntry[]): VigilError {
  const known = entries.map(({ number, alert }) => `${number} (${alert.id})`).join(', ');
  return new VigilError(
    'NO_SUCH_ALERT',
    `Expected an alert with number or id ${wanted} but the drive has ${known === '' ? 'no alerts' : known}.`,
    'Leave out --alert to list them.',
    { wanted },
  );
}
