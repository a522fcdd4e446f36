import { seatWindow, type SeatWindow } from '../../src/camera/seat-window.js';
import type { WallClock } from '../../src/driver/trip/time-of-day.js';
import { VigilError } from '../../src/runtime/errors.js';

/** Where the camera sits and how its picture is to be read; angles in VSS signs, lengths in metres. */
export interface CameraMount {
  /** From the driver's eye point, vehicle axes: x forward, y left, z up; null when not measured. */
  readonly positionM: readonly [number, number, number] | null;
  /** Direction of the camera against the vehicle's rearward axis. */
  readonly yawDeg: number;
  readonly pitchDeg: number;
  /** True when the picture is a mirror image (left and right of the driver swapped). */
  readonly mirrored: boolean;
  /** How the picture leans: what an upright head reads. Absent: 0. */
  readonly rollDeg?: number;
  /** Of the whole picture; absent where nobody said. */
  readonly horizontalFovDeg?: number;
}

export interface CameraFacts {
  readonly mount: CameraMount;
  readonly nominalFps: number;
  readonly width: number;
  readonly height: number;
  /** Where in the picture the driver's face belongs; absent: anywhere. */
  readonly seat?: SeatWindow;
}

/** The sources that have clocks of their own. */
export type SourceName = 'camera' | 'audio' | 'can';

/** What a recording says about itself. Everything that a replay needs and the messages do not hold. */
export interface RecordingMetadata {
  /** Which vehicle, free text; empty when not known. */
  readonly vehicle: string;
  /** Name of the CAN to VSS mapping in signals/mappings; empty when there is none. */
  readonly mapping: string;
  /** The DBC that the frames belong to, embedded as the attachment of this name. */
  readonly dbc: { readonly name: string; readonly sha256: string } | null;
  /** Null without a camera. */
  readonly camera: CameraFacts | null;
  /** Name of the geometry in signals/cabin; absent: the generic left-hand drive car. */
  readonly cabin?: string;
  /** What time it was when the drive's clock read 0; absent where nobody said. */
  readonly wallClock?: WallClock;
  /** Added to a source's own stamps to get the drive's clock, ms; 0 where nothing was added. */
  readonly clockOffsetsMs: Readonly<Record<SourceName, number>>;
  /** Version of Vigil that wrote the recording. */
  readonly softwareVersion: string;
  /** What the recording was made from, for people. */
  readonly origin: string;
}

export const noClockOffsets: Readonly<Record<SourceName, number>> = { camera: 0, audio: 0, can: 0 };

/** Name of the MCAP metadata record, and the version of its keys. */
export const metadataName = 'vigil';
const formatVersion = '1';

const shareNames = ['left', 'top', 'right', 'bottom'] as const;

export function metadataToMap(metadata: RecordingMetadata): Map<string, string> {
  const { camera, dbc, clockOffsetsMs } = metadata;
  const map = new Map<string, string>([
    ['format', formatVersion],
    ['software_version', metadata.softwareVersion],
    ['origin', metadata.origin],
    ['vehicle', metadata.vehicle],
    ['mapping', metadata.mapping],
    ['clock_offset_camera_ms', String(clockOffsetsMs.camera)],
    ['clock_offset_audio_ms', String(clockOffsetsMs.audio)],
    ['clock_offset_can_ms', String(clockOffsetsMs.can)],
  ]);
  if (dbc) map.set('dbc_name', dbc.name).set('dbc_sha256', dbc.sha256);
  if (metadata.cabin !== undefined) map.set('cabin', metadata.cabin);
  if (metadata.wallClock !== undefined) {
    const { utcMs, utcOffsetMin } = metadata.wallClock;
    map.set('wall_clock_utc_ms', String(utcMs));
    if (utcOffsetMin !== null) map.set('utc_offset_min', String(utcOffsetMin));
  }
  if (camera) {
    map
      .set('camera_fps', String(camera.nominalFps))
      .set('camera_width', String(camera.width))
      .set('camera_height', String(camera.height))
      .set('camera_mirrored', String(camera.mount.mirrored))
      .set('camera_yaw_deg', String(camera.mount.yawDeg))
      .set('camera_pitch_deg', String(camera.mount.pitchDeg));
    const { rollDeg, horizontalFovDeg } = camera.mount;
    if (rollDeg !== undefined) map.set('camera_roll_deg', String(rollDeg));
    if (horizontalFovDeg !== undefined) map.set('camera_fov_deg', String(horizontalFovDeg));
    if (camera.seat) map.set('camera_seat', shareNames.map((name) => camera.seat![name]).join(' '));
    if (camera.mount.positionM) map.set('camera_position_m', camera.mount.positionM.join(' '));
  }
  return map;
}

function unreadable(key: string, expected: string, value: string | undefined): VigilError {
  return new VigilError(
    'RECORDING_METADATA',
    `Expected ${expected} for ${key} in the recording's metadata but found ${value ?? 'nothing'}.`,
    '',
    { key },
  );
}

function numberOf(map: ReadonlyMap<string, string>, key: string): number {
  const text = map.get(key);
  const value = Number(text);
  if (text === undefined || text === '' || !Number.isFinite(value)) throw unreadable(key, 'a number', text);
  return value;
}

function positionOf(map: ReadonlyMap<string, string>): CameraMount['positionM'] {
  const text = map.get('camera_position_m');
  if (text === undefined) return null;
  const numbers = text.split(' ').map(Number);
  if (numbers.length !== 3 || !numbers.every(Number.isFinite)) {
    throw unreadable('camera_position_m', 'three numbers', text);
  }
  const [x, y, z] = numbers;
  return [x, y, z];
}

function seatOf(map: ReadonlyMap<string, string>): SeatWindow {
  const text = map.get('camera_seat');
  const seat = text === undefined ? null : seatWindow(text.split(' ').map(Number));
  if (seat === null) throw unreadable('camera_seat', 'left, top, right, bottom from 0 to 1', text);
  return seat;
}

function wallClockOf(map: ReadonlyMap<string, string>): WallClock | null {
  if (!map.has('wall_clock_utc_ms')) return null;
  const utcOffsetMin = map.has('utc_offset_min') ? numberOf(map, 'utc_offset_min') : null;
  return { utcMs: numberOf(map, 'wall_clock_utc_ms'), utcOffsetMin };
}

function cameraOf(map: ReadonlyMap<string, string>): CameraFacts | null {
  if (!map.has('camera_width')) return null;
  return {
    nominalFps: numberOf(map, 'camera_fps'),
    width: numberOf(map, 'camera_width'),
    height: numberOf(map, 'camera_height'),
    ...(map.has('camera_seat') ? { seat: seatOf(map) } : {}),
    mount: {
      positionM: positionOf(map),
      yawDeg: numberOf(map, 'camera_yaw_deg'),
      pitchDeg: numberOf(map, 'camera_pitch_deg'),
      mirrored: map.get('camera_mirrored') === 'true',
      ...(map.has('camera_roll_deg') ? { rollDeg: numberOf(map, 'camera_roll_deg') } : {}),
      ...(map.has('camera_fov_deg') ? { horizontalFovDeg: numberOf(map, 'camera_fov_deg') } : {}),
    },
  };
}

/** @throws VigilError `RECORDING_METADATA` when a value makes no sense or the record is of a later format */
export function metadataFromMap(map: ReadonlyMap<string, string>): RecordingMetadata {
  if (map.get('format') !== formatVersion) {
    throw unreadable('format', `version ${formatVersion} (a newer Vigil may be needed)`, map.get('format'));
  }
  const name = map.get('dbc_name');
  const cabin = map.get('cabin');
  const wallClock = wallClockOf(map);
  return {
    vehicle: map.get('vehicle') ?? '',
    mapping: map.get('mapping') ?? '',
    dbc: name === undefined ? null : { name, sha256: map.get('dbc_sha256') ?? '' },
    camera: cameraOf(map),
    ...(cabin === undefined ? {} : { cabin }),
    ...(wallClock === null ? {} : { wallClock }),
    clockOffsetsMs: {
      camera: numberOf(map, 'clock_offset_camera_ms'),
      audio: numberOf(map, 'clock_offset_audio_ms'),
      can: numberOf(map, 'clock_offset_can_ms'),
    },
    softwareVersion: map.get('software_version') ?? '',
    origin: map.get('origin') ?? '',
  };
}
