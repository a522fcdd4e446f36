import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { atSpeechRate } from '../../../audio/resampler.js';
import { parseWav } from '../../../audio/wav.js';
import { VigilError } from '../../../runtime/errors.js';
import type { Random } from './random.js';

/** A synthesized speaker. `heldOut` ones choose when training stops and what the threshold is; no head learns from them. */
export interface Voice {
  readonly program: 'espeak-ng' | 'flite' | 'festival';
  readonly name: string;
  readonly heldOut: boolean;
}

const accents = [
  'en-us',
  'en-gb',
  'en-gb-scotland',
  'en-gb-x-rp',
  'en-gb-x-gbclan',
  'en-gb-x-gbcwmd',
  'en-029',
];
const variants = [
  ...['m1', 'm2', 'm3', 'm4', 'm5', 'm6', 'm7', 'm8', 'f1', 'f2', 'f3', 'f4', 'f5'],
  ...[
    'Alex',
    'Andy',
    'Annie',
    'Gene',
    'Jacky',
    'Lee',
    'Mario',
    'Michael',
    'Tweaky',
    'anika',
    'aunty',
    'belinda',
  ],
  ...['david', 'edward', 'linda', 'pablo', 'robert', 'sandro', 'steph', 'travis', 'zac', 'klatt', 'klatt4'],
];
const heldOutVariants = new Set(['m7', 'f4', 'Lee', 'linda', 'travis', 'klatt4']);
const heldOutFlite = 'rms';

/** espeak-ng's speakers in seven accents, and flite's four. */
export const voices: readonly Voice[] = [
  ...accents.flatMap((accent) =>
    variants.map((variant): Voice => ({
      program: 'espeak-ng',
      name: `${accent}+${variant}`,
      heldOut: heldOutVariants.has(variant),
    })),
  ),
  ...['kal16', 'slt', 'rms', 'awb'].map((name): Voice => ({
    program: 'flite',
    name,
    heldOut: name === heldOutFlite,
  })),
];

/** One of the voices: half of the time flite's, which sound more like people but are few. */
export function pickVoice(random: Random, heldOut: boolean): Voice {
  const program = random.chance(0.5) ? 'flite' : 'espeak-ng';
  return random.pick(voices.filter((voice) => voice.program === program && voice.heldOut === heldOut));
}

/** A text at random speed, pitch and size of the speaker; 16 kHz, silence around it cut off. @throws VigilError as `run` */
export function speak(text: string, voice: Voice, random: Random): Float32Array {
  // Played faster, a voice is that of a smaller person: the speed set before makes up for it in part.
  const size = random.between(0.85, 1.22);
  const pace = random.between(0.75, 1.35) / size;
  const pitchHz = Math.round(random.between(85, 220));
  const wav =
    voice.program === 'flite'
      ? fliteWav([
          ...['-voice', voice.name, '--setf', `duration_stretch=${(1 / pace).toFixed(2)}`],
          ...['--setf', `int_f0_target_mean=${pitchHz}`],
          ...['--setf', `int_f0_target_stddev=${Math.round(random.between(5, 35))}`, '-t', text],
        ])
      : voice.program === 'festival'
        ? festivalWav(text, voice.name, 1 / pace, pitchHz)
        : run('espeak-ng', [
            ...['-v', voice.name, '-s', String(Math.round(160 * pace))],
            ...['-p', String(Math.round(random.between(15, 85))), '--stdout', text],
          ]);
  const { rate, samples } = parseWav(wav, `the voice of ${voice.program}`);
  // Multiples of 400 Hz have filters that are soon designed.
  return trimmed(atSpeechRate(samples, 400 * Math.round((rate * size) / 400)));
}

/** What the words of each line sound like, as espeak-ng's phoneme mnemonics without stress; a line each. */
export function phonemesOf(lines: readonly string[]): string[] {
  // One line per run would be exact but slow; a full stop keeps lines apart.
  const out = run('espeak-ng', ['-q', '-x', '-v', 'en-us'], lines.map((line) => `${line}.\n`).join(''));
  return Buffer.from(out)
    .toString('utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => line.replaceAll(/[',%=_:|\s-]/g, ''));
}

/** flite opens its output by name, which a pipe of Node's has not: a file in between. */
function fliteWav(args: readonly string[]): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), 'vigil-voice-'));
  try {
    const file = join(folder, 'speech.wav');
    run('flite', [...args, '-o', file]);
    return readFileSync(file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function festivalWav(text: string, voice: string, stretch: number, pitchHz: number): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), 'vigil-voice-'));
  try {
    const file = join(folder, 'speech.wav');
    const say = text.replaceAll(/["\\\\]/g, ' ');
    const script = [
      `(voice_${voice})`,
      `(Parameter.set 'Duration_Stretch ${stretch.toFixed(2)})`,
      `(set! int_lr_params '((target_f0_mean ${pitchHz}) (target_f0_std 15) (model_f0_mean 170) (model_f0_std 34)))`,
      `(set! said (Utterance Text "${say}"))`,
      '(utt.synth said)',
      `(utt.save.wave said "${file}" 'riff)`,
    ].join('\n');
    run('festival', ['--pipe'], script);
    return readFileSync(file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @throws VigilError `VOICE_MISSING`, `VOICE_FAILED` */
function run(program: Voice['program'], args: readonly string[], input = ''): Uint8Array {
  const { error, status, stdout, stderr } = spawnSync(program, args, { input, maxBuffer: 1 << 26 });
  if (error !== undefined && 'code' in error && error.code === 'ENOENT')
    throw new VigilError(
      'VOICE_MISSING',
      `Expected the program ${program} to make training speech but it is not installed.`,
      'Run `apt-get install espeak-ng flite`.',
      { program },
    );
  if (error !== undefined || status !== 0)
    throw new VigilError(
      'VOICE_FAILED',
      `Expected speech from ${program} but it ended with ${status ?? 'no'} status: ${stderr.toString().trim().slice(0, 200)}.`,
      '',
      { program, args },
    );
  return stdout;
}

const frame = 160;

/** Without what is 40 dB below the loudest 10 ms, before and after. */
export function trimmed(samples: Float32Array): Float32Array {
  const levels: number[] = [];
  for (let at = 0; at + frame <= samples.length; at += frame) {
    let sum = 0;
    for (let i = at; i < at + frame; i++) sum += samples[i] * samples[i];
    levels.push(sum);
  }
  const floor = 1e-4 * levels.reduce((most, level) => Math.max(most, level), 0);
  const first = levels.findIndex((level) => level > floor);
  const last = levels.findLastIndex((level) => level > floor);
  return first < 0 ? new Float32Array(0) : samples.slice(first * frame, (last + 1) * frame);
}
