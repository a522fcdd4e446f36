import { loadAddon } from '../runtime/native.js';

/** What speech.node exports; native/speech/addon*.cc. */
export interface SpeechAddon {
  readonly Resampler: new (inputRate: number, outputRate: number) => NativeResampler;
  readonly VoiceActivity: new (onnxLibrary: string, model: string) => NativeVoiceActivity;
  readonly Recogniser: new (config: RecogniserConfig, onAnswer: OnAnswer) => NativeRecogniser;
}

export interface NativeResampler {
  push(samples: Float32Array): Float32Array;
  finish(): Float32Array;
}

export interface NativeVoiceActivity {
  push(samples: Float32Array): Float32Array;
  missing(): number;
  reset(): void;
}

export interface RecogniserConfig {
  readonly onnxLibrary: string;
  readonly encoder: string;
  readonly decoder: string;
  readonly vocabulary: string;
  readonly size: 'tiny' | 'base';
}

export interface NativeSentence {
  readonly tokens: Int32Array;
  /** Natural logarithm, the end included. */
  readonly logProb: number;
}

export type OnAnswer = (
  id: number,
  error: { readonly code: string; readonly message: string; readonly advice: string } | null,
  best: readonly NativeSentence[],
  free: NativeSentence & { readonly ended: boolean },
  /** Of a sentence of the grammar, with the probability that it stops there. */
  beginning: NativeSentence | null,
  /** Encoder and decoder CPU ms, wall ms, steps, rows of all steps. */
  figures: Float64Array,
) => void;

/** Worker's answer to a request: 0 taken, 1 full, 2 stopped. */
export type Pushed = 0 | 1 | 2;

export interface NativeRecogniser {
  addGrammar(
    states: number,
    start: number,
    accept: number,
    from: Int32Array,
    to: Int32Array,
    token: Int32Array,
  ): number;
  removeGrammar(grammar: number): void;
  load(id: number): Pushed;
  recognise(
    id: number,
    samples: Float32Array,
    grammar: number,
    beam: number,
    withFree: boolean,
    tokenBonus: number,
    marks: Int32Array,
    known: Int32Array,
  ): Pushed;
  /** The answer becomes the error SPEECH_CANCELLED unless it is on its way. */
  cancel(id: number): void;
  counters(): WorkerCounters;
  close(): void;
}

export interface WorkerCounters {
  readonly accepted: number;
  readonly dropped: number;
  readonly late: number;
  readonly completed: number;
  readonly lastInputAgeMs: number;
}

let addon: SpeechAddon | undefined;

/** @throws VigilError `NATIVE_NOT_BUILT` or `NATIVE_LOAD_FAILED` */
export function speechAddon(): SpeechAddon {
  return (addon ??= loadAddon('speech') as SpeechAddon);
}
