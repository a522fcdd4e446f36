import type { Mf4Problems } from './mf4-blocks.js';
import {
  channelType,
  dataType,
  type Mf4Channel,
  type Mf4ChannelGroup,
  type Mf4DataGroup,
} from './mf4-structure.js';

/** The table that native/can/addon_mf4.cc takes: numbers per group, where its fields begin, numbers per field. */
const groupNumbers = 56;
const firstField = 8;
const fieldNumbers = 4;

const kind = { skip: 0, DataFrame: 1, RemoteFrame: 2, ErrorFrame: 3, variable: 4 } as const;
/** Fields of a CAN frame in the order of the table, as ASAM's bus logging names them; the time comes first. */
const fieldNames = [
  'ID',
  'IDE',
  'DLC',
  'DataLength',
  'DataBytes',
  'Dir',
  'BusChannel',
  'EDL',
  'BRS',
  'ESI',
  'RTR',
] as const;
type FieldName = (typeof fieldNames)[number];
const dataBytesIndex = 1 + fieldNames.indexOf('DataBytes');

const maximumPayload = 64;
const fieldFlag = { bigEndian: 1, float: 2, signed: 4 } as const;

/** How the records of a data group become frames. */
export interface Mf4Layout {
  readonly table: Float64Array;
  /** Links to the data of the sequences of variable-length values; 0 where a channel group has them. */
  readonly sequences: readonly number[];
  /** What each group's records are called where they are no frames; null for frames and their values. */
  readonly skipped: readonly (string | null)[];
  readonly hasFrames: boolean;
}

interface FrameChannels {
  readonly kind: 'DataFrame' | 'RemoteFrame' | 'ErrorFrame';
  readonly time: Mf4Channel | undefined;
  readonly fields: ReadonlyMap<string, Mf4Channel>;
}

const frameName = /^(?:.*\.)?CAN_(DataFrame|RemoteFrame|ErrorFrame)(?:\.(\w+))?$/;

/** The channels of a CAN frame; null where the group holds something else. */
function frameChannels(group: Mf4ChannelGroup): FrameChannels | null {
  let found: FrameChannels['kind'] | null = null;
  const fields = new Map<string, Mf4Channel>();
  for (const channel of group.channels) {
    const match = frameName.exec(channel.name);
    if (match) found = match[1] as FrameChannels['kind'];
    const field = match ? match.at(2) : channel.name;
    if (field !== undefined && !fields.has(field)) fields.set(field, channel);
  }
  const time = group.channels.find(({ type, syncType }) => type === channelType.master && syncType <= 1);
  return found === null ? null : { kind: found, time, fields };
}

/** Where a number lies; null when it is no number or not inside of the record. */
function fieldOf(channel: Mf4Channel, recordBytes: number): readonly number[] | null {
  const { byteOffset, bitOffset, bits, dataType: type } = channel;
  const isFloat = type === dataType.floatLittle || type === dataType.floatBig;
  if (type > dataType.floatBig || bits < 1 || bitOffset > 7 || bitOffset + bits > 64) return null;
  if (isFloat && (bitOffset !== 0 || (bits !== 32 && bits !== 64))) return null;
  if (byteOffset + Math.ceil((bitOffset + bits) / 8) > recordBytes) return null;
  const flags =
    (type % 2 === 1 ? fieldFlag.bigEndian : 0) |
    (isFloat ? fieldFlag.float : 0) |
    (type === dataType.signedLittle || type === dataType.signedBig ? fieldFlag.signed : 0);
  return [byteOffset, bitOffset, bits, flags];
}

class LayoutBuilder {
  readonly sequences: number[] = [];
  readonly #rows: number[][] = [];
  readonly #names: (string | null)[] = [];
  /** Sequences by the position of the channel group that fills them. */
  readonly #filled = new Map<number, number>();
  #hasFrames = false;

  constructor(
    readonly dataGroup: Mf4DataGroup,
    readonly channelBase: number,
    readonly problems: Mf4Problems,
  ) {}

  build(): Mf4Layout {
    for (const group of this.dataGroup.groups) {
      const row = new Array<number>(groupNumbers).fill(0);
      row[0] = group.recordId;
      row[1] = group.recordBytes;
      row[3] = -1;
      const frame = group.isVariable ? null : frameChannels(group);
      const isFrame = frame !== null && this.#frame(row, group, frame);
      this.#rows.push(row);
      this.#names.push(group.isVariable || isFrame ? null : skippedName(group));
      this.#hasFrames ||= isFrame;
    }
    this.dataGroup.groups.forEach(({ isVariable, position }, i) => {
      if (!isVariable) return;
      this.#rows[i][2] = kind.variable;
      // Values that no channel asks for are passed over.
      this.#rows[i][3] = this.#filled.get(position) ?? this.sequences.push(0) - 1;
    });
    return {
      table: Float64Array.from(this.#rows.flat()),
      sequences: this.sequences,
      skipped: this.#names,
      hasFrames: this.#hasFrames,
    };
  }

  #frame(row: number[], group: Mf4ChannelGroup, frame: FrameChannels): boolean {
    const time = frame.time && fieldOf(frame.time, group.recordBytes);
    if (!frame.time || !time) {
      this.problems.damage(group.position, `expected a time channel for CAN_${frame.kind} and found none`);
      return false;
    }
    row.splice(4, 4, ...timeScaling(frame.time), this.channelBase);
    row.splice(firstField, fieldNumbers, ...time);
    fieldNames.forEach((name, i) => {
      const channel = frame.fields.get(name);
      if (!channel || name === 'DataBytes') return;
      const field = fieldOf(channel, group.recordBytes);
      if (field) row.splice(firstField + (i + 1) * fieldNumbers, fieldNumbers, ...field);
    });
    const needed: readonly FieldName[] = frame.kind === 'ErrorFrame' ? [] : ['ID'];
    const missing = needed.find((name) => !has(row, name)) ?? this.#payload(row, group, frame);
    if (missing !== null) {
      this.problems.damage(
        group.position,
        `expected ${missing} for CAN_${frame.kind} and found none that fits`,
      );
      return false;
    }
    row[2] = kind[frame.kind];
    return true;
  }

  /** Where the payload lies; the field's name when there must be one and is none. */
  #payload(row: number[], group: Mf4ChannelGroup, frame: FrameChannels): FieldName | null {
    const channel = frame.fields.get('DataBytes');
    const missing = frame.kind === 'DataFrame' ? 'DataBytes' : null;
    if (!channel) return missing;
    const at = firstField + dataBytesIndex * fieldNumbers;
    if (channel.type === channelType.variableLength) {
      const field = fieldOf({ ...channel, dataType: 0 }, group.recordBytes);
      if (!field) return missing;
      row.splice(at, fieldNumbers, ...field);
      row[3] = this.#sequence(channel.dataLink);
      return null;
    }
    const bytes = Math.min(Math.floor(channel.bits / 8), maximumPayload);
    if (channel.byteOffset + bytes > group.recordBytes) return missing;
    row.splice(at, fieldNumbers, channel.byteOffset, 0, bytes, 0);
    return null;
  }

  /** Number of the sequence whose values lie behind a link. */
  #sequence(link: number): number {
    const known = this.#filled.get(link);
    if (known !== undefined) return known;
    const filled = this.dataGroup.groups.some(({ position, isVariable }) => isVariable && position === link);
    const sequence = this.sequences.push(filled ? 0 : link) - 1;
    if (filled) this.#filled.set(link, sequence);
    return sequence;
  }
}

function has(row: readonly number[], name: FieldName): boolean {
  return row[firstField + (1 + fieldNames.indexOf(name)) * fieldNumbers + 2] > 0;
}

/** Divisor (or 0), factor and offset that make milliseconds of the raw time, whose physical unit is the second. */
function timeScaling({ factor, offset }: Mf4Channel): readonly [number, number, number] {
  const perMs = 1 / (factor * 1000);
  const whole = Math.round(perMs);
  // 1e-9 is no exact double, but dividing by 1e6 is exact to the last bit.
  const divides = whole >= 1 && Math.abs(perMs - whole) < 1e-9 * whole;
  return [divides ? whole : 0, factor * 1000, offset * 1000];
}

/** What a record that is no CAN frame is called: "LIN_Frame". */
export function skippedName(group: Mf4ChannelGroup): string {
  const channel = group.channels.find(({ type }) => type !== channelType.master);
  const name = channel?.name.split('.')[0] ?? '';
  return name !== '' ? name : group.name !== '' ? group.name : 'unnamed record';
}

/**
 * How the records of a data group become frames.
 * @param channelBase the number of the first bus channel: 1 by the standard
 */
export function mf4Layout(dataGroup: Mf4DataGroup, channelBase: number, problems: Mf4Problems): Mf4Layout {
  return new LayoutBuilder(dataGroup, channelBase, problems).build();
}
