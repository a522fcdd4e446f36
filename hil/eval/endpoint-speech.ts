import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compile } from '../../src/assistant/grammar/compile.js';
import type { Automaton } from '../../src/assistant/grammar/automaton.js';
import { loadCommands, readCommands } from '../../src/assistant/grammar/load.js';
import { Follower, type Meaning } from '../../src/assistant/grammar/match.js';
import { speechRate } from '../../src/audio/resampler.js';
import { readSpeech } from '../../src/audio/wav.js';
import { packageRoot } from '../../src/runtime/paths.js';
import { randomUniform } from '../demo/noise.js';
import { readCommandClips } from './command-clips.js';
import { carSentences, grammarOfState } from './incar-sentences.js';
import { speechEndMs } from './spoken-trial.js';
import { installedVoices, spoken, voiceName } from './speech-voices.js';

/** A sentence that is spoken, and where it ends. */
export interface Utterance {
  readonly name: string;
  readonly text: string;
  readonly grammar: Automaton;
  readonly meaning: Meaning;
  readonly sound: () => { readonly samples: Float32Array; readonly endMs: number };
}

function soundOf(samples: Float32Array): { samples: Float32Array; endMs: number } {
  return { samples, endMs: speechEndMs(samples) };
}

/** Sentences of every intent in the voices that are installed, at their own pace; a seed draws them. */
export function synthesized(limit: number, seed: number): Utterance[] {
  const random = randomUniform(seed);
  const commands = loadCommands('en');
  const voices = installedVoices();
  const grammars = new Map<string, Automaton>();
  const grammarOf = (state: string): Automaton => {
    const grammar = grammars.get(state) ?? grammarOfState(commands, state);
    grammars.set(state, grammar);
    return grammar;
  };
  const all = carSentences(commands, 1, random).map((sentence) => ({ sentence, key: random() }));
  return all
    .sort((a, b) => a.key - b.key)
    .slice(0, limit)
    .map(({ sentence: { text, meaning, state } }) => {
      const voice = voices[Math.floor(random() * voices.length)];
      return {
        name: `${voiceName(voice)}: ${text}`,
        text,
        grammar: grammarOf(state),
        meaning,
        sound: () => soundOf(spoken(text, voice, 1)),
      };
    });
}

/** Half a second of silence is around what a voice says. */
const around = speechRate / 2;

/** Sentences of three words and more that are interrupted for `pauseMs` between two words, by somebody who thinks. */
export function hesitating(limit: number, seed: number, pauseMs: number): Utterance[] {
  const random = randomUniform(seed + 1);
  const voices = installedVoices();
  return synthesized(Infinity, seed)
    .filter(({ text }) => text.split(' ').length >= 3)
    .slice(0, limit)
    .map((utterance) => {
      const words = utterance.text.split(' ');
      const cut = 1 + Math.floor(random() * (words.length - 1));
      const voice = voices[Math.floor(random() * voices.length)];
      const [before, after] = [words.slice(0, cut).join(' '), words.slice(cut).join(' ')];
      const sound = (): Float32Array => {
        const first = spoken(before, voice, 1).slice(0, -around);
        const second = spoken(after, voice, 1).slice(around);
        const out = new Float32Array(first.length + (pauseMs * speechRate) / 1000 + second.length);
        out.set(first);
        out.set(second, out.length - second.length);
        return out;
      };
      const name = `${voiceName(voice)}: ${before} ... ${after}`;
      return { ...utterance, name, sound: () => soundOf(sound()) };
    });
}

const shortest = ['stop', 'yes', 'no', 'cancel', 'help'];

/** One word each, as an answer to a question, in the voices that are installed. */
export function shortCommands(): Utterance[] {
  const grammar = grammarOfState(loadCommands('en'), 'confirming');
  const follower = new Follower(grammar);
  return installedVoices().flatMap((voice) =>
    shortest.flatMap((text) => {
      const meaning = follower.meanings([text]).at(0);
      if (meaning === undefined) return [];
      return [
        {
          name: `${voiceName(voice)}: ${text}`,
          text,
          grammar,
          meaning,
          sound: () => soundOf(spoken(text, voice, 1)),
        },
      ];
    }),
  );
}

/** Recorded coffee orders. @throws VigilError `NO_EVALUATION_DATA` */
export function recorded(dataDir: string, limit: number): Utterance[] {
  const file = join(packageRoot, 'test', 'data', 'coffee-commands.yaml');
  const grammar = compile(readCommands(readFileSync(file, 'utf8'), file));
  return readCommandClips(dataDir)
    .clips.slice(0, limit)
    .map(({ name, path, intent, slots }) => ({
      name,
      text: Object.values(slots).join(' '),
      grammar,
      meaning: { intent, slots },
      sound: () => soundOf(readSpeech(path)),
    }));
}

/** Same intent, same slots. */
export function isSame(a: Meaning, b: Meaning | undefined): boolean {
  if (b === undefined || a.intent !== b.intent) return false;
  const keys = new Set([...Object.keys(a.slots), ...Object.keys(b.slots)]);
  return [...keys].every((key) => a.slots[key] === b.slots[key]);
}
