import { Subject, type Observable } from 'rxjs';
import type { CameraSource } from '../../camera/camera-source.js';
import { FaceTracker, type CameraFrame, type FrameTimings } from '../../camera/face-tracker.js';
import { GovernedTracker } from '../../camera/governed-tracker.js';
import { loadSteps } from '../../camera/load-governor.js';
import { cameraModels, shortHashes } from '../../camera/models-in-use.js';
import { openCamera } from '../../camera/open-camera.js';
import type { GraphInput } from '../../fusion.js';
import type { Clock } from '../../runtime/clock.js';
import { Histogram, type LatencySnapshot } from '../../runtime/histogram.js';
import type { ClockEstimate } from '../../runtime/sources/source-clock.js';
import type { SourceState } from '../../runtime/sources/source-state.js';
import type { CameraConfig, VigilConfig } from '../config/schema.js';

export interface LiveCameraStatus {
  readonly address: string;
  readonly state: SourceState;
  readonly received: number;
  /** Pushed out on the way to the tracker or in its queue. */
  readonly dropped: number;
  readonly malformed: number;
  readonly losses: number;
  readonly clock: ClockEstimate;
  /** What is turned down at present: a name of `loadSteps`. */
  readonly loadStep: string;
  /** Arrival of a frame to its observation. */
  readonly latency: LatencySnapshot;
}

/**
 * The camera and the tracker behind it: pictures in, inputs of the graph out, turned down when the machine is too slow.
 * Close it.
 */
export class LiveCamera {
  readonly inputs$: Observable<GraphInput>;
  /** Pictures as they come, before anything else is done with them. */
  readonly frames$: Observable<CameraFrame>;
  /** Of each frame, after its observation. Diagnostics. */
  readonly timings$: Observable<FrameTimings>;
  /** Of the models in use, as alerts record them. */
  readonly models: Readonly<Record<string, string>>;
  readonly #inputs = new Subject<GraphInput>();
  readonly #timings = new Subject<FrameTimings>();
  readonly #latency = new Histogram();
  readonly #tracker: FaceTracker;
  readonly #governed: GovernedTracker;
  readonly #arrivedMs = new Map<number, number>();
  readonly #source: CameraSource;
  #state: SourceState = { kind: 'starting' };

  /** @throws VigilError of missing or altered models, and of the address */
  constructor(
    camera: CameraConfig,
    driver: VigilConfig['driver'],
    private readonly clock: Clock,
  ) {
    const { eyeNetwork, phone, fifoPriority, cpu } = driver;
    this.inputs$ = this.#inputs.asObservable();
    this.timings$ = this.#timings.asObservable();
    this.#tracker = new FaceTracker({
      mirrored: camera.mirrored,
      horizontalFovDeg: camera.horizontalFovDeg,
      ...(camera.seat === undefined ? {} : { seat: camera.seat }),
      ...(eyeNetwork === 'auto' ? {} : { eyeNetwork }),
      ...(phone ? { phone: {} } : {}),
      ...(fifoPriority === undefined ? {} : { fifoPriority }),
      ...(cpu === undefined ? {} : { cpu }),
    });
    this.models = shortHashes(cameraModels(phone, this.#tracker.eyeNetwork.sha256));
    this.#governed = new GovernedTracker(this.#tracker, clock);
    this.#watchTracker();
    this.#source = openCamera(camera.source, camera, clock);
    this.frames$ = this.#source.frames$;
    this.#watchSource();
  }

  status(): LiveCameraStatus {
    const { received, dropped, malformed, losses } = this.#source.counters();
    return {
      address: this.#source.address,
      state: this.#state,
      received,
      dropped: dropped + this.#tracker.counters().dropped,
      malformed,
      losses,
      clock: this.#source.clock(),
      loadStep: this.#governed.step.name,
      latency: this.#latency.read(),
    };
  }

  close(): void {
    this.#source.close();
    this.#tracker.close();
    this.#inputs.complete();
    this.#timings.complete();
  }

  #watchTracker(): void {
    this.#tracker.frames.subscribe(({ observation, timings }) => {
      this.#inputs.next({ kind: 'observation', observation });
      for (const [number, arrivedMs] of this.#arrivedMs) {
        if (number > observation.frame) break;
        if (number === observation.frame) this.#latency.record(this.clock.now() - arrivedMs);
        this.#arrivedMs.delete(number);
      }
      this.#timings.next(timings);
    });
    this.#tracker.phones.subscribe((observation) => {
      this.#inputs.next({ kind: 'phone', t: observation.t, observation });
    });
    this.#governed.changes.subscribe(({ t, step }) => {
      this.#inputs.next({ kind: 'load', t, turnedDown: step !== loadSteps[0] });
    });
  }

  #watchSource(): void {
    this.#source.state$.subscribe((state) => {
      this.#state = state;
      const t = this.clock.now();
      if (state.kind === 'down') this.#inputs.next({ kind: 'camera', t, fault: 'cameraDisconnected' });
      else if (state.kind === 'up') this.#inputs.next({ kind: 'camera', t, fault: null });
    });
    this.#source.frames$.subscribe((frame) => {
      const arrivedMs = this.clock.now();
      if (this.#governed.push(frame) === 'accepted') this.#arrivedMs.set(frame.number, arrivedMs);
    });
  }
}
