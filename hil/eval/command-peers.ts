import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compile } from '../../src/assistant/grammar/compile.js';
import { readCommands } from '../../src/assistant/grammar/load.js';
import { Follower } from '../../src/assistant/grammar/match.js';
import { spokenStretch, VoiceActivity } from '../../src/audio/voice-activity.js';
import { readSpeech } from '../../src/audio/wav.js';
import { sha256Of } from '../../src/runtime/models.js';
import { buildDir } from '../../src/runtime/paths.js';
import { readCommandClips, readNoises } from './command-clips.js';
import { coffeeFile } from './commands.js';
import { isRight, type Snr, type Trial } from './command-score.js';
import { inNoise } from './speech-noise.js';
import { pocketSphinx } from './speech-peers.js';
import { TrialStore } from './trial-store.js';

interface PeerTrial extends Trial {
  readonly version: string;
}

/**
 * PocketSphinx on the recordings, noise and grammar of `eval commands` (first seed), given the same stretch of speech;
 * undefined where it is not installed and not everything was heard before.
 */
export function pocketSphinxTrials(
  dataDir: string,
  snrs: readonly Snr[],
  limit: number | undefined,
): PeerTrial[] | undefined {
  const commands = readFileSync(coffeeFile, 'utf8');
  const automaton = compile(readCommands(commands, coffeeFile));
  const follower = new Follower(automaton);
  const clips = readCommandClips(dataDir).clips.slice(0, limit);
  const noises = readNoises(dataDir);
  const voice = new VoiceActivity();
  const hash = sha256Of(Buffer.from(commands)).slice(0, 12);
  const store = new TrialStore<PeerTrial>(join(buildDir, 'cache', 'heard', `pocketsphinx-${hash}.jsonl`));
  const trials: PeerTrial[] = [];
  for (const snr of snrs) {
    const asked = clips.flatMap((clip) => {
      const { audio, noise } = inNoise(readSpeech(clip.path), noises, clip.name, snr, 1);
      const key = sha256Of(Buffer.from(audio.buffer, audio.byteOffset, audio.byteLength)).slice(0, 24);
      const known = store.get(key);
      if (known !== undefined) trials.push(known);
      return known === undefined ? [{ clip, audio, noise, key }] : [];
    });
    if (asked.length === 0) continue;
    const peer = pocketSphinx(
      automaton,
      asked.map(({ audio }) => {
        voice.reset();
        const stretch = spokenStretch(voice.push(audio), audio.length);
        return audio.subarray(stretch?.from ?? 0, stretch?.to ?? audio.length);
      }),
    );
    if (peer === undefined) return undefined;
    asked.forEach(({ clip, noise, key }, i) => {
      const { text, cpuMs } = peer.heard[i];
      const right = isRight(clip, follower.meanings(text.split(' ')).at(0));
      const { version } = peer;
      const trial = { clip: clip.name, snr, seed: 1, noise, right, llr: null, said: text, cpuMs, version };
      store.put(key, trial);
      trials.push(trial);
    });
  }
  return trials;
}
