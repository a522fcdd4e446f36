import { levelDb, type PcmChunk } from '../../audio/pcm.js';
import {
  defaultEchoRules,
  echoStart,
  ownVoice,
  reference,
  stepEcho,
  type EchoRules,
  type EchoState,
} from './echo-gate.js';
import { frameMs } from './frame.js';
import type { Frame } from './sound-stream.js';

/** Frames that a wake phrase lies in: 0.8 s. */
const phraseFrames = 25;

/** The assistant's own voice at one microphone: which frames hold nothing else. */
export class OwnVoice {
  readonly #rules: EchoRules;
  #state: EchoState = echoStart;
  /** Of the last frames, whether they were echo; newest last. */
  readonly #recent: boolean[] = [];

  constructor(rules: Partial<EchoRules> = {}) {
    this.#rules = { ...defaultEchoRules, ...rules };
  }

  speaks(t: number, isSpeaking: boolean): void {
    this.#state = ownVoice(this.#state, t, isSpeaking);
  }

  reference({ t, rate, samples }: PcmChunk): void {
    this.#state = reference(this.#state, t + (1000 * samples.length) / rate, levelDb(samples), this.#rules);
  }

  isEcho({ t, samples }: Frame): boolean {
    const { state, isEcho } = stepEcho(this.#state, t, levelDb(samples), frameMs, this.#rules);
    this.#state = state;
    this.#recent.push(isEcho);
    if (this.#recent.length > phraseFrames) this.#recent.shift();
    return isEcho;
  }

  /** Whether what was heard last is mostly the own voice, so that a phrase in it is nobody's. */
  get isMostlyEcho(): boolean {
    return this.#recent.filter(Boolean).length > this.#recent.length / 2;
  }
}
