import { basename, join } from 'node:path';
import { readFileSync } from 'node:fs';
import type { CameraFrame } from '../../src/camera/face-tracker.js';
import type { CanFrames } from '../../src/can/frames.js';
import type { Clock } from '../../src/runtime/clock.js';
import { messageOf } from '../../src/runtime/errors.js';
import type { VigilConfig } from '../../src/service/config/schema.js';
import type { DriveSink, DriveSinkStatus } from '../../src/service/driver/drive-sink.js';
import { mappingFileOf } from '../../src/service/driver/named-files.js';
import { dbcFileOf, readMapping } from '../../src/vehicle/mapping.js';
import { Recorder } from '../recording/recorder.js';
import type { RecordingHeader } from '../recording/writer.js';
import { DriveFolder } from './drive-folder.js';

/** How often the folder's size is looked at, and a stopped recording is tried again, ms. */
const checkMs = 10_000;

export interface DriveRecorderOptions {
  readonly header: RecordingHeader;
  readonly splitMs: number;
  readonly clock: Clock;
  /** For the names of files only. */
  readonly wallClock: () => number;
  readonly open?: typeof Recorder.open;
}

/**
 * Records a live drive: a new file after a while, the oldest deleted, stopped while the disk is full and gone on with
 * when it is not. JPEG pictures and CAN frames; raw pictures and sound are left out. Close it.
 */
export class DriveRecorder implements DriveSink {
  readonly #timer: NodeJS.Timeout;
  #recorder: Recorder | undefined;
  #file = '';
  #reason = 'no input yet';
  #begunMs = Number.NEGATIVE_INFINITY;
  #checkedMs = Number.NEGATIVE_INFINITY;
  #before = { written: 0, dropped: 0 };
  #deleted = 0;
  #work: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(
    private readonly folder: DriveFolder,
    private readonly options: DriveRecorderOptions,
  ) {
    this.#timer = setInterval(() => this.#check(), 1000);
    this.#timer.unref();
    this.#check();
  }

  camera({ t, number, format, data }: CameraFrame): void {
    if (format !== 'jpeg') return;
    // The recorder takes the bytes over, and the tracker still needs them.
    this.#recorder?.offer({ kind: 'camera', t, sequence: number, format, data: data.slice() });
  }

  can(frames: CanFrames): void {
    if (frames.count > 0) this.#recorder?.offer({ kind: 'can', frames });
  }

  status(): DriveSinkStatus {
    const counters = this.#recorder?.counters;
    return {
      state: this.#recorder === undefined ? 'stopped' : 'recording',
      reason: this.#recorder === undefined ? this.#reason : '',
      file: this.#recorder === undefined ? '' : this.#file,
      written: this.#before.written + (counters?.accepted ?? 0),
      dropped: this.#before.dropped + (counters?.dropped ?? 0),
      deleted: this.#deleted,
    };
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearInterval(this.#timer);
    this.#work = this.#work.then(() => this.#end('closed'));
    await this.#work;
  }

  /** Once a second: is there room, is it time for another file. */
  #check(): void {
    const now = this.options.clock.now();
    const isDue = now - this.#begunMs >= this.options.splitMs;
    if (!isDue && now - this.#checkedMs < checkMs && this.#recorder !== undefined) return;
    if (this.#recorder === undefined && now - this.#checkedMs < checkMs) return;
    this.#checkedMs = now;
    this.#work = this.#work
      .then(() => this.#turn(isDue))
      .catch((error: unknown) => this.#end(messageOf(error)));
  }

  async #turn(isDue: boolean): Promise<void> {
    if (this.#isClosed) return;
    const full = this.folder.full();
    if (full !== '') {
      await this.#end(full);
      return;
    }
    this.#deleted += this.folder.trim();
    if (this.#recorder !== undefined && !isDue) return;
    const { header, open = Recorder.open.bind(Recorder), wallClock, clock } = this.options;
    const file = this.folder.newFile(wallClock());
    const next = await open(file, header, {
      onFailure: (error) => {
        this.#work = this.#work.then(() => this.#end(messageOf(error)));
      },
    });
    const last = this.#recorder;
    this.#recorder = next;
    this.#file = basename(file);
    this.#begunMs = clock.now();
    if (last !== undefined) await this.#finish(last);
  }

  async #end(reason: string): Promise<void> {
    const recorder = this.#recorder;
    this.#recorder = undefined;
    this.#reason = reason;
    this.#begunMs = Number.NEGATIVE_INFINITY;
    if (recorder !== undefined) await this.#finish(recorder);
  }

  /** What could not be written is told by the counters; the file is as good as it got. */
  async #finish(recorder: Recorder): Promise<void> {
    const { accepted, dropped } = recorder.counters;
    this.#before = { written: this.#before.written + accepted, dropped: this.#before.dropped + dropped };
    try {
      await recorder.close();
    } catch (error) {
      this.#reason = messageOf(error);
    }
  }
}

/** @throws VigilError when the folder can not be made, or the mapping's DBC not be read */
export function openDriveSink(config: VigilConfig, clock: Clock): DriveSink {
  const { recorder, vehicle, camera } = config;
  if (recorder === undefined) throw new Error('expected a recorder in the configuration');
  const can = config.can.at(0);
  const dbc = can === undefined ? null : dbcOf(can.mapping, can.dbc);
  const header: RecordingHeader = {
    vehicle,
    mapping: can?.mapping ?? '',
    dbc,
    cabin: config.driver.cabin,
    origin: 'live',
    camera:
      camera === undefined
        ? null
        : {
            mount: {
              positionM: null,
              ...camera.mount,
              mirrored: camera.mirrored,
              horizontalFovDeg: camera.horizontalFovDeg,
            },
            nominalFps: camera.fps,
            width: camera.width,
            height: camera.height,
          },
  };
  return new DriveRecorder(new DriveFolder(recorder.folder, recorder), {
    header,
    splitMs: recorder.splitMinutes * 60_000,
    clock,
    wallClock: Date.now,
  });
}

function dbcOf(mapping: string, dbc: string | undefined): { name: string; data: Uint8Array } {
  const file = dbc ?? dbcFileOf(readMapping(mappingFileOf(mapping)));
  return { name: basename(file), data: readFileSync(join(file)) };
}
