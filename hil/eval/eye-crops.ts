import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { VigilError, messageOf } from '../../src/runtime/errors.js';
import { isPng, readPng, type GreyImage } from './png.js';

const run = promisify(execFile);

/** What is known of one eye crop; a label that the data set does not give is null. */
export interface EyeLabel {
  readonly subject: string;
  readonly closed: boolean;
  readonly glasses: string | null;
  readonly reflections: string | null;
  readonly lighting: string | null;
  readonly sensor: string | null;
}

export interface LabelledCrop {
  readonly file: string;
  readonly label: EyeLabel;
}

export interface FoundCrops {
  /** In the order of the file names. */
  readonly crops: readonly LabelledCrop[];
  /** Pictures without a label. */
  readonly unlabelled: number;
}

const picture = /\.(png|jpe?g|bmp|pgm|tiff?)$/i;
const glasses: Readonly<Record<string, string>> = { 0: 'none', 1: 'glasses' };
const reflections: Readonly<Record<string, string>> = { 0: 'none', 1: 'small', 2: 'big' };
const lighting: Readonly<Record<string, string>> = { 0: 'bad', 1: 'good' };
const sensors: Readonly<Record<string, string>> = { 1: 'RealSense', 2: 'IDS', 3: 'Aptina' };

/**
 * The label in a file name of the MRL Eye dataset (Fusek 2018):
 * subject_image_gender_glasses_eye_reflections_lighting_sensor. Null for any other name.
 */
export function labelOfName(name: string): EyeLabel | null {
  const fields = /^(s\d+)_\d+_\d_(\d)_([01])_(\d)_(\d)_(\d+)\.\w+$/i.exec(name);
  if (fields === null) return null;
  const [, subject, glass, open, reflection, light, sensor] = fields;
  return label(subject, open, glass, reflection, light, sensor);
}

/**
 * Labels by file name from a labels.csv, for crops whose names say nothing. Columns are found by how their names
 * begin: file, subject, eye, glasses, reflections, lighting, sensor; the first three are needed.
 */
export function parseLabels(text: string): ReadonlyMap<string, EyeLabel> {
  const [head = '', ...lines] = text.split(/\r?\n/);
  const names = head.split(',').map((name) => name.trim().toLowerCase());
  const column = (start: string): number => names.findIndex((name) => name.startsWith(start));
  const [file, subject, eye] = ['file', 'subject', 'eye'].map(column);
  const others = ['glasses', 'reflections', 'lighting', 'sensor'].map(column);
  const labels = new Map<string, EyeLabel>();
  if (file < 0 || subject < 0 || eye < 0) return labels;
  for (const line of lines) {
    const cells = line.split(',').map((cell) => cell.trim());
    if (!['0', '1'].includes(cells.at(eye) ?? '')) continue;
    const [g, r, l, s] = others.map((at) => (at < 0 ? '' : (cells.at(at) ?? '')));
    labels.set(cells[file], label(cells[subject], cells[eye], g, r, l, s));
  }
  return labels;
}

function label(subject: string, open: string, ...other: [string, string, string, string]): EyeLabel {
  const [glass, reflection, light, sensor] = other;
  return {
    subject,
    closed: open === '0',
    glasses: glasses[glass] ?? null,
    reflections: reflections[reflection] ?? null,
    lighting: lighting[light] ?? null,
    sensor: sensors[String(Number(sensor))] ?? null,
  };
}

/** Every labelled crop in a folder and those below it, at any depth. */
export function findCrops(folder: string): FoundCrops {
  const crops: LabelledCrop[] = [];
  let unlabelled = 0;
  const visit = (at: string): void => {
    const list = join(at, 'labels.csv');
    let listed: ReadonlyMap<string, EyeLabel> | undefined;
    for (const entry of readdirSync(at, { withFileTypes: true })) {
      const file = join(at, entry.name);
      if (entry.isDirectory()) visit(file);
      else if (picture.test(entry.name)) {
        listed ??= existsSync(list) ? parseLabels(readFileSync(list, 'utf8')) : new Map<string, EyeLabel>();
        const known = labelOfName(entry.name) ?? listed.get(entry.name);
        if (known === undefined) unlabelled++;
        else crops.push({ file, label: known });
      }
    }
  };
  if (existsSync(folder)) visit(folder);
  crops.sort((a, b) => compare(basename(a.file), basename(b.file)) || compare(a.file, b.file));
  return { crops, unlabelled };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Luma of a picture; other formats than PNG are converted by ffmpeg. @throws VigilError `IMAGE_UNREADABLE` */
export async function readCrop(file: string): Promise<GreyImage> {
  const bytes = readFileSync(file);
  if (isPng(bytes)) return readPng(bytes, file);
  const options = ['-v', 'error', '-i', file, '-frames:v', '1', '-pix_fmt', 'gray', '-f', 'image2pipe'];
  try {
    const { stdout } = await run('ffmpeg', [...options, '-c:v', 'png', '-'], {
      encoding: 'buffer',
      maxBuffer: 1 << 28,
    });
    return readPng(stdout, file);
  } catch (error) {
    throw new VigilError(
      'IMAGE_UNREADABLE',
      `Expected a picture that ffmpeg can read in ${file} but: ${messageOf(error).trim()}.`,
      'Convert it to PNG, or take it out of the folder.',
      { file },
      { cause: error },
    );
  }
}
