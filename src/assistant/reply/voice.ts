import { spawn, type ChildProcess } from 'node:child_process';
import type { PcmChunk } from '../../audio/pcm.js';

/** What a voice reports. */
export interface VoiceEvents {
  /** The utterance is over: spoken, cut off, or never to be heard. */
  onEnd(id: number): void;
  /** There is no voice: replies are text only from now on. Called once. */
  onMissing(reason: string): void;
  /** Sound on its way to the loudspeaker, from a voice that has it; drive clock of when it is played. */
  onSound?(chunk: PcmChunk): void;
}

/** Something that speaks, one utterance at a time. */
export interface Voice {
  /** @param volumePercent 0 to 100 */
  say(id: number, text: string, volumePercent: number): void;
  /** Silent at once; `onEnd` follows when it is. */
  hush(id: number): void;
  close(): void;
}

/** How a program is called; the text goes to its standard input. */
export interface VoiceProgram {
  readonly command: string;
  arguments(volumePercent: number): readonly string[];
}

/**
 * espeak-ng (GPL-3.0-or-later): installed by whoever builds the car, started as a program of its own and never linked
 * into this one. Its amplitude goes to 200, of which 100 is usual.
 */
export const espeak: VoiceProgram = {
  command: 'espeak-ng',
  arguments: (volumePercent) => ['-v', 'en', '-a', String(Math.round(volumePercent * 1.5)), '--stdin'],
};

/** flite (a permissive licence of its own); it has no volume. */
export const flite: VoiceProgram = {
  command: 'flite',
  arguments: () => ['-voice', 'slt', '-f', '/dev/stdin', '-o', 'play'],
};

/** Of what a program complains, the end. */
const mostComplaint = 2000;

/** Speaks with a program, one process per utterance. Owns the processes; `close` ends them. */
export class ProcessVoice implements Voice {
  #speaking: { readonly id: number; readonly process: ChildProcess } | null = null;
  #isMissing = false;

  constructor(
    private readonly program: VoiceProgram,
    private readonly events: VoiceEvents,
  ) {}

  say(id: number, text: string, volumePercent: number): void {
    this.#stop();
    if (this.#isMissing) {
      this.events.onEnd(id);
      return;
    }
    const child = spawn(this.program.command, this.program.arguments(volumePercent), {
      stdio: ['pipe', 'ignore', 'pipe'],
    });
    let complaint = '';
    child.stderr.on(
      'data',
      (text: Buffer) => (complaint = (complaint + text.toString()).slice(-mostComplaint)),
    );
    const speaking = { id, process: child };
    this.#speaking = speaking;
    let isOver = false;
    const over = (failure: string | null): void => {
      if (isOver) return;
      isOver = true;
      if (this.#speaking === speaking) this.#speaking = null;
      if (failure !== null && !this.#isMissing) {
        this.#isMissing = true;
        this.events.onMissing(failure);
      }
      this.events.onEnd(id);
    };
    child.on('error', (error) => over(error.message));
    child.on('close', (code) => {
      // Killed by a signal (null) is what hush does. Without a loudspeaker espeak-ng complains and ends as if all were well.
      const error = code === 0 ? (/^error.*$/im.exec(complaint)?.[0] ?? null) : null;
      const failed = code !== null && code !== 0;
      over(failed ? `${this.program.command} ended with exit code ${code}` : error);
    });
    // A program that ends before it has read all is reported by its exit.
    child.stdin.on('error', () => undefined);
    child.stdin.end(text);
  }

  hush(id: number): void {
    if (this.#speaking?.id === id) this.#stop();
  }

  close(): void {
    this.#stop();
  }

  #stop(): void {
    const { process: child } = this.#speaking ?? {};
    this.#speaking = null;
    child?.kill('SIGKILL');
  }
}

/** No voice at all: every utterance is over at once. */
export class SilentVoice implements Voice {
  constructor(private readonly events: Pick<VoiceEvents, 'onEnd'>) {}

  say(id: number): void {
    this.events.onEnd(id);
  }

  hush(): void {
    // Nothing is being spoken.
  }

  close(): void {
    // Nothing is held.
  }
}
