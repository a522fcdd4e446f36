import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { atSpeechRate, speechRate } from '../../src/audio/resampler.js';
import { parseWav } from '../../src/audio/wav.js';
import { VigilError } from '../../src/runtime/errors.js';
import { sha256Of } from '../../src/runtime/models.js';
import { buildDir } from '../../src/runtime/paths.js';

type Program = 'espeak-ng' | 'flite' | 'festival';

/** A synthesized speaker. Limits are chosen on the voices for `fitting` and reported on the others. */
export interface SpokenVoice {
  readonly program: Program;
  readonly name: string;
  readonly fitting: boolean;
}

const voice = (program: Program, fitting: boolean, ...names: string[]): SpokenVoice[] =>
  names.map((name) => ({ program, name, fitting }));

/**
 * Six flite and festival voices made from people's recordings, and espeak-ng's formant voices in seven accents. A
 * person whose recordings two programs use (kal, slt) is on one side only.
 */
export const spokenVoices: readonly SpokenVoice[] = [
  ...voice('flite', true, 'kal16', 'awb'),
  ...voice('festival', true, 'kal_diphone'),
  ...voice('espeak-ng', true, 'en-us+m3', 'en-us+f2', 'en-gb+m1', 'en-029+f3', 'en-gb-scotland+m4'),
  ...voice('flite', false, 'slt', 'rms'),
  ...voice('festival', false, 'cmu_us_slt_arctic_hts', 'ked_diphone'),
  ...voice('espeak-ng', false, 'en-us+f4', 'en-us-nyc+m5', 'en-gb-x-rp+m2', 'en-gb-x-gbclan+f1'),
  ...voice('espeak-ng', false, 'en-gb-x-gbcwmd+m6', 'en-gb-scotland+f5', 'en-029+m7'),
];

export const voiceName = ({ program, name }: SpokenVoice): string => `${program} ${name}`;

const cacheDir = join(buildDir, 'cache', 'speech');

/**
 * A text as the voice says it, 16 kHz, with half a second of silence around it; kept in build/cache.
 * @param pace 1: as the voice likes it; 1.2: faster by a fifth (festival has one pace)
 * @throws VigilError `VOICE_MISSING`, `VOICE_FAILED`
 */
export function spoken(text: string, speaker: SpokenVoice, pace: number): Float32Array {
  const key = sha256Of(Buffer.from(JSON.stringify([text, voiceName(speaker), pace.toFixed(3), 1])));
  const file = join(cacheDir, `${key.slice(0, 20)}.pcm`);
  if (!existsSync(file)) {
    const made = made16Bit(text, speaker, pace);
    mkdirSync(cacheDir, { recursive: true });
    writeFileSync(`${file}.${process.pid}`, made);
    renameSync(`${file}.${process.pid}`, file);
  }
  const bytes = readFileSync(file);
  const pause = speechRate / 2;
  const samples = new Float32Array(bytes.length / 2 + 2 * pause);
  for (let i = 0; i < bytes.length / 2; i++) samples[pause + i] = bytes.readInt16LE(2 * i) / 32_768;
  return samples;
}

function made16Bit(text: string, speaker: SpokenVoice, pace: number): Buffer {
  const { rate, samples } = parseWav(wavOf(text, speaker, pace), voiceName(speaker));
  const at16 = trimmed(atSpeechRate(samples, rate));
  const bytes = Buffer.alloc(2 * at16.length);
  at16.forEach((value, i) =>
    bytes.writeInt16LE(Math.round(32_767 * Math.max(-1, Math.min(1, value))), 2 * i),
  );
  return bytes;
}

function wavOf(text: string, { program, name }: SpokenVoice, pace: number): Uint8Array {
  if (program === 'espeak-ng')
    return run(program, ['-v', name, '-s', String(Math.round(165 * pace)), '--stdout', text]);
  const folder = mkdtempSync(join(tmpdir(), 'vigil-voice-'));
  try {
    const file = join(folder, 'speech.wav');
    if (program === 'flite') {
      const stretch = `duration_stretch=${(1 / pace).toFixed(2)}`;
      run('flite', ['-voice', name, '--setf', stretch, '-t', text, '-o', file]);
    } else run('text2wave', ['-eval', `(voice_${name})`, '-o', file], text);
    return readFileSync(file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function run(program: string, args: readonly string[], input = ''): Uint8Array {
  const { error, status, stdout, stderr } = spawnSync(program, args, { input, maxBuffer: 1 << 26 });
  if (error !== undefined && 'code' in error && error.code === 'ENOENT')
    throw new VigilError(
      'VOICE_MISSING',
      `Expected the program ${program} to speak test sentences but it is not installed.`,
      'Run `apt-get install espeak-ng flite festival festvox-kallpc16k festvox-kdlpc16k festvox-us-slt-hts`.',
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

/** Those voices whose program is installed. */
export function installedVoices(): SpokenVoice[] {
  const works = new Map<Program, boolean>();
  return spokenVoices.filter(({ program }) => {
    let known = works.get(program);
    if (known === undefined) {
      const asked = spawnSync(program === 'festival' ? 'text2wave' : program, ['--version'], { input: '' });
      known = asked.error === undefined;
      works.set(program, known);
    }
    return known;
  });
}

const frame = 160;

/** Without what is 40 dB below the loudest 10 ms, before and after. */
function trimmed(samples: Float32Array): Float32Array {
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
