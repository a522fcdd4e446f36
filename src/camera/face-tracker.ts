import { Subject, type Observable } from 'rxjs';
import { budgets, type DropPolicy } from '../runtime/budgets.js';
import type { LatencySnapshot } from '../runtime/core-addon.js';
import { VigilError, nativeCall } from '../runtime/errors.js';
import { requireModel } from '../runtime/models.js';
import { onnxRuntimeLibrary } from '../runtime/native.js';
import { loadCanonicalFace } from './canonical-face.js';
import { eyeNetwork, eyeNetworkUses, type EyeNetwork, type EyeNetworkUse } from './eye-network.js';
import type { FaceObservation } from './observation.js';
import type { PhoneCounters } from './phone-addon.js';
import { PhoneChannel, type PhoneOptions } from './phone-channel.js';
import type { PhoneObservation } from './phone-observation.js';
import { seatShares, type SeatWindow } from './seat-window.js';
import {
  observationColumns,
  readObservation,
  readTimings,
  visionAddon,
  type FrameTimings,
  type NativeFaceTracker,
  type VisionStage,
  type WorkerCounters,
} from './vision-addon.js';

export type { FrameTimings, PhoneCounters, PhoneOptions, VisionStage, WorkerCounters };

/** Of a frame's bytes: `rgb` has three a pixel, `grey` one, `yuyv` two. */
export type PixelFormat = 'jpeg' | 'rgb' | 'grey' | 'yuyv';

/** One encoded or raw frame. Width and height are needed for raw pixels only; a JPEG knows its own. */
export interface CameraFrame {
  /** Milliseconds on the drive's clock. */
  readonly t: number;
  readonly number: number;
  readonly format: PixelFormat;
  readonly width?: number;
  readonly height?: number;
  readonly data: Uint8Array;
}

export interface FaceTrackerOptions {
  /** The image shows the driver as in a mirror. Default false. */
  readonly mirrored?: boolean;
  /**
   * Horizontal field of view of the whole frame, degrees, 10 to 150; default 55, between the 50 of many cabin cameras
   * and the 60 of many webcams. It says how far a face off the image's middle
   * is off the camera's axis: with 10 degrees too much, a face halfway to the edge reads 3 degrees too far turned.
   */
  readonly horizontalFovDeg?: number;
  /** Where in the image the driver's face belongs: of several faces the one in here is tracked. Default: anywhere. */
  readonly seat?: SeatWindow;
  /** How often the detector looks for other faces while one is tracked, ms of drive time. Default 3000. */
  readonly recheckMs?: number;
  /** Put the 478 landmarks into every observation. Default false. */
  readonly landmarks?: boolean;
  /** Run the detector on every frame instead of tracking, for benchmarks. Default false. */
  readonly detectEveryFrame?: boolean;
  /** Default: `unsure` where the eye-state network's optional weights are there, else `off`. */
  readonly eyeNetwork?: EyeNetworkUse;
  /**
   * Look for a phone in hand or at the ear, about once a second on an idle thread. Default: not, and `phones` says that
   * it is unavailable, as the detector is not proven on drivers (docs/phone.md).
   */
  readonly phone?: PhoneOptions;
  /** Default: the budget table's. Lock-step replay uses `block`. */
  readonly dropPolicy?: DropPolicy;
  readonly queueLength?: number;
  /** SCHED_FIFO priority of the vision thread, where the system permits. */
  readonly fifoPriority?: number;
  /** Processor to pin the vision thread to. */
  readonly cpu?: number;
}

/** What a frame said and what it took. */
export interface TrackedFrame {
  readonly observation: FaceObservation;
  readonly timings: FrameTimings;
}

/** Whether a frame was taken. `full`: offer it again, as the policy is `block` and the queue is full. */
export type PushResult = 'accepted' | 'full' | 'closed';

const formatCode: Record<PixelFormat, number> = { jpeg: 0, rgb: 1, grey: 2, yuyv: 3 };
const policyCode: Record<DropPolicy, number> = { oldest: 0, newest: 1, block: 2 };
const pushResults: readonly PushResult[] = ['accepted', 'full', 'closed'];

/**
 * Camera frames in, one observation per accepted frame out, in order, computed on a native thread of its own.
 * While frames are on their way it keeps the process alive; `close` stops the thread.
 * @throws VigilError for missing or wrong models and libraries, when constructed
 */
export class FaceTracker {
  readonly frames: Observable<TrackedFrame>;
  /**
   * What is known about phones, about once a second, each after the frame with which it came: in lock-step the frame
   * that was looked at, otherwise a later one.
   */
  readonly phones: Observable<PhoneObservation>;
  /** The eye-state network as it is used here. */
  readonly eyeNetwork: EyeNetwork;
  readonly #native: NativeFaceTracker;
  readonly #frames = new Subject<TrackedFrame>();
  readonly #phones: PhoneChannel;
  #batchWaiters: (() => void)[] = [];

  constructor(options: FaceTrackerOptions = {}) {
    const budget = budgets['vision.frame'];
    const canonical = loadCanonicalFace();
    const dropPolicy = options.dropPolicy ?? budget.dropPolicy;
    this.frames = this.#frames.asObservable();
    this.#phones = new PhoneChannel(options.phone);
    this.phones = this.#phones.observations;
    this.eyeNetwork = eyeNetwork(options.eyeNetwork);
    const { use, path } = this.eyeNetwork;
    this.#native = nativeCall(
      () =>
        new (visionAddon().FaceTracker)(
          {
            onnxLibrary: onnxRuntimeLibrary(),
            detectorModel: requireModel('face_detection_short_range').path,
            meshModel: requireModel('face_landmarks_attention').path,
            canonicalVertices: canonical.vertices,
            canonicalAnchors: canonical.anchors,
            eyeNetwork: eyeNetworkUses.indexOf(use),
            ...(path === null ? {} : { eyeStateModel: path }),
            mirrored: options.mirrored ?? false,
            ...(options.recheckMs === undefined ? {} : { recheckMs: options.recheckMs }),
            ...(options.seat === undefined ? {} : { seat: seatShares(options.seat) }),
            ...(options.horizontalFovDeg === undefined ? {} : { horizontalFovDeg: options.horizontalFovDeg }),
            landmarks: options.landmarks ?? false,
            detectEveryFrame: options.detectEveryFrame ?? false,
            queueLength: options.queueLength ?? budget.queue,
            dropPolicy: policyCode[dropPolicy],
            deadlineMs: budget.maxMs,
            ...this.#phones.config(dropPolicy === 'block'),
            ...(options.fifoPriority === undefined ? {} : { fifoPriority: options.fifoPriority }),
            ...(options.cpu === undefined ? {} : { cpu: options.cpu }),
          },
          (rows, timings, landmarks, phones) => this.#deliver(rows, timings, landmarks, phones),
        ),
    );
  }

  /** Never waits. Under `block`, `full` means: try again after the next observation. The data is copied. */
  push(frame: CameraFrame): PushResult {
    const { t, number, format, width = 0, height = 0, data } = frame;
    return pushResults[
      nativeCall(() => this.#native.push(t, number, formatCode[format], width, height, data))
    ];
  }

  /**
   * Lock-step: waits for room instead of dropping. Only with `dropPolicy: 'block'`.
   * @throws VigilError `TRACKER_CLOSED`
   */
  async pushWhenFree(frame: CameraFrame): Promise<void> {
    for (;;) {
      const result = this.push(frame);
      if (result === 'accepted') return;
      if (result === 'closed')
        throw new VigilError('TRACKER_CLOSED', 'Expected an open face tracker but it was closed.');
      await this.#nextBatch();
    }
  }

  /** Resolves when every frame that was accepted and not dropped has been observed. */
  async idle(): Promise<void> {
    while (this.#native.outstanding() > 0) await this.#nextBatch();
  }

  /** Saves what the eye-state network costs, from the next frame on. */
  pauseEyeNetwork(paused: boolean): void {
    nativeCall(() => this.#native.pauseEyeNetwork(paused));
  }

  counters(): WorkerCounters {
    return this.#native.counters();
  }

  latencies(): Record<VisionStage, LatencySnapshot> {
    return this.#native.latencies();
  }

  /** undefined where no phone is looked for. */
  phoneCounters(): PhoneCounters | undefined {
    return this.#native.phoneCounters();
  }

  close(): void {
    this.#native.close();
    this.#wake();
    this.#frames.complete();
    this.#phones.complete();
  }

  #deliver(
    rows: Float64Array,
    timings: Float64Array,
    landmarks: Float32Array | undefined,
    phones: Float64Array | undefined,
  ): void {
    const count = rows.length / observationColumns;
    for (let row = 0; row < count; row++) {
      const observation = readObservation(rows, row, landmarks);
      this.#frames.next({ observation, timings: readTimings(timings, row) });
      this.#phones.afterFrame(observation, row, phones);
    }
    this.#wake();
  }

  #nextBatch(): Promise<void> {
    return new Promise((resolve) => this.#batchWaiters.push(resolve));
  }

  #wake(): void {
    const waiters = this.#batchWaiters;
    this.#batchWaiters = [];
    for (const resolve of waiters) resolve();
  }
}
