import { BehaviorSubject, Subject, type Observable } from 'rxjs';
import type { Clock } from '../runtime/clock.js';
import { messageOf, nativeCall } from '../runtime/errors.js';
import { BackOff } from '../runtime/sources/back-off.js';
import type { ClockEstimate } from '../runtime/sources/source-clock.js';
import type { SourceState } from '../runtime/sources/source-state.js';
import type { CameraCounters, CameraSource } from './camera-source.js';
import { captureAddon, type CaptureMode, type NativeCapture } from './capture-addon.js';
import type { CameraFrame, PixelFormat } from './face-tracker.js';

export interface V4l2Options {
  /** Default `auto`: the first of MJPEG, GREY, YUYV, NV12 (of which the luma is used) that the camera has. */
  readonly format?: 'auto' | 'mjpeg' | 'yuyv' | 'grey' | 'nv12';
  readonly width?: number;
  readonly height?: number;
  readonly fps?: number;
  /** `auto`, microseconds, or as it is when left out. */
  readonly exposure?: 'auto' | number;
  readonly infraredLamp?: 'leave' | 'on' | 'off';
}

const formats: Readonly<Record<number, PixelFormat>> = { 0: 'jpeg', 2: 'grey', 3: 'yuyv' };
const lamps = { leave: -1, off: 0, on: 1 } as const;

/**
 * A camera of the kernel's (V4L2), taken from on a native thread; times are the kernel's stamps. Opened until it opens, and
 * again when it was unplugged. Needs the machine's monotonic clock, as the stamps are on it.
 */
export class V4l2Camera implements CameraSource {
  readonly frames$: Observable<CameraFrame>;
  readonly state$: Observable<SourceState>;
  readonly #frames = new Subject<CameraFrame>();
  readonly #state = new BehaviorSubject<SourceState>({ kind: 'starting' });
  readonly #backOff = new BackOff();
  #capture: NativeCapture | undefined;
  #mode: CaptureMode | undefined;
  #retry: NodeJS.Timeout | undefined;
  #openedMs = 0;
  #number = 0;
  #earlier = { received: 0, dropped: 0, damaged: 0 };
  #losses = 0;
  #lastT = Number.NEGATIVE_INFINITY;

  constructor(
    readonly device: string,
    private readonly options: V4l2Options,
    private readonly drive: Clock,
  ) {
    this.frames$ = this.#frames.asObservable();
    this.state$ = this.#state.asObservable();
    this.#open();
  }

  get address(): string {
    return `v4l2:${this.device}`;
  }

  /** What the camera agreed to; undefined before it was opened. */
  get mode(): CaptureMode | undefined {
    return this.#mode;
  }

  counters(): CameraCounters {
    const now = this.#capture?.counters() ?? { received: 0, dropped: 0, damaged: 0 };
    return {
      received: this.#earlier.received + now.received,
      dropped: this.#earlier.dropped + now.dropped,
      malformed: this.#earlier.damaged + now.damaged,
      losses: this.#losses,
    };
  }

  /** The kernel stamps on our clock. */
  clock(): ClockEstimate {
    return { offsetMs: 0, driftPpm: 0, jumps: 0 };
  }

  close(): void {
    if (this.#state.value.kind === 'closed') return;
    clearTimeout(this.#retry);
    this.#drop();
    this.#state.next({ kind: 'closed' });
    this.#state.complete();
    this.#frames.complete();
  }

  #open(): void {
    const { format = 'auto', width = 640, height = 480, fps = 30 } = this.options;
    const { exposure, infraredLamp = 'leave' } = this.options;
    const exposureUs = exposure === undefined ? -1 : exposure === 'auto' ? 0 : Math.round(exposure);
    try {
      const capture = nativeCall(
        () =>
          new (captureAddon())(
            {
              device: this.device,
              format,
              width,
              height,
              fps,
              exposureUs,
              infraredLamp: lamps[infraredLamp],
            },
            () => this.#take(),
          ),
      );
      this.#capture = capture;
      this.#mode = capture.mode();
      this.#openedMs = this.drive.now();
    } catch (error) {
      this.#down(messageOf(error), 0);
    }
  }

  /** Everything that waits, and perhaps the end. */
  #take(): void {
    const capture = this.#capture;
    const mode = this.#mode;
    if (capture === undefined || mode === undefined) return;
    for (let picture = capture.take(); picture !== null; picture = capture.take()) {
      if (this.#state.value.kind !== 'up') this.#state.next({ kind: 'up' });
      // Stamps of a driver may go back by a hair when it is opened again.
      const t = Math.max(this.#lastT, picture.t);
      this.#lastT = t;
      const { width, height } = mode;
      this.#frames.next({
        t,
        number: this.#number++,
        format: formats[mode.format],
        width,
        height,
        data: picture.data,
      });
      if (this.#capture !== capture) return;
    }
    const reason = capture.ended();
    if (reason === '') return;
    this.#losses += 1;
    this.#drop();
    this.#down(reason, this.drive.now() - this.#openedMs);
  }

  #drop(): void {
    const capture = this.#capture;
    if (capture === undefined) return;
    const { received, dropped, damaged } = capture.counters();
    this.#earlier = {
      received: this.#earlier.received + received,
      dropped: this.#earlier.dropped + dropped,
      damaged: this.#earlier.damaged + damaged,
    };
    this.#capture = undefined;
    capture.close();
  }

  #down(reason: string, upMs: number): void {
    this.#state.next({ kind: 'down', reason });
    this.#retry = setTimeout(() => this.#open(), this.#backOff.failed(upMs));
    this.#retry.unref();
  }
}
