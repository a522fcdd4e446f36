import { spawn, type ChildProcess } from 'node:child_process';
import type { Clock } from '../../runtime/clock.js';
import { atDeadlines } from '../../runtime/deadlines.js';
import type { Voice, VoiceEvents, VoiceProgram } from './voice.js';
import { waveStart } from './wave-stream.js';

/** A program that plays raw 16-bit samples of one channel from its standard input. */
export interface PlayerProgram {
  readonly command: string;
  arguments(rate: number): readonly string[];
}

/** espeak-ng as a program that writes sound: a WAVE of 22,050 Hz. */
export const espeakSound: VoiceProgram = {
  command: 'espeak-ng',
  arguments: (volumePercent) => [
    ...['-v', 'en', '-a', String(Math.round(volumePercent * 1.5))],
    ...['--stdin', '--stdout'],
  ],
};

/** ALSA's player (package alsa-utils), a tenth of a second of buffer. @param device as in `aplay -L` */
export const aplay = (device = 'default'): PlayerProgram => ({
  command: 'aplay',
  arguments: (rate) => [
    ...['-q', '-D', device, '-t', 'raw', '-f', 'S16_LE', '-c', '1', '-r', String(rate)],
    ...['--period-time=20000', '--buffer-time=100000', '-'],
  ],
});

/** How much sound is written ahead of its time: more than the player's buffer, so that it does not run dry, ms. */
const aheadMs = 160;
const chunkMs = 20;

/**
 * Speaks through two programs, one that makes the sound and one that plays it, with the samples in between: what goes to
 * the loudspeaker is told as it goes, so that a microphone can tell it from people. Owns the processes.
 */
export class PlayedVoice implements Voice {
  #speaking: { readonly id: number; stop(): void } | null = null;
  #isMissing = false;

  constructor(
    private readonly synthesizer: VoiceProgram,
    private readonly player: PlayerProgram,
    private readonly clock: Clock,
    private readonly events: VoiceEvents,
  ) {}

  say(id: number, text: string, volumePercent: number): void {
    this.#speaking?.stop();
    if (this.#isMissing) {
      this.events.onEnd(id);
      return;
    }
    const playback = new Playback(this.player, this.clock, this.events, (failure) => {
      if (this.#speaking?.id === id) this.#speaking = null;
      if (failure !== null && !this.#isMissing) {
        this.#isMissing = true;
        this.events.onMissing(failure);
      }
      this.events.onEnd(id);
    });
    this.#speaking = { id, stop: () => playback.stop() };
    playback.start(this.synthesizer, volumePercent, text);
  }

  hush(id: number): void {
    if (this.#speaking?.id === id) this.#speaking.stop();
  }

  close(): void {
    this.#speaking?.stop();
  }
}

/** One utterance on its way from the one program to the other. */
class Playback {
  #source: ChildProcess | null = null;
  #sink: ChildProcess | null = null;
  #bytes: Buffer = Buffer.alloc(0);
  #rate = 0;
  #written = 0;
  #startT = 0;
  #isWhole = false;
  #isOver = false;
  #stopWriting: () => void = () => undefined;

  constructor(
    private readonly player: PlayerProgram,
    private readonly clock: Clock,
    private readonly events: VoiceEvents,
    /** Called once. */
    private readonly onOver: (failure: string | null) => void,
  ) {}

  start(program: VoiceProgram, volumePercent: number, text: string): void {
    const { command } = program;
    const source = spawn(command, program.arguments(volumePercent), { stdio: ['pipe', 'pipe', 'ignore'] });
    this.#source = source;
    source.on('error', (error) => this.#over(error.message));
    source.stdout.on('data', (bytes: Buffer) => this.#take(bytes));
    source.on('close', (code) => {
      if (code !== 0) this.#over(`${command} ended with ${code === null ? 'a signal' : `exit code ${code}`}`);
      else if (this.#sink === null) this.#over(`${command} made no sound`);
      this.#isWhole = true;
    });
    // A program that ends before it has read all is reported by its end.
    source.stdin.on('error', () => undefined);
    source.stdin.end(text);
  }

  stop(): void {
    this.#over(null);
  }

  #take(bytes: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    if (this.#sink !== null || this.#isOver) return;
    const start = waveStart(this.#bytes);
    if (start === null) return;
    if (start === 'invalid') {
      this.#over('the voice made no 16-bit WAVE');
      return;
    }
    this.#rate = start.rate;
    this.#bytes = this.#bytes.subarray(start.dataAt);
    const { command } = this.player;
    const sink = spawn(command, this.player.arguments(start.rate), { stdio: ['pipe', 'ignore', 'ignore'] });
    this.#sink = sink;
    sink.on('error', (error) => this.#over(error.message));
    sink.on('exit', (code) => this.#over(code === 0 ? null : `${command} ended with exit code ${code}`));
    sink.stdin.on('error', () => undefined);
    this.#startT = this.clock.now();
    this.#stopWriting = atDeadlines(this.clock, chunkMs, () => this.#write());
    this.#write();
  }

  /** What is due within the next moment. */
  #write(): void {
    const dueMs = this.clock.now() + aheadMs - this.#startT;
    const due = 2 * Math.floor((dueMs * this.#rate) / 1000) - this.#written;
    const bytes = this.#bytes.subarray(0, Math.max(0, Math.min(due, this.#bytes.length & ~1)));
    if (bytes.length > 0) {
      this.#bytes = this.#bytes.subarray(bytes.length);
      this.#sink?.stdin?.write(bytes);
      this.#tell(bytes);
      this.#written += bytes.length;
    }
    if (!this.#isWhole || this.#bytes.length >= 2) return;
    this.#stopWriting();
    this.#sink?.stdin?.end();
  }

  #tell(bytes: Buffer): void {
    const samples = Float32Array.from(
      { length: bytes.length / 2 },
      (_, i) => bytes.readInt16LE(2 * i) / 32_768,
    );
    const t = this.#startT + (1000 * this.#written) / 2 / this.#rate;
    this.events.onSound?.({ t, rate: this.#rate, samples });
  }

  #over(failure: string | null): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#stopWriting();
    this.#source?.kill('SIGKILL');
    this.#sink?.kill('SIGKILL');
    this.onOver(failure);
  }
}
