import { join } from 'node:path';
import { SpeechRecogniser } from '../../src/assistant/speech/speech-recogniser.js';
import { defaultHead } from '../../src/assistant/wake/default-head.js';
import { wakeHopMs } from '../../src/assistant/wake/features.js';
import { PhraseVerifier } from '../../src/assistant/wake/phrase-verifier.js';
import { WakeWord } from '../../src/assistant/wake/wake-word.js';
import { WholeFeatures } from '../../src/assistant/wake/whole-features.js';
import { speechRate } from '../../src/audio/resampler.js';
import { readSpeech } from '../../src/audio/wav.js';
import { packageRoot } from '../../src/runtime/paths.js';
import { leastCpuSeconds } from './cpu-time.js';
import type { BenchRow } from './row.js';

const seconds = 8;
/** Of a core, %, while somebody speaks; in silence nothing is looked for. */
const limit = 2.5;
const questions = 8;

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}

/** What looking for the wake phrase costs, and a second opinion. */
export async function run(): Promise<BenchRow[]> {
  const speech = readSpeech(join(packageRoot, 'test', 'fixtures', 'speech', 'latte.wav'));
  const sound = Float32Array.from({ length: seconds * speechRate }, (_, i) => speech[i % speech.length]);
  const { head } = defaultHead();
  const word = new WakeWord(head, { forVerifier: true });
  const stream = await leastCpuSeconds(() => {
    word.push(sound);
  });
  const features = new WholeFeatures();
  const whole = await leastCpuSeconds(() => {
    features.embed(sound);
  });
  const recogniser = new SpeechRecogniser();
  try {
    await recogniser.load();
    const verifier = new PhraseVerifier(recogniser, recogniser.tokenizer);
    const costs: number[] = [];
    for (let i = 0; i <= questions; i++)
      costs.push(
        (await verifier.judge(head.phrase, sound.subarray(i * 4000, i * 4000 + 2 * speechRate))).cpuMs,
      );
    return [
      {
        name: 'wake phrase looked for',
        value: (100 * stream) / seconds,
        unit: '% of a core',
        limit,
        note: `CPU; while somebody may be speaking; ${((1000 * stream * wakeHopMs) / 1000 / seconds).toFixed(2)} ms for 80 ms`,
      },
      {
        name: 'embeddings of a whole recording',
        value: (1000 * whole) / seconds,
        unit: 'ms a second',
        peer: { name: 'stream', value: (1000 * stream) / seconds },
        note: 'CPU; for training',
      },
      {
        name: 'second opinion on other speech',
        value: median(costs.slice(1)),
        unit: 'ms',
        note: 'CPU; both cuts, tiny network',
      },
    ];
  } finally {
    recogniser.close();
  }
}
