import { Subject, type Observable } from 'rxjs';
import { requireModel } from '../runtime/models.js';
import type { FaceObservation } from './observation.js';
import { readSighting, sightingColumns, sightingFrameRow, type NativePhoneConfig } from './phone-addon.js';
import type { PhoneObservation } from './phone-observation.js';

export interface PhoneOptions {
  /** Milliseconds on the drive's clock between two pictures that are looked at. Default 1000. */
  readonly intervalMs?: number;
  /** Score from which on something is a phone, 0 to 1. Default 0.3. */
  readonly minScore?: number;
}

const defaultIntervalMs = 1000;
/** CenterNet's usual threshold for showing an object; what it means for drivers is not known (docs/phone.md). */
export const defaultMinScore = 0.3;

/**
 * The phone side of a face tracker. Without options the detector is neither loaded nor run, and the channel says once
 * an interval that it is unavailable: its hit rate on drivers is not proven. With options it is what somebody chose to
 * believe.
 */
export class PhoneChannel {
  readonly observations: Observable<PhoneObservation>;
  readonly #observations = new Subject<PhoneObservation>();
  readonly #options: PhoneOptions | undefined;
  readonly #intervalMs: number;
  /** Drive time of the last word about being unavailable. */
  #saidMs: number | undefined;

  constructor(options: PhoneOptions | undefined) {
    this.#options = options;
    this.#intervalMs = options?.intervalMs ?? defaultIntervalMs;
    this.observations = this.#observations.asObservable();
  }

  /**
   * What the native tracker must know; nothing where the detector is not wanted.
   * @param lockStep look at each due picture within its frame's turn, so that equal input gives equal output
   * @throws VigilError `MODEL_NOT_BUILT`, `MODEL_HASH_MISMATCH`
   */
  config(lockStep: boolean): NativePhoneConfig | undefined {
    if (this.#options === undefined) return undefined;
    const { path } = requireModel('object_detection');
    return { phoneModel: path, phoneIntervalMs: this.#intervalMs, phoneLockStep: lockStep };
  }

  /** After the batch's observation number `row` was published. */
  afterFrame({ t, frame }: FaceObservation, row: number, sightings: Float64Array | undefined): void {
    if (this.#options === undefined) {
      const said = this.#saidMs;
      if (said !== undefined && t >= said && t - said < this.#intervalMs) return;
      this.#saidMs = t;
      this.#observations.next({ kind: 'unavailable', t, frame, reason: 'phoneDetectorUnproven' });
      return;
    }
    if (sightings === undefined) return;
    const minScore = this.#options.minScore ?? defaultMinScore;
    for (let i = 0; i * sightingColumns < sightings.length; i++)
      if (sightingFrameRow(sightings, i) === row)
        this.#observations.next(readSighting(sightings, i, minScore));
  }

  complete(): void {
    this.#observations.complete();
  }
}
