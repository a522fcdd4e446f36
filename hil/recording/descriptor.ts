import protobuf from 'protobufjs';
import descriptor, {
  type IDescriptorProto,
  type IFieldDescriptorProto,
  type IFileDescriptorProto,
} from 'protobufjs/ext/descriptor.js';
import { VigilError, messageOf } from '../../src/runtime/errors.js';

/** One parsed .proto file: enough to write its FileDescriptorProto. */
export interface ProtoFile {
  /** Path as other files import it. */
  readonly path: string;
  readonly package: string;
  readonly imports: readonly string[];
  /** Names of its top-level messages. */
  readonly messages: readonly string[];
}

/** protobufjs writes options that only say the default; a descriptor made by protoc has none of them. */
function tidyField(field: IFieldDescriptorProto, owner: protobuf.Type): void {
  delete field.options;
  const resolved = owner.fieldsById[field.number ?? 0].resolve().resolvedType;
  // Fully qualified, as descriptors are written by protoc; relative names depend on the reader's scoping rules.
  if (resolved) field.typeName = resolved.fullName;
}

function tidyMessage(message: IDescriptorProto, type: protobuf.Type): void {
  delete message.options;
  for (const field of message.field ?? []) tidyField(field, type);
  for (const nested of message.nestedType ?? []) tidyMessage(nested, type.lookupType(nested.name ?? ''));
}

function describeFile(file: ProtoFile, root: protobuf.Root): IFileDescriptorProto {
  return {
    name: file.path,
    package: file.package,
    dependency: [...file.imports],
    syntax: 'proto3',
    messageType: file.messages.map((name) => {
      const type = root.lookupType(`${file.package}.${name}`);
      const message = type.toDescriptor('proto3') as IDescriptorProto;
      tidyMessage(message, type);
      return message;
    }),
  };
}

/** Files in the order that a descriptor set needs: every import before the file that imports it. */
function withImports(
  path: string,
  files: ReadonlyMap<string, ProtoFile>,
  found = new Set<string>(),
): string[] {
  if (found.has(path)) return [];
  found.add(path);
  const file = files.get(path);
  if (!file) throw new VigilError('SCHEMA_MISSING', `Expected the proto file ${path} but it is not there.`);
  return [...file.imports.flatMap((imported) => withImports(imported, files, found)), path];
}

/** A serialised google.protobuf.FileDescriptorSet of `path` and everything it imports. */
export function descriptorSet(
  path: string,
  files: ReadonlyMap<string, ProtoFile>,
  root: protobuf.Root,
): Uint8Array {
  const file = withImports(path, files).map((name) => describeFile(files.get(name)!, root));
  return descriptor.FileDescriptorSet.encode({ file }).finish();
}

/**
 * The message type that a schema record describes, from the record alone.
 * @param data a serialised google.protobuf.FileDescriptorSet
 * @throws VigilError `SCHEMA_UNREADABLE`
 */
export function typeFromDescriptorSet(name: string, data: Uint8Array): protobuf.Type {
  try {
    return protobuf.Root.fromDescriptor(data).lookupType(name);
  } catch (error) {
    throw new VigilError(
      'SCHEMA_UNREADABLE',
      `Expected the recording's schema ${name} to be a protobuf descriptor set but it is not: ${messageOf(error)}.`,
      '',
      { name },
      { cause: error },
    );
  }
}
