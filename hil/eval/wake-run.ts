import { SpeechRecogniser, type SpeechModel } from '../../src/assistant/speech/speech-recogniser.js';
import { candidateStart, stepCandidate } from '../../src/assistant/wake/candidate.js';
import { defaultRule, detections } from '../../src/assistant/wake/detector.js';
import { wakeHopMs } from '../../src/assistant/wake/features.js';
import { afterSilence, scoresOf, type WakeHead } from '../../src/assistant/wake/head.js';
import { PhraseVerifier } from '../../src/assistant/wake/phrase-verifier.js';
import { WholeFeatures } from '../../src/assistant/wake/whole-features.js';
import { speechRate } from '../../src/audio/resampler.js';
import { readSpeech } from '../../src/audio/wav.js';
import { sha256Of } from '../../src/runtime/models.js';
import { randomUniform } from '../demo/noise.js';
import { readNoises, type Noise } from './command-clips.js';
import { mixed } from './speech-mix.js';
import type { WakeClip } from './wake-clips.js';
import type { WakeSnr, WakeTrial } from './wake-score.js';

/** Silence after a recording, seconds: some are cut right after the word. */
const tailS = 0.6;
/** Of the noises, those of cars; all where none is. */
const carNoises = /car|engine|road/i;
/** Sound that the second opinion gets, samples. */
const verifiedSamples = 2 * speechRate;

export interface WakeRun {
  readonly dataDir: string;
  readonly clips: readonly WakeClip[];
  readonly snrs: readonly WakeSnr[];
  /** Folder names of the heads' words, in the order of the heads. */
  readonly words: readonly string[];
  readonly heads: readonly WakeHead[];
  /** Of the second opinion; null: none is asked. */
  readonly model: SpeechModel | null;
  readonly progress: (step: string) => void;
}

/** Every recording in every condition through every head. */
export async function runTrials(run: WakeRun): Promise<WakeTrial[]> {
  const features = new WholeFeatures();
  const recogniser = run.model === null ? null : new SpeechRecogniser({ model: run.model });
  const verifier = recogniser === null ? null : new PhraseVerifier(recogniser, recogniser.tokenizer);
  const all = readNoises(run.dataDir);
  const cars = all.filter(({ name }) => carNoises.test(name));
  const noises = cars.length > 0 ? cars : all;
  const trials: WakeTrial[] = [];
  try {
    for (const [number, clip] of run.clips.entries()) {
      const speech = readSpeech(clip.path);
      for (const snr of run.snrs) {
        const audio = heardAs(clip, speech, noises, snr);
        const embeddings = afterSilence(features.embed(audio), features.silence);
        for (const [i, head] of run.heads.entries()) {
          const scores = scoresOf(head, embeddings);
          trials.push({
            word: run.words[i],
            said: clip.word,
            snr,
            seconds: audio.length / speechRate,
            alone: detections(scores, { ...defaultRule, threshold: head.threshold }).length,
            verified: await verified(head, scores, audio, verifier),
          });
        }
      }
      if ((number + 1) % 20 === 0) run.progress(`${number + 1} of ${run.clips.length} recordings`);
    }
  } finally {
    recogniser?.close();
  }
  return trials;
}

/** A recording in one condition; which noise and which part of it follows from the recording's name. */
function heardAs(clip: WakeClip, speech: Float32Array, noises: readonly Noise[], snr: WakeSnr): Float32Array {
  const audio = new Float32Array(speech.length + tailS * speechRate);
  audio.set(speech);
  if (snr === 'clean') return audio;
  const random = randomUniform(Number.parseInt(sha256Of(Buffer.from(`${clip.name} ${snr}`)).slice(0, 7), 16));
  const noise = noises[Math.floor(random() * noises.length)];
  return mixed(audio, noise.samples, snr, random);
}

/** Every candidate with a second opinion; what it agrees to is one detection for a second. */
async function verified(
  head: WakeHead,
  scores: readonly number[],
  audio: Float32Array,
  verifier: PhraseVerifier | null,
): Promise<WakeTrial['verified']> {
  if (verifier === null) return null;
  let [asked, found, cpuMs] = [0, 0, 0];
  let lastFound = -Infinity;
  let state = candidateStart;
  for (const [hop, score] of scores.entries()) {
    const t = (hop + 1) * wakeHopMs;
    const step = stepCandidate(state, score, t, { candidate: head.candidate, sure: head.threshold });
    state = step.state;
    if (!step.ask || t - lastFound < defaultRule.refractoryMs) continue;
    const end = (t * speechRate) / 1000;
    const sound = audio.subarray(Math.max(0, end - verifiedSamples), end);
    const verdict = await verifier.judge(head.phrase, sound);
    asked++;
    cpuMs += verdict.cpuMs;
    if (!verdict.isPhrase) continue;
    found++;
    lastFound = t;
  }
  return { asked, detections: found, cpuMs };
}
