import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { BehaviorSubject, Subject, type Observable } from 'rxjs';
import type { Clock } from '../runtime/clock.js';
import { BackOff } from '../runtime/sources/back-off.js';
import type { ClockEstimate } from '../runtime/sources/source-clock.js';
import type { SourceState } from '../runtime/sources/source-state.js';
import type { PcmChunk } from './pcm.js';
import { PcmReader } from './pcm-reader.js';
import { speechFormat, type PcmCounters, type PcmFormat, type PcmSource } from './pcm-source.js';

/** A recording program that writes raw samples to its standard output. */
export interface RecordingProgram {
  readonly command: string;
  readonly arguments: readonly string[];
}

/** ALSA's `arecord` (package alsa-utils). @param device as in `arecord -L`; 20 ms at a time */
export function arecord(device: string, { rate, channels }: PcmFormat = speechFormat): RecordingProgram {
  const format = ['-t', 'raw', '-f', 'S16_LE', '-r', String(rate), '-c', String(channels)];
  return {
    command: 'arecord',
    arguments: ['-q', '-D', device, ...format, '--period-time=20000', '--buffer-time=500000'],
  };
}

/** PipeWire's `pw-record` (package pipewire-bin). @param target node name or serial; empty: the default microphone */
export function pwRecord(target: string, { rate, channels }: PcmFormat = speechFormat): RecordingProgram {
  const where = target === '' ? [] : ['--target', target];
  const format = ['--format', 's16', '--rate', String(rate), '--channels', String(channels)];
  return { command: 'pw-record', arguments: [...where, ...format, '--latency', '20ms', '--raw', '-'] };
}

type Child = ChildProcessByStdio<null, Readable, Readable>;

/** A microphone without a byte for so long counts as gone, ms. */
const silentAfterMs = 2000;
/** Of what the program complains, the end. */
const mostComplaint = 500;

/**
 * A microphone behind a recording program, a child process: started, and started anew with growing pauses when it ends
 * or falls silent. Owns the process; close ends it. It does not keep the process that runs it alive.
 * @throws VigilError `INVALID_ARGUMENT` for the format, when constructed
 */
export class PcmProgram implements PcmSource {
  readonly chunks$: Observable<PcmChunk>;
  readonly state$: Observable<SourceState>;
  readonly #chunks = new Subject<PcmChunk>();
  readonly #state = new BehaviorSubject<SourceState>({ kind: 'starting' });
  readonly #reader: PcmReader;
  readonly #backOff = new BackOff();
  #child: Child | undefined;
  #timer: NodeJS.Timeout | undefined;
  #upSinceMs: number | undefined;
  #losses = 0;

  constructor(
    readonly address: string,
    private readonly program: RecordingProgram,
    private readonly time: Clock,
    format: PcmFormat = speechFormat,
  ) {
    this.chunks$ = this.#chunks.asObservable();
    this.state$ = this.#state.asObservable();
    this.#reader = new PcmReader(format, (chunk) => this.#chunks.next(chunk));
    this.#start();
  }

  counters(): PcmCounters {
    return { ...this.#reader.counters(), losses: this.#losses };
  }

  clock(): ClockEstimate {
    return this.#reader.clock();
  }

  close(): void {
    if (this.#state.value.kind === 'closed') return;
    clearTimeout(this.#timer);
    this.#state.next({ kind: 'closed' });
    this.#state.complete();
    this.#chunks.complete();
    this.#child?.kill('SIGKILL');
  }

  #start(): void {
    const { command } = this.program;
    const child = spawn(command, this.program.arguments, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    this.#upSinceMs = undefined;
    this.#reader.begin();
    child.unref();
    for (const pipe of [child.stdout, child.stderr]) if (pipe instanceof Socket) pipe.unref();
    let reason = '';
    let complaint = '';
    child.stderr.on('data', (text: Buffer) => {
      complaint = (complaint + text.toString()).slice(-mostComplaint);
    });
    child.stdout.on('data', (bytes: Buffer) => this.#take(child, bytes));
    child.once('error', (error: NodeJS.ErrnoException) => {
      reason = error.code === 'ENOENT' ? `${command} is not installed` : error.message;
      if (child.pid === undefined) this.#lost(reason);
    });
    child.once('close', (code, signal) => {
      const said = complaint.trim().split('\n').at(-1) ?? '';
      const ended = `${command} ended with ${code === null ? String(signal) : `exit code ${code}`}`;
      if (child.pid !== undefined) this.#lost(reason || (said === '' ? ended : `${ended}: ${said}`));
    });
    this.#watch(() => {
      reason = `${command} sent nothing for ${silentAfterMs / 1000} s`;
      child.kill('SIGKILL');
    });
  }

  #take(child: Child, bytes: Buffer): void {
    if (this.#state.value.kind === 'closed' || child !== this.#child) return;
    this.#timer?.refresh();
    const now = this.time.now();
    if (this.#state.value.kind !== 'up') {
      this.#upSinceMs = now;
      this.#state.next({ kind: 'up' });
    }
    this.#reader.read(bytes, now);
  }

  #lost(reason: string): void {
    clearTimeout(this.#timer);
    if (this.#state.value.kind === 'closed') return;
    const upMs = this.#upSinceMs === undefined ? 0 : this.time.now() - this.#upSinceMs;
    this.#losses += 1;
    this.#state.next({ kind: 'down', reason });
    this.#timer = setTimeout(() => this.#start(), this.#backOff.failed(upMs));
    this.#timer.unref();
  }

  #watch(silent: () => void): void {
    this.#timer = setTimeout(silent, silentAfterMs);
    this.#timer.unref();
  }
}
