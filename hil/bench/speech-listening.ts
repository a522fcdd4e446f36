import { join } from 'node:path';
import { Listener, type WakeOptions } from '../../src/assistant/listening/listener.js';
import { SpeechRecogniser } from '../../src/assistant/speech/speech-recogniser.js';
import { embeddingSize } from '../../src/assistant/wake/features.js';
import { lastFrames, layers, layerSize, type WakeHead } from '../../src/assistant/wake/head.js';
import { PhraseVerifier } from '../../src/assistant/wake/phrase-verifier.js';
import { WakeWord } from '../../src/assistant/wake/wake-word.js';
import { chunksOf } from '../../src/audio/chunks.js';
import { speechRate } from '../../src/audio/resampler.js';
import { readSpeech } from '../../src/audio/wav.js';
import { packageRoot } from '../../src/runtime/paths.js';
import { randomBell, randomUniform } from '../demo/noise.js';
import { cpuSeconds } from './cpu-time.js';
import type { BenchRow } from './row.js';

const seconds = 60;
/** Of one core, %. */
const limits = { silence: 2.5, speech: 6, verifier: 20 };
/** Ordinary talk has candidates far less often. */
const candidateEveryMs = 2000;
const members = 3;

/** A head of the usual size that hears nothing: what listening costs does not depend on its numbers. */
function deafHead(): WakeHead {
  const member = {
    weights: layers.map(({ inputs, taps }) => new Float32Array(layerSize * taps * inputs)),
    biases: layers.map(() => new Float32Array(layerSize)),
    outWeights: new Float32Array(lastFrames * layerSize),
    outBias: -10,
  };
  return {
    phrase: 'hey vigil',
    threshold: 0.9,
    candidate: 0.5,
    mean: new Float32Array(embeddingSize),
    deviation: new Float32Array(embeddingSize).fill(1),
    members: Array.from({ length: members }, () => member),
  };
}

/** The detector as it is, with a candidate made up every two seconds. */
class Credulous {
  readonly #word = new WakeWord(deafHead());
  #samples = 0;

  push(samples: Float32Array): ReturnType<WakeWord['push']> {
    const found = this.#word.push(samples);
    const every = (candidateEveryMs * speechRate) / 1000;
    const before = Math.floor(this.#samples / every);
    this.#samples += samples.length;
    if (Math.floor(this.#samples / every) === before) return found;
    return [{ phrase: 'hey vigil', t: (1000 * this.#samples) / speechRate, score: 0.6 }];
  }

  reset(): void {
    this.#word.reset();
  }
}

/** CPU of a minute of sound at a closed microphone, % of a core; all threads. */
async function share(recogniser: SpeechRecogniser, wake: WakeOptions, sound: Float32Array): Promise<number> {
  const listener = new Listener({ zone: 'driver', recogniser, wake });
  const rounds: number[] = [];
  for (let round = 0; round < 3; round++) {
    const begin = cpuSeconds();
    for (const chunk of chunksOf({ rate: speechRate, samples: sound }, round * seconds * 1000)) {
      listener.push(chunk);
      await listener.settled();
    }
    rounds.push((100 * (cpuSeconds() - begin)) / seconds);
  }
  listener.close();
  return Math.min(...rounds);
}

/** What listening costs while nobody talks to the car. */
export async function run(): Promise<BenchRow[]> {
  const random = randomUniform(1);
  const speech = readSpeech(join(packageRoot, 'test', 'fixtures', 'speech', 'latte.wav'));
  const room = Float32Array.from({ length: seconds * speechRate }, () => randomBell(random, 3e-4));
  const talk = room.map((noise, i) => noise + speech[i % speech.length]);
  const recogniser = new SpeechRecogniser();
  try {
    await recogniser.load();
    const verifier = new PhraseVerifier(recogniser, recogniser.tokenizer);
    const plain = { phrase: 'hey vigil', detector: new WakeWord(deafHead()) };
    const credulous = { phrase: 'hey vigil', detector: new Credulous(), verifier };
    const note = 'of a core, CPU of all threads, the least of three minutes';
    return [
      {
        name: 'listening in a quiet room',
        value: await share(recogniser, plain, room),
        unit: '%',
        limit: limits.silence,
        note,
      },
      {
        name: 'listening to continuous speech',
        value: await share(recogniser, plain, talk),
        unit: '%',
        limit: limits.speech,
        note,
      },
      {
        name: 'the same with a second opinion every 2 s',
        value: await share(recogniser, credulous, talk),
        unit: '%',
        limit: limits.verifier,
        note,
      },
    ];
  } finally {
    recogniser.close();
  }
}
