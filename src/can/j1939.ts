import { messageKey, messagesByKey, type DbcDatabase, type DbcMessage, type DbcSignal } from './dbc.js';

/*
 * SAE J1939-21: a 29-bit identifier is priority (3 bits), parameter group (18 bits) and source address (8 bits). Of
 * the group's lowest byte, "PDU specific", two meanings exist: below a "PDU format" of 240 (PDU1) it is the
 * destination and no part of the group's number, from 240 on (PDU2) it extends the number and all are addressed.
 */

export interface J1939Id {
  /** 0 (most urgent) to 7. */
  readonly priority: number;
  /** Parameter group number, 18 bits; its lowest byte is 0 for PDU1. */
  readonly pgn: number;
  readonly source: number;
  /** Addressed node, 255 for all; absent for PDU2. */
  readonly destination?: number;
}

const pdu2From = 240;
/** "Null address": in a database, the message may come from any node. */
export const nullAddress = 0xfe;
export const globalAddress = 0xff;

export function parseJ1939Id(id: number): J1939Id {
  const format = (id >>> 16) & 0xff;
  const specific = (id >>> 8) & 0xff;
  const page = (id >>> 24) & 3;
  const pdu1 = format < pdu2From;
  return {
    priority: (id >>> 26) & 7,
    pgn: (page << 16) | (format << 8) | (pdu1 ? 0 : specific),
    source: id & 0xff,
    ...(pdu1 ? { destination: specific } : {}),
  };
}

/** The inverse of `parseJ1939Id`; a PDU1 group without destination goes to all. */
export function buildJ1939Id({ priority, pgn, source, destination = globalAddress }: J1939Id): number {
  const pdu1 = ((pgn >>> 8) & 0xff) < pdu2From;
  const group = pdu1 ? (pgn & 0x3ff00) | destination : pgn;
  return ((priority << 26) | (group << 8) | source) >>> 0;
}

/** Whether frames of the message are matched by parameter group instead of identifier. */
export function isJ1939({ extended, frameFormat }: DbcMessage): boolean {
  return extended && frameFormat === 'J1939PG';
}

const groupKey = 0xc0000000;

/** Identifier as the decode plan has it: bit 31 for 29 bits, bit 30 for matching by parameter group. */
export function planKey(message: DbcMessage): number {
  const key = messageKey(message.id, message.extended);
  return isJ1939(message) ? (key | 0x40000000) >>> 0 : key;
}

/**
 * A frame belongs to the message when `(frame & mask) === id`; what a kernel filter needs. For J1939 that leaves out
 * priority, source and (PDU1) destination.
 */
export function identifierFilter(message: DbcMessage): { readonly id: number; readonly mask: number } {
  if (!isJ1939(message)) {
    return { id: message.id, mask: message.extended ? 0x1fffffff : 0x7ff };
  }
  const pdu1 = parseJ1939Id(message.id).destination !== undefined;
  const mask = pdu1 ? 0x03ff0000 : 0x03ffff00;
  return { id: (message.id & mask) >>> 0, mask };
}

/**
 * Which frames (by `messageKey`) keys of `planKey` ask for: an identifier, or with bit 30 a whole parameter group. What
 * native/can/can_socket.h tells the kernel.
 */
export function keyFilter(keys: readonly number[]): (key: number) => boolean {
  const exact = new Set(keys.filter((key) => key < groupKey));
  const groups = new Set(
    keys.filter((key) => key >= groupKey).map((key) => parseJ1939Id(key & 0x1fffffff).pgn),
  );
  return (key) =>
    exact.has(key) ||
    (groups.size > 0 && key >= 0x80000000 && groups.has(parseJ1939Id(key & 0x1fffffff).pgn));
}

function offer<K>(map: Map<K, DbcMessage>, key: K, message: DbcMessage): void {
  if (!map.has(key)) map.set(key, message);
}

/**
 * Finds a frame's message as the native decoder does: the same identifier; else, among J1939's, the same group and
 * source; else the same group, where a message from the null address comes first and then the file's order counts.
 */
export function messageFinder(
  database: DbcDatabase,
): (id: number, extended: boolean) => DbcMessage | undefined {
  const exact = messagesByKey(database);
  const bySource = new Map<string, DbcMessage>();
  const byGroup = new Map<number, DbcMessage>();
  for (const message of exact.values()) {
    if (!isJ1939(message)) continue;
    const { pgn, source } = parseJ1939Id(message.id);
    offer(bySource, `${pgn} ${source}`, message);
    const known = byGroup.get(pgn);
    const anyone = (candidate: DbcMessage) => (candidate.id & 0xff) === nullAddress;
    if (known === undefined || (anyone(message) && !anyone(known))) byGroup.set(pgn, message);
  }
  return (id, extended) => {
    const found = exact.get(messageKey(id, extended));
    if (found !== undefined || !extended || byGroup.size === 0) return found;
    const { pgn, source } = parseJ1939Id(id);
    return bySource.get(`${pgn} ${source}`) ?? byGroup.get(pgn);
  };
}

export type J1939State = 'valid' | 'reserved' | 'error' | 'unavailable';

/**
 * What SAE J1939-71 says about an unsigned raw value: of the highest values of a parameter, the last means "not
 * available" and the one before "error"; from 8 bits on the most significant byte decides, and 0xFB to 0xFD are
 * reserved for indications. Texts, bit fields and single bits have no such values: do not ask for them.
 */
export function j1939State(signal: Pick<DbcSignal, 'length'>, raw: bigint): J1939State {
  const { length } = signal;
  if (length < 2) return 'valid';
  const short = length < 8;
  const top = short ? raw : raw >> BigInt(length - 8);
  const all = short ? (1n << BigInt(length)) - 1n : 0xffn;
  if (top === all) return 'unavailable';
  if (top === all - 1n) return 'error';
  return !short && top >= 0xfbn ? 'reserved' : 'valid';
}
