import {
  connectable,
  EMPTY,
  filter,
  last,
  map,
  merge,
  mergeMap,
  Observable,
  Subject,
  takeUntil,
  tap,
} from 'rxjs';
import { Assistant, type AssistantOptions } from './assistant/assistant.js';
import type { AssistantInput, AssistantOutput } from './assistant/exchange.js';
import type { FaceObservation } from './camera/observation.js';
import type { CanFrames } from './can/frames.js';
import type { BusState } from './can/live/can-bus.js';
import { vehicleSignals } from './driver/context/vehicle-signals.js';
import { watchDriver } from './driver/operator.js';
import type { DriverOptions } from './driver/memory.js';
import type { DriverInput, DriverOutput } from './driver/outputs.js';
import { DriverPublisher, enabledPath } from './driver/publisher.js';
import type { Actuators } from './vehicle/actuators.js';
import type { VehicleBus } from './vehicle/bus.js';
import { followBusState } from './vehicle/bus-state.js';
import { changedSamples } from './vehicle/changes.js';
import { observe } from './vehicle/observe.js';
import type { Sample } from './vehicle/sample.js';
import type { VehicleStore } from './vehicle/store.js';

/** Everything that comes into the graph, in one order; times are ms on the drive's clock. */
export type GraphInput =
  | { readonly kind: 'observation'; readonly observation: FaceObservation }
  | { readonly kind: 'can'; readonly t: number; readonly frames: CanFrames }
  /**
   * What the driver or the vehicle's computer wants of the driver graph, what the phone detector saw, and how camera and
   * tracker are.
   */
  | Extract<
      DriverInput,
      { kind: 'acknowledge' | 'enable' | 'journey' | 'policy' | 'phone' | 'load' | 'camera' }
    >
  /** What is said to the assistant, and what it has to know of its own parts. */
  | { readonly kind: 'assistant'; readonly t: number; readonly input: AssistantInput }
  /** A live bus's state changed. */
  | { readonly kind: 'bus'; readonly t: number; readonly state: BusState }
  /** Absolute multiples of a fixed period. Without them silence would go unnoticed. */
  | { readonly kind: 'tick'; readonly t: number };

/** Everything the graph says, in order. */
export type GraphOutput =
  | { readonly kind: 'observation'; readonly t: number; readonly observation: FaceObservation }
  | DriverOutput
  | { readonly kind: 'assistant'; readonly t: number; readonly output: AssistantOutput }
  /** What changed in the vehicle store since the last one. */
  | { readonly kind: 'vehicle'; readonly t: number; readonly samples: readonly Sample[] };

export interface GraphParts {
  readonly store: VehicleStore;
  /** Absent: no CAN, and so no known speed. */
  readonly bus: VehicleBus | null;
  readonly driver: DriverOptions;
  /** Absent: nobody can switch prompts off through the vehicle's API. */
  readonly actuators?: Actuators;
  /** Absent: nobody is listened to, and alerts are not spoken. */
  readonly assistant?: AssistantOptions;
}

/** How often ticks are expected, ms. */
export const tickMs = 50;
/** How often changes of the vehicle store are put out, ms. */
const vehiclePeriodMs = 100;

const speedPath = 'Vehicle.Speed';

/**
 * The whole graph, top to bottom. Everything is synchronous: when an input has been taken, its outputs have been
 * put out, so the order of the outputs follows from the order of the inputs alone.
 *
 *     can frames --> bus ------> vehicle store --speed--+
 *     tick --------> expiry --->      ^                 v
 *     observation ----------------------------> driver: measures -> states -> alerts
 *                                     ^                 |
 *                                     +--- publisher <--+--> outputs
 *     speech -----------------> assistant <-- vehicle store, suggestions
 *
 * The assistant comes last: it sees what an input has made of vehicle and driver, and what it says follows what made
 * it speak.
 */
export function fuse(
  inputs: Observable<GraphInput>,
  { store, bus, driver, actuators, assistant: assistantOptions }: GraphParts,
): Observable<GraphOutput> {
  return new Observable((subscriber) => {
    const shared = connectable(inputs, { connector: () => new Subject<GraphInput>() });
    const can = shared.pipe(filter((input) => input.kind === 'can'));
    const busState = shared.pipe(filter((input) => input.kind === 'bus'));
    const tick = shared.pipe(filter((input) => input.kind === 'tick'));
    const observation = shared.pipe(filter((input) => input.kind === 'observation'));
    const asked = shared.pipe(
      filter(
        (input) =>
          input.kind === 'acknowledge' ||
          input.kind === 'load' ||
          input.kind === 'camera' ||
          input.kind === 'enable' ||
          input.kind === 'journey' ||
          input.kind === 'policy' ||
          input.kind === 'phone',
      ),
    );
    const ended = shared.pipe(last(null, null));

    const publisher = new DriverPublisher(store);
    const assistant = assistantOptions === undefined ? null : new Assistant(store, assistantOptions);
    const changes = changedSamples(store);

    // The vehicle: frames into the store, and time over it. Before the driver on purpose: a frame's speed counts
    // for the observation that follows it, and a stale speed is stale before the driver's tick.
    subscriber.add(can.subscribe(({ frames }) => bus?.receive(frames)));
    subscriber.add(
      busState.subscribe(({ t, state }) => {
        if (bus !== null) followBusState(bus, state, t);
      }),
    );
    subscriber.add(
      tick.subscribe(({ t }) => {
        bus?.tick(t);
        store.expire(t);
      }),
    );

    const speed = observe(store, speedPath).pipe(
      filter(({ t }) => Number.isFinite(t)),
      map(speedInput),
      takeUntil(ended),
    );
    const vehicle = merge(
      ...Object.entries(vehicleSignals).map(([path, readingOf]) => observe(store, path).pipe(map(readingOf))),
    ).pipe(
      filter((reading) => reading !== null),
      map((reading): DriverInput => ({ kind: 'vehicle', t: reading.t, reading })),
      takeUntil(ended),
    );
    const switched = new Subject<DriverInput>();
    const claim = actuators?.claim(enabledPath, 'driver', ({ t, value }) =>
      switched.next({ kind: 'enable', t, enabled: value === true }),
    );
    subscriber.add(() => claim?.release());
    const seen = observation.pipe(
      tap(({ observation: face }) => publisher.observation(face)),
      map(({ observation: face }): GraphOutput => ({ kind: 'observation', t: face.t, observation: face })),
    );
    const watched = merge(speed, vehicle, observation, asked, switched.pipe(takeUntil(ended)), tick).pipe(
      watchDriver(driver),
      tap((output) => publisher.output(output)),
      tap((output) => {
        if (output.kind === 'suggestion')
          assistant?.take({ kind: 'suggestion', t: output.t, what: output.what });
      }),
    );
    const talked = assistant === null ? EMPTY : talk(shared, assistant);
    const changed = tick.pipe(
      tap(({ t }) => publisher.tick(t)),
      filter(({ t }) => t % vehiclePeriodMs === 0),
      map(({ t }) => ({ kind: 'vehicle', t, samples: changes.take() }) as const),
      filter(({ samples }) => samples.length > 0),
    );

    subscriber.add(() => changes.close());
    subscriber.add(() => assistant?.close());
    subscriber.add(merge(seen, watched, talked, changed).subscribe(subscriber));
    subscriber.add(shared.connect());
  });
}

function talk(inputs: Observable<GraphInput>, assistant: Assistant): Observable<GraphOutput> {
  return inputs.pipe(
    tap((input) => {
      if (input.kind === 'assistant') assistant.take(input.input);
      else if (input.kind === 'tick') assistant.take({ kind: 'tick', t: input.t });
    }),
    mergeMap(() => assistant.outputs()),
    map((output): GraphOutput => ({ kind: 'assistant', t: output.t, output })),
  );
}

function speedInput({ t, value, quality }: Sample): DriverInput {
  return { kind: 'speed', t, speedKmh: typeof value === 'number' ? value : Number.NaN, quality };
}
