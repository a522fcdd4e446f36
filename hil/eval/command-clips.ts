import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { VigilError } from '../../src/runtime/errors.js';
import { readSpeech } from '../../src/audio/wav.js';

/** A recording of one command and what it means. */
export interface CommandClip {
  readonly name: string;
  readonly path: string;
  readonly intent: string;
  readonly slots: Readonly<Record<string, string>>;
}

export interface CommandClips {
  readonly clips: readonly CommandClip[];
  /** Labels whose recording is not there. */
  readonly missing: number;
}

/**
 * The labelled recordings of `speech/commands-coffee`, by name. Labels write a bare "milk" as " milk": spaces around a
 * value say nothing.
 * @throws VigilError `NO_EVALUATION_DATA`
 */
export function readCommandClips(dataDir: string): CommandClips {
  const folder = join(dataDir, 'speech', 'commands-coffee');
  const file = join(folder, 'label.json');
  if (!existsSync(file)) throw noData(file);
  const labels = JSON.parse(readFileSync(file, 'utf8')) as Record<
    string,
    { intent: string; slots?: Record<string, string> }
  >;
  const all = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
  const clips = all.flatMap(([name, { intent, slots = {} }]) => {
    const path = join(folder, 'wav', name);
    if (!existsSync(path)) return [];
    const trimmed = Object.entries(slots).map(([slot, value]) => [slot, value.trim()] as const);
    return [{ name, path, intent, slots: Object.fromEntries(trimmed) }];
  });
  if (clips.length === 0) throw noData(join(folder, 'wav'));
  return { clips, missing: all.length - clips.length };
}

export interface Noise {
  readonly name: string;
  /** At 16 kHz. */
  readonly samples: Float32Array;
}

/** Every recording of `speech/noise`, by name. @throws VigilError `NO_EVALUATION_DATA` */
export function readNoises(dataDir: string): Noise[] {
  const folder = join(dataDir, 'speech', 'noise');
  const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.wav')) : [];
  if (files.length === 0) throw noData(folder);
  return files.sort().map((name) => ({ name, samples: readSpeech(join(folder, name)) }));
}

function noData(where: string): VigilError {
  return new VigilError(
    'NO_EVALUATION_DATA',
    `Expected recordings with labels at ${where} but found none.`,
    'Set VIGIL_DATA to a folder that holds speech/commands-coffee and speech/noise.',
    { where },
  );
}
