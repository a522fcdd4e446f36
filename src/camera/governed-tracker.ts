import { Subject, type Observable } from 'rxjs';
import { budgets } from '../runtime/budgets.js';
import type { Clock } from '../runtime/clock.js';
import type { CameraFrame, FaceTracker, PushResult } from './face-tracker.js';
import {
  FrameGate,
  initialGovernor,
  loadSteps,
  stepGovernor,
  type Governor,
  type LoadStep,
} from './load-governor.js';

/**
 * A face tracker that turns things down when its frames miss their budget, and up again later. For live operation and
 * paced replay only: it goes by the wall clock, which lock-step must not. The tracker stays its owner's to close.
 */
export class GovernedTracker {
  /** Each change of what is used, with the drive's time of the frame that brought it about. */
  readonly changes: Observable<{ readonly t: number; readonly step: LoadStep }>;
  readonly #changes = new Subject<{ t: number; step: LoadStep }>();
  readonly #gate = new FrameGate();
  readonly #arrivedMs = new Map<number, number>();
  #governor: Governor = initialGovernor;
  #newestT = 0;

  constructor(
    private readonly tracker: FaceTracker,
    private readonly clock: Clock,
  ) {
    this.changes = this.#changes.asObservable();
    tracker.frames.subscribe(({ observation }) => this.#took(observation.frame));
  }

  get step(): LoadStep {
    return loadSteps[this.#governor.step];
  }

  /** As the tracker's; `skipped` where the frame rate is turned down. */
  push(frame: CameraFrame): PushResult | 'skipped' {
    this.#newestT = frame.t;
    if (!this.#gate.admits(frame.t, this.step.maxFps)) return 'skipped';
    const result = this.tracker.push(frame);
    if (result === 'accepted') this.#arrivedMs.set(frame.number, this.clock.now());
    else if (result === 'full') this.#judge(this.clock.now(), true);
    return result;
  }

  /** One frame is through; earlier ones that never came were dropped on the way. */
  #took(number: number): void {
    const now = this.clock.now();
    for (const [earlier, arrivedMs] of this.#arrivedMs) {
      if (earlier > number) continue;
      this.#arrivedMs.delete(earlier);
      this.#judge(now, earlier < number || now - arrivedMs > budgets['vision.frame'].maxMs);
    }
  }

  #judge(now: number, missed: boolean): void {
    const before = this.#governor.step;
    this.#governor = stepGovernor(this.#governor, now, missed);
    if (this.#governor.step === before) return;
    this.tracker.pauseEyeNetwork(!this.step.eyeNetwork);
    this.#changes.next({ t: this.#newestT, step: this.step });
  }
}
