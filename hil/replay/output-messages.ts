import type { FaceObservation } from '../../src/camera/observation.js';
import type { Alert, AlertChange, AlertEnd } from '../../src/driver/policy/alert.js';
import type { BlinkEvent } from '../../src/driver/eyes/blink.js';
import type { Measured } from '../../src/driver/measured.js';
import type { DriverMeasures, DriverOutput } from '../../src/driver/outputs.js';
import type { AlertLevel } from '../../src/driver/policy/policy.js';
import { isUnknown, unknownReason, type DriverState } from '../../src/driver/policy/state.js';
import type { GraphOutput } from '../../src/fusion.js';
import type { Sample } from '../../src/vehicle/sample.js';
import type { SignalTree } from '../../src/vehicle/tree.js';
import type { Output } from '../recording/message.js';
import { assistantMessages } from './assistant-lines.js';
import { stateWord } from './wording.js';

/** Topics that a replay adds beside the inputs. */
export const outputTopics = {
  face: 'vigil/face',
  driver: 'vigil/driver',
  event: 'vigil/event',
  alert: 'vigil/alert',
  vehicle: 'vigil/vehicle',
} as const;

const escalationStep: Record<AlertLevel, number> = { inform: 1, warning: 2, urgent: 3 };

/**
 * Turns what the graph says into messages of a recording. Holds the newest state and measures, since a
 * DriverState message says both.
 */
export class OutputMessages {
  #state: DriverState | null = null;
  #measures: DriverMeasures | null = null;

  #policy: string;

  constructor(
    policy: string,
    private readonly tree: SignalTree,
  ) {
    this.#policy = policy;
  }

  of(output: GraphOutput): Output[] {
    switch (output.kind) {
      case 'observation':
        return [faceMessage(output.observation)];
      case 'assistant':
        return assistantMessages(output.output);
      case 'vehicle':
        return [this.#vehicleMessage(output.t, output.samples)];
      case 'measures':
        this.#measures = output.measures;
        return this.#driverMessage(output.t);
      case 'stateChanged':
        this.#state = output.state;
        return [...this.#driverMessage(output.t), stateEvent(output.t, output.state)];
      case 'blink':
        return [closureEvent(output.t, 'blink', output.blink)];
      case 'closure':
        return [closureEvent(output.t, 'closure', output.closure)];
      case 'alertStarted':
        return [alertMessage(output.t, output.alert, 'raised')];
      case 'alertChanged':
        return [alertMessage(output.t, output.alert, output.change)];
      case 'alertEnded':
        return [alertMessage(output.t, output.alert, 'cleared', output.reason)];
      case 'policyChanged':
        this.#policy = output.policies.map(({ id }) => id).join('+');
        return [noteEvent(output)];
      case 'suggestion':
      case 'enabledChanged':
      case 'policyRefused':
      case 'clockRestarted':
      case 'inputRejected':
        return [noteEvent(output)];
    }
  }

  #driverMessage(t: number): Output[] {
    const state = this.#state;
    if (state === null) return [];
    const m = this.#measures;
    const message = {
      state: state.kind,
      reason: unknownReason(state) ?? '',
      quality: isUnknown(state) ? 'unavailable' : 'valid',
      sinceMs: state.sinceMs,
      ...known('perclos', m?.perclos),
      ...known('closedShare', m?.closedShare),
      ...known('closure', m?.closure),
      ...known('closedForMs', m?.closureMs),
      ...known('eyesOnRoad', m?.eyesOnRoad),
      ...known('offRoadForMs', m?.awayMs),
      ...known('blinkRatePerMin', m?.blinks.ratePerMin),
      ...known('perclosLong', m?.perclosLong),
      ...known('perclos70', m?.perclos70),
      ...known('closureSquare', m?.closureSquare),
      ...known('blinkDurationMs', m?.blinks.meanDurationMs),
      ...known('longClosureShare', m?.blinks.longShare),
      ...known('microsleeps', m?.microsleeps.count),
      ...known('steeringReversalsPerMin', m?.steering.reversalsPerMin),
      ...known('steeringEntropy', m?.steering.entropy),
      ...known('handsOnWheel', m?.steering.handsOnWheel),
      ...(m?.kss.quality === 'valid'
        ? { kssEstimate: m.kss.value.estimate, kssConfidence: m.kss.value.confidence }
        : {}),
      ...known('headYawDeg', m?.headYawDeg),
      ...known('headPitchDeg', m?.headPitchDeg),
      ...(m === null ? {} : ungated(m)),
      policy: this.#policy,
    };
    return [{ t, topic: outputTopics.driver, typeName: 'vigil.DriverState', message }];
  }

  #vehicleMessage(t: number, samples: readonly Sample[]): Output {
    const message = {
      samples: samples
        .filter((sample) => Number.isFinite(sample.t))
        .map(({ path, t: measuredT, value, quality, reason, source }) => ({
          path,
          t: measuredT,
          ...(typeof value === 'number' ? { number: value } : {}),
          ...(typeof value === 'boolean' ? { boolean: value } : {}),
          ...(typeof value === 'string' ? { text: value } : {}),
          quality,
          reason,
          source,
          unit: this.tree.byPath.get(path)?.unit ?? '',
        })),
    };
    return { t, topic: outputTopics.vehicle, typeName: 'vigil.VehicleSamples', message };
  }
}

/** What is always there once there are measures. */
function ungated(measures: DriverMeasures): object {
  const { frame, measuredMs, timeOnTaskMs, calibration, degradedBy, faults, corroboration } = measures;
  return {
    ...(frame === null ? {} : { frame }),
    measuredMs,
    timeOnTaskMs,
    calibration,
    degradedBy: [...new Set(degradedBy)],
    faults,
    ...known('yawns', corroboration.yawns),
    ...known('nods', corroboration.nods),
    ...known('speaking', corroboration.speaking),
    ...known('headResting', corroboration.headResting),
  };
}

/** A measure that could not be taken is absent. */
function known<Name extends string, T>(
  name: Name,
  measured: Measured<T> | undefined,
): Partial<Record<Name, T>> {
  return measured?.quality === 'valid' ? ({ [name]: measured.value } as Record<Name, T>) : {};
}

function faceMessage(observation: FaceObservation): Output {
  const { t } = observation;
  const message = {
    ...observation,
    ...(observation.kind === 'face' && observation.landmarks
      ? { landmarks: [...observation.landmarks] }
      : {}),
  };
  return { t, topic: outputTopics.face, typeName: 'vigil.FaceObservation', message };
}

function stateEvent(t: number, state: DriverState): Output {
  return event(t, {
    kind: 'stateChange',
    name: state.kind,
    startMs: state.sinceMs,
    endMs: state.sinceMs,
    detail: `The driver is ${stateWord(state)}.`,
    measures: [],
  });
}

function closureEvent(t: number, kind: string, { startMs, endMs, durationMs, minRatio }: BlinkEvent): Output {
  return event(t, {
    kind,
    name: kind,
    startMs,
    endMs,
    detail: `Eyes closed for ${Math.round(durationMs)} ms.`,
    measures: [
      { name: 'durationMs', value: durationMs, unit: 'ms' },
      { name: 'minOpennessRatio', value: minRatio, unit: '' },
    ],
  });
}

type Note = Extract<
  DriverOutput,
  {
    kind:
      | 'suggestion'
      | 'enabledChanged'
      | 'policyChanged'
      | 'policyRefused'
      | 'clockRestarted'
      | 'inputRejected';
  }
>;

function noteEvent(output: Note): Output {
  return event(output.t, {
    kind: noteKinds[output.kind],
    name: output.kind === 'suggestion' ? output.what : output.kind,
    startMs: output.t,
    endMs: output.t,
    detail: noteDetail(output),
    measures: [],
  });
}

const noteKinds: Readonly<Record<Note['kind'], string>> = {
  suggestion: 'suggestion',
  enabledChanged: 'setting',
  policyChanged: 'setting',
  policyRefused: 'fault',
  clockRestarted: 'fault',
  inputRejected: 'fault',
};

function noteDetail(output: Note): string {
  switch (output.kind) {
    case 'suggestion':
      return `A rest break, because of ${output.because.alertId} (${output.because.policy}).`;
    case 'enabledChanged':
      return `Prompts that may be switched off are ${output.enabled ? 'on' : 'off'}: ${output.because}.`;
    case 'policyChanged':
      return `In force: ${output.policies.map(({ id, version }) => `${id} v${version}`).join(', ')}.`;
    case 'policyRefused':
      return output.detail;
    case 'clockRestarted':
      return `Time went back from ${output.lastT} ms; everything learnt was forgotten.`;
    case 'inputRejected':
      return `An input (${output.input}) was not used: ${output.reason}.`;
  }
}

function event(t: number, message: object): Output {
  return { t, topic: outputTopics.event, typeName: 'vigil.Event', message: { source: 'driver', ...message } };
}

function alertMessage(
  t: number,
  alert: Alert,
  change: 'raised' | 'cleared' | AlertChange,
  reason?: AlertEnd,
): Output {
  const measures = Object.entries(alert.measured)
    .filter((entry): entry is [string, number] => entry[1] !== null)
    .map(([name, value]) => ({ name, value, unit: '' }));
  const before = Object.entries(alert.window.measures).flatMap(([name, { min, mean, max }]) => [
    { name: `window.${name}.min`, value: min, unit: '' },
    { name: `window.${name}.mean`, value: mean, unit: '' },
    { name: `window.${name}.max`, value: max, unit: '' },
  ]);
  const message = {
    id: alert.id,
    change,
    policy: `${alert.policy.id} v${alert.policy.version}`,
    rule: alert.rule,
    clause: alert.clause,
    level: change === 'cleared' ? 0 : escalationStep[alert.level],
    text: reason === undefined ? `${alert.level}: ${alert.modalities.join(', ')}` : `over: ${reason}`,
    sinceMs: alert.startedMs,
    measures: [...measures, ...before],
  };
  return { t, topic: outputTopics.alert, typeName: 'vigil.Alert', message };
}
