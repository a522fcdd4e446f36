import { VigilError } from '../../runtime/errors.js';
import { FrameFlag } from '../frames.js';
import type { CanFrame } from './can-bus.js';
import { checkFrame } from './frame-check.js';
import { hexBytes } from './frame-text.js';
import type { ProtocolEvent, ReceivedFrame, TextProtocol } from './text-protocol.js';

/** Longest element that is waited for; the longest real one is a frame of about 60 characters. */
const longestElement = 1024;

function hex(value: number, digits: number): string {
  return value.toString(16).toUpperCase().padStart(digits, '0');
}

/**
 * The raw mode of the socketcand TCP protocol: elements in angle brackets, `< frame ID SECONDS DATA >` from the
 * server, `< send ID LENGTH BYTES >` to it. It has no CAN FD and no remote frames.
 */
export class Socketcand implements TextProtocol {
  readonly #interface: string;
  #state: 'hi' | 'open' | 'rawmode' | 'raw' = 'hi';
  #rest = '';

  constructor(interfaceName: string) {
    this.#interface = interfaceName;
  }

  greeting(): string {
    return '';
  }

  farewell(): string {
    return '';
  }

  feed(text: string, reply: (text: string) => void): ProtocolEvent[] {
    const events: ProtocolEvent[] = [];
    this.#rest += text;
    for (;;) {
      const end = this.#rest.indexOf('>');
      if (end < 0) break;
      const element = this.#rest.slice(0, end + 1);
      this.#rest = this.#rest.slice(end + 1);
      const event = this.#element(element.trim(), reply);
      if (event !== undefined) events.push(event);
    }
    if (this.#rest.length > longestElement) {
      events.push({ kind: 'malformed', text: this.#rest.slice(0, 60) });
      this.#rest = '';
    }
    return events;
  }

  encode(frame: CanFrame): string {
    checkFrame(frame);
    if ((frame.flags & (FrameFlag.fd | FrameFlag.remote)) !== 0) {
      throw new VigilError(
        'CAN_FRAME_INVALID',
        'Expected a classic data frame but received a CAN FD or remote frame, which socketcand does not carry.',
      );
    }
    const id = hex(frame.id, (frame.flags & FrameFlag.extended) === 0 ? 3 : 8);
    const bytes = Array.from(frame.data, (byte) => ` ${hex(byte, 2)}`).join('');
    return `< send ${id} ${frame.data.length}${bytes} >`;
  }

  #element(element: string, reply: (text: string) => void): ProtocolEvent | undefined {
    const words = /^<\s+(.*\S)\s+>$/.exec(element)?.[1].split(/\s+/);
    if (words === undefined) return { kind: 'malformed', text: element };
    if (this.#state !== 'raw') return this.#handshake(words, element, reply);
    if (words[0] === 'ok' || words[0] === 'echo') return undefined;
    const frame = words[0] === 'frame' || words[0] === 'error' ? frameOf(words) : undefined;
    return frame === undefined ? { kind: 'malformed', text: element } : { kind: 'frame', frame };
  }

  #handshake(
    [word]: readonly string[],
    element: string,
    reply: (text: string) => void,
  ): ProtocolEvent | undefined {
    if (this.#state === 'hi' && word === 'hi') {
      this.#state = 'open';
      reply(`< open ${this.#interface} >`);
    } else if (this.#state === 'open' && word === 'ok') {
      this.#state = 'rawmode';
      reply('< rawmode >');
    } else if (this.#state === 'rawmode' && word === 'ok') {
      this.#state = 'raw';
      return { kind: 'ready' };
    } else {
      return { kind: 'refused', text: element };
    }
    return undefined;
  }
}

/** `frame ID SECONDS [DATA...]`, `error ID SECONDS [DATA...]`; data in one word or in several. */
function frameOf([kind, idText, seconds, ...dataWords]: readonly string[]): ReceivedFrame | undefined {
  const data = hexBytes(dataWords.map((word) => word.padStart(2, '0')).join(''));
  const stampMs = Number(seconds) * 1000;
  if (
    !/^[0-9a-f]{1,8}$/i.test(idText) ||
    data === undefined ||
    data.length > 8 ||
    !Number.isFinite(stampMs)
  ) {
    return undefined;
  }
  const id = Number.parseInt(idText, 16);
  if (kind === 'error') return { id: id & 0x1fffffff, flags: FrameFlag.error, data, stampMs };
  const extended = idText.length > 3;
  if (id > (extended ? 0x1fffffff : 0x7ff)) return undefined;
  return { id, flags: extended ? FrameFlag.extended : 0, data, stampMs };
}
