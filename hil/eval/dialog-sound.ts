import { readSpeech } from '../../src/audio/wav.js';
import { invalidArgument } from '../../src/runtime/errors.js';
import type { Scenario, TurnSound } from './dialog-scenario.js';
import { spoken, type SpokenVoice } from './speech-voices.js';

const programs: readonly SpokenVoice['program'][] = ['espeak-ng', 'flite', 'festival'];

/** Whether somebody has to be heard for it. */
export function hasSound({ turns }: Scenario): boolean {
  return turns.some(({ sound }) => sound !== null);
}

/** What is said in a turn, at 16 kHz. @throws VigilError `AUDIO_UNREADABLE`, `AUDIO_INVALID`, `VOICE_MISSING`, `INVALID_ARGUMENT` */
export function turnSamples(sound: TurnSound, text: string | null): Float32Array {
  if (sound.kind === 'file') return readSpeech(sound.path);
  const [first, name = ''] = sound.voice.split(' ');
  const program = programs.find((one) => one === first);
  if (program === undefined || name === '')
    throw invalidArgument('voice', `${programs.join(', ')} and the name of a voice`, sound.voice);
  return spoken(text ?? '', { program, name, fitting: false }, 1);
}
