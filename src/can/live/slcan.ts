import { invalidArgument } from '../../runtime/errors.js';
import { FrameFlag } from '../frames.js';
import type { CanFrame } from './can-bus.js';
import { checkFrame, fdLengths } from './frame-check.js';
import { hexBytes } from './frame-text.js';
import type { ProtocolEvent, ReceivedFrame, TextProtocol } from './text-protocol.js';

/** Bit rates that the command S0 to S8 selects. */
const bitRates: readonly number[] = [
  10_000, 20_000, 50_000, 100_000, 125_000, 250_000, 500_000, 800_000, 1_000_000,
];

/** Letters of frames: classic data t T, remote r R, CAN FD d D, CAN FD with bit rate switch b B; capitals are 29-bit. */
const kinds: Readonly<Record<string, number>> = {
  t: 0,
  r: FrameFlag.remote,
  d: FrameFlag.fd,
  b: FrameFlag.fd | FrameFlag.bitRateSwitch,
};

const bell = '\u0007';
const longestLine = 256;

function hex(value: number, digits: number): string {
  return value.toString(16).toUpperCase().padStart(digits, '0');
}

/**
 * The ASCII protocol of serial CAN adapters (LAWICEL's, with the CAN FD letters of later ones): one line a frame,
 * ended by a carriage return. Adapters differ in what they acknowledge, so nothing waits for that; a bell says
 * that the adapter refused something.
 */
export class Slcan implements TextProtocol {
  readonly #greeting: string;
  #rest = '';

  /** @param bitRate 10000 to 1000000; absent: the adapter keeps its own */
  constructor(bitRate?: number) {
    const code = bitRate === undefined ? -1 : bitRates.indexOf(bitRate);
    if (bitRate !== undefined && code < 0) {
      throw invalidArgument('bitrate', `one of ${bitRates.join(', ')}`, bitRate);
    }
    this.#greeting = `C\r${code < 0 ? '' : `S${code}\r`}O\r`;
  }

  greeting(): string {
    return this.#greeting;
  }

  farewell(): string {
    return 'C\r';
  }

  feed(text: string): ProtocolEvent[] {
    const events: ProtocolEvent[] = [];
    // A bell stands alone, wherever it comes.
    const lines = (this.#rest + text).replaceAll(bell, `${bell}\r`).split('\r');
    this.#rest = lines.pop() ?? '';
    if (this.#rest.length > longestLine) {
      events.push({ kind: 'malformed', text: this.#rest.slice(0, 60) });
      this.#rest = '';
    }
    for (const line of lines) {
      const event = eventOf(line);
      if (event !== undefined) events.push(event);
    }
    return events;
  }

  encode(frame: CanFrame): string {
    checkFrame(frame);
    const { id, flags, data } = frame;
    const extended = (flags & FrameFlag.extended) !== 0;
    const kind = flags & (FrameFlag.remote | FrameFlag.fd | FrameFlag.bitRateSwitch);
    const letter = Object.keys(kinds).find((key) => kinds[key] === kind) ?? 't';
    const code = hex(fdLengths.indexOf(data.length), 1);
    const payload = (flags & FrameFlag.remote) === 0 ? Array.from(data, (byte) => hex(byte, 2)).join('') : '';
    return `${extended ? letter.toUpperCase() : letter}${hex(id, extended ? 8 : 3)}${code}${payload}\r`;
  }
}

function eventOf(line: string): ProtocolEvent | undefined {
  if (line === bell) return { kind: 'refused', text: 'the adapter answered with an error' };
  const text = line.trimStart();
  // Acknowledgements of commands (empty) and of sent frames (z, Z), and answers to questions never asked.
  if (text === '' || /^[zZVNF]/.test(text)) return undefined;
  const frame = frameOf(text);
  return frame === undefined ? { kind: 'malformed', text } : { kind: 'frame', frame };
}

function frameOf(text: string): ReceivedFrame | undefined {
  const letter = text[0].toLowerCase();
  if (!Object.hasOwn(kinds, letter)) return undefined;
  const extended = letter !== text[0];
  const digits = extended ? 8 : 3;
  const head = text.slice(1, digits + 2);
  if (head.length !== digits + 1 || !/^[0-9a-f]+$/i.test(head)) return undefined;
  const id = Number.parseInt(head.slice(0, digits), 16);
  const flags = kinds[letter] | (extended ? FrameFlag.extended : 0);
  const code = Number.parseInt(head.slice(digits), 16);
  if (id > (extended ? 0x1fffffff : 0x7ff) || ((flags & FrameFlag.fd) === 0 && code > 8)) return undefined;
  const length = fdLengths[code];
  if ((flags & FrameFlag.remote) !== 0) return { id, flags, data: new Uint8Array(length) };
  const rest = text.slice(digits + 2);
  const data = hexBytes(rest.slice(0, 2 * length));
  // Four digits after the data are the adapter's time stamp: milliseconds that start anew every minute.
  if (data?.length !== length || ![0, 4].includes(rest.length - 2 * length)) return undefined;
  return { id, flags, data };
}
