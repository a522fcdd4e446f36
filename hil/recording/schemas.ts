import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import protobuf from 'protobufjs';
import { VigilError } from '../../src/runtime/errors.js';
import { signalsDir } from '../../src/runtime/paths.js';
import { descriptorSet, type ProtoFile } from './descriptor.js';
import { toTimestamp } from './drive-time.js';

/** The messages of a recording: type -> file in signals/proto. */
const fileOfType = {
  'foxglove.CompressedImage': 'foxglove/CompressedImage.proto',
  'foxglove.RawAudio': 'foxglove/RawAudio.proto',
  'vigil.CanFrames': 'vigil/can_frames.proto',
  'vigil.FaceObservation': 'vigil/face_observation.proto',
  'vigil.DriverState': 'vigil/driver_state.proto',
  'vigil.Event': 'vigil/event.proto',
  'vigil.Alert': 'vigil/alert.proto',
  'vigil.VehicleSamples': 'vigil/vehicle_samples.proto',
  'vigil.StageTimings': 'vigil/stage_timings.proto',
} as const;

export type MessageTypeName = keyof typeof fileOfType;

/** Types that `addOutput` takes: what Vigil publishes, as opposed to what it was given. */
export type OutputTypeName = Exclude<
  MessageTypeName,
  'foxglove.CompressedImage' | 'foxglove.RawAudio' | 'vigil.CanFrames'
>;

export const messageTypeNames = Object.keys(fileOfType) as MessageTypeName[];

const timestampType = '.google.protobuf.Timestamp';

interface Library {
  readonly root: protobuf.Root;
  readonly files: ReadonlyMap<string, ProtoFile>;
}

function protoPaths(folder: string): string[] {
  return readdirSync(join(folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.proto'))
    .sort();
}

function parseFile(folder: string, path: string, root: protobuf.Root): ProtoFile {
  const source = readFileSync(join(folder, path), 'utf8');
  protobuf.parse(source, root);
  // A root of its own shows which messages this file defines, as the common root does not keep files apart.
  const own = protobuf.parse(source, new protobuf.Root());
  const namespace = own.package === undefined ? own.root : own.root.lookup(own.package);
  const messages =
    namespace instanceof protobuf.Namespace ? namespace.nestedArray.map((item) => item.name) : [];
  return { path, package: own.package ?? '', imports: own.imports ?? [], messages };
}

let library: Library | undefined;

/** Parsed once per thread, on first use. */
function loadLibrary(): Library {
  if (library) return library;
  const folder = join(signalsDir, 'proto');
  const root = new protobuf.Root();
  const files = new Map(protoPaths(folder).map((path) => [path, parseFile(folder, path, root)]));
  root.resolveAll();
  library = { root, files };
  return library;
}

export function isMessageTypeName(name: string): name is MessageTypeName {
  return Object.hasOwn(fileOfType, name);
}

/** The reflected protobuf type; field names are camelCase. */
export function messageType(name: MessageTypeName): protobuf.Type {
  return loadLibrary().root.lookupType(name);
}

/** Schema data for MCAP: a FileDescriptorSet with all imports. */
export function schemaData(name: MessageTypeName): Uint8Array {
  const { root, files } = loadLibrary();
  return descriptorSet(fileOfType[name], files, root);
}

function withPlainArrays(value: unknown): unknown {
  if (value instanceof Float32Array || value instanceof Float64Array) return Array.from(value);
  return value;
}

/**
 * Encodes a plain object with camelCase field names. Unknown fields are left out (an observation's `t` is the
 * message's stamp); `timestamp` is filled from `t` where the type has it; typed arrays of numbers may stand for repeated fields.
 * @param t ms on the drive's clock
 * @throws VigilError `MESSAGE_INVALID` when a field has the wrong type
 */
export function encodeMessage(name: MessageTypeName, t: number, message: object): Uint8Array {
  const type = messageType(name);
  const fields: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(message)) fields[key] = withPlainArrays(value);
  const stamp = type.get('timestamp');
  if (stamp instanceof protobuf.Field && stamp.resolve().resolvedType?.fullName === timestampType) {
    fields['timestamp'] ??= toTimestamp(t);
  }
  const problem = type.verify(fields);
  if (problem !== null) {
    throw new VigilError(
      'MESSAGE_INVALID',
      `Expected a message of type ${name} but its field does not fit: ${problem}.`,
      'See signals/proto for the fields.',
      { name },
    );
  }
  return type.encode(fields).finish();
}
