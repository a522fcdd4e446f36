import { Subject } from 'rxjs';
import { eyeNetwork } from '../../src/camera/eye-network.js';
import { FaceTracker, type FrameTimings } from '../../src/camera/face-tracker.js';
import { GovernedTracker } from '../../src/camera/governed-tracker.js';
import { loadSteps } from '../../src/camera/load-governor.js';
import { cameraModels, shortHashes } from '../../src/camera/models-in-use.js';
import { optionalDrowsinessModel } from '../../src/driver/drowsiness/optional-model.js';
import { decodeDbcBytes, parseDbc } from '../../src/can/dbc-parser.js';
import { loadCabin } from '../../src/driver/gaze/cabin.js';
import { loadPolicies, type Policy } from '../../src/driver/policy/policy.js';
import { fuse, tickMs, type GraphInput, type GraphOutput } from '../../src/fusion.js';
import { monotonicClock } from '../../src/runtime/clock.js';
import { VigilError } from '../../src/runtime/errors.js';
import { VehicleBus } from '../../src/vehicle/bus.js';
import { loadMapping, standardMappingFile } from '../../src/vehicle/mapping.js';
import { VehicleStore } from '../../src/vehicle/store.js';
import { loadTree } from '../../src/vehicle/tree.js';
import type { RecordedMessage } from '../recording/message.js';
import { openRecording, type Recording } from '../recording/reader.js';
import { OrderedInputs } from './ordered-inputs.js';
import type { ReplayOptions } from './options.js';
import { SpokenSide } from './spoken-side.js';
import { Pacer, timerSleep } from './pacer.js';
import { recordedCamera } from './recorded-camera.js';
import { SeenFrames } from './seen-frames.js';
import type { ReplayBatch, ReplayReport, ReplayStart } from './report.js';
import { StageClock } from '../../src/stage-clock.js';

/** Where a session's results go. `ready` holds a lock-step replay back while the reader is busy. */
export interface ReplaySink {
  start(start: ReplayStart): void;
  post(batch: ReplayBatch): void;
  ready(): Promise<void>;
}

/** Outputs that are gathered before they cross to another thread; a paced replay sends them at once. */
const lockStepBatch = 128;

/**
 * Replays a recording through the graph that also runs in the vehicle. Paced (`speed` a number) it follows the
 * wall clock and drops like the live system; in lock-step (`max`) it waits instead, and its outputs are a pure
 * function of recording, configuration and models.
 * @throws VigilError of the recording, the mapping, the policy or the models
 */
export async function runReplay(
  options: ReplayOptions,
  sink: ReplaySink,
  signal: AbortSignal,
): Promise<ReplayReport> {
  const recording = await openRecording(options.path);
  try {
    return await new Session(options, sink, signal, recording, loadPolicies(options.policy)).run();
  } finally {
    await recording.close();
  }
}

class Session {
  readonly #paced: boolean;
  readonly #pacer: Pacer | null;
  readonly #clock = new StageClock(monotonicClock);
  readonly #store: VehicleStore;
  readonly #inputs = new Subject<GraphInput>();
  readonly #ordered: OrderedInputs;
  #outputs: GraphOutput[] = [];
  #timings: FrameTimings[] = [];
  #reachedMs: number;
  readonly #spoken: SpokenSide | null;
  /** Inputs that came while one was being taken: what is heard may follow from what was just put out. */
  readonly #waiting: GraphInput[] = [];
  #isTaking = false;

  constructor(
    private readonly options: ReplayOptions,
    private readonly sink: ReplaySink,
    private readonly signal: AbortSignal,
    private readonly recording: Recording,
    private readonly policies: readonly Policy[],
  ) {
    this.#paced = options.speed !== 'max';
    this.#pacer = options.speed === 'max' ? null : new Pacer(options.speed, monotonicClock, timerSleep);
    this.#reachedMs = Math.max(options.fromMs, recording.startMs);
    this.#store = new VehicleStore({
      tree: loadTree(),
      onListenerError: (error) => {
        throw error;
      },
    });
    this.#ordered = new OrderedInputs((input) => this.#take(input), tickMs);
    this.#spoken =
      options.assistant === undefined
        ? null
        : new SpokenSide(this.#store, options.assistant, (input) => {
            this.#ordered.add({ kind: 'assistant', t: input.t, input });
          });
  }

  async run(): Promise<ReplayReport> {
    const camera = recordedCamera(this.recording.metadata, this.options);
    const tracker = new FaceTracker({
      ...camera.tracker,
      ...(this.#paced ? {} : { dropPolicy: 'block' as const }),
    });
    try {
      const bus = await this.#bus();
      this.sink.start(this.#start(bus !== null));
      const failure = new AbortController();
      const [policy, ...alongside] = this.policies;
      const { metadata } = this.recording;
      const driver = {
        ...{ policy, alongside, mount: camera.mount, seat: camera.seat },
        models: shortHashes(this.#models()),
        cabin: loadCabin(metadata.cabin),
        drowsiness: optionalDrowsinessModel(),
        wallClock: metadata.wallClock ?? null,
      };
      const assistant = this.#spoken?.assistant;
      const parts = {
        ...{ store: this.#store, bus, driver },
        ...(assistant === undefined ? {} : { assistant }),
      };
      fuse(this.#inputs, parts).subscribe({
        next: (output) => {
          this.#outputs.push(output);
          if (output.kind === 'assistant') this.#spoken?.take(output.output);
        },
        error: (error: unknown) => failure.abort(error),
      });
      const hasAudio = this.recording.topics.some(({ topic }) => topic === 'audio');
      await this.#spoken?.open(this.#reachedMs, hasAudio);
      const governed = this.#paced ? new GovernedTracker(tracker, monotonicClock) : null;
      governed?.changes.subscribe(({ t, step }) => {
        this.#ordered.add({ kind: 'load', t, turnedDown: step !== loadSteps[0] });
      });
      const seen = new SeenFrames((frame, phones) => {
        const behind = phones.map(
          (observation) => ({ kind: 'phone', t: observation.t, observation }) as const,
        );
        this.#ordered.resolve(frame, behind);
        this.#post(false);
      });
      tracker.frames.subscribe(({ observation, timings }) => {
        this.#clock.frame(timings);
        this.#timings.push(timings);
        seen.frame(observation);
      });
      tracker.phones.subscribe((observation) => seen.phone(observation));
      const { fromMs, toMs } = this.options;
      const topics = ['camera', 'can', ...(this.#spoken === null ? [] : ['audio'])];
      for await (const message of this.recording.messages({ fromMs, toMs, topics })) {
        await this.#pacer?.until(message.t);
        if (this.signal.aborted) break;
        await this.#feed(message, tracker, governed);
        this.#post(false);
        await this.sink.ready();
        failure.signal.throwIfAborted();
      }
      await tracker.idle();
      seen.settle();
      if (!this.signal.aborted) this.#reachedMs = Math.min(toMs, this.recording.endMs);
      this.#ordered.finish(this.#reachedMs);
      this.#inputs.complete();
      failure.signal.throwIfAborted();
      this.#post(true);
      return this.#report(tracker);
    } finally {
      tracker.close();
      this.#spoken?.close();
    }
  }

  /** @param governed takes the frames of a paced replay; null in lock-step */
  async #feed(
    message: RecordedMessage,
    tracker: FaceTracker,
    governed: GovernedTracker | null,
  ): Promise<void> {
    this.#reachedMs = message.t;
    if (message.kind === 'can') {
      this.#ordered.add({ kind: 'can', t: message.t, frames: message.frames });
    } else if (message.kind === 'camera') {
      const { t, sequence: number, format, data } = message;
      if (governed === null) {
        this.#ordered.expect(number);
        await tracker.pushWhenFree({ t, number, format, data });
      } else if (governed.push({ t, number, format, data }) === 'accepted') {
        this.#ordered.expect(number);
      }
    } else if (message.kind === 'audio' && this.#spoken !== null) {
      // In lock-step the graph has seen all that came before a sound is heard, so what opens the microphone does not
      // depend on how fast the vision thread was.
      if (!this.#paced) await tracker.idle();
      this.#spoken.push(message);
      if (!this.#paced) await this.#spoken.settled();
    }
  }

  #take(input: GraphInput): void {
    this.#waiting.push(input);
    if (this.#isTaking) return;
    this.#isTaking = true;
    try {
      for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
        if (next.kind === 'tick') {
          const spoken = this.#spoken?.tick(next.t) ?? null;
          if (spoken !== null) this.#step({ kind: 'assistant', t: spoken.t, input: spoken });
        }
        this.#step(next);
      }
    } finally {
      this.#waiting.length = 0;
      this.#isTaking = false;
    }
  }

  #step(input: GraphInput): void {
    this.#clock.step(input, (next) => this.#inputs.next(next));
  }

  #post(all: boolean): void {
    if (this.#outputs.length === 0 && this.#timings.length === 0) return;
    if (!all && !this.#paced && this.#outputs.length < lockStepBatch) return;
    this.sink.post({ outputs: this.#outputs, timings: this.#timings });
    this.#outputs = [];
    this.#timings = [];
  }

  async #bus(): Promise<VehicleBus | null> {
    const { mapping } = this.recording.metadata;
    if (mapping === '') return null;
    const dbc = await this.recording.dbc();
    if (dbc === null) {
      throw new VigilError(
        'RECORDING_NO_DBC',
        `Expected the recording to hold the DBC of its mapping ${mapping} but it holds none.`,
        'Import the drive again with --dbc.',
      );
    }
    const { database } = parseDbc(decodeDbcBytes(dbc.data), dbc.name);
    return new VehicleBus(
      this.#store,
      database,
      loadMapping(standardMappingFile(mapping), this.#store.tree, database),
    );
  }

  #start(hasCan: boolean): ReplayStart {
    const { metadata, startMs, endMs, topics } = this.recording;
    return {
      vehicle: metadata.vehicle,
      mapping: metadata.mapping,
      recordedWith: metadata.softwareVersion,
      startMs,
      endMs,
      hasCamera: topics.some(({ topic }) => topic === 'camera'),
      hasCan,
      policy: { id: this.policies.map(({ id }) => id).join('+'), version: this.policies[0].version },
      models: {
        ...this.#models(),
        ...this.#spoken?.models(),
      },
    };
  }

  #models(): Readonly<Record<string, string>> {
    return cameraModels(this.options.phone ?? false, eyeNetwork().sha256);
  }

  #report(tracker: FaceTracker): ReplayReport {
    return {
      endedMs: this.#reachedMs,
      interrupted: this.signal.aborted,
      damaged: this.recording.damaged,
      vision: tracker.counters(),
      visionStages: tracker.latencies(),
      stages: this.#clock.read(tracker.phoneCounters()?.cpu),
      store: this.#store.counters,
      pace:
        this.#pacer === null
          ? null
          : { lateness: this.#pacer.lateness(), behindMs: this.#pacer.lastLatenessMs },
    };
  }
}
