import { FrameFlag, type CanFrames } from './frames.js';

const hexadecimal = Array.from({ length: 256 }, (_, byte) =>
  byte.toString(16).toUpperCase().padStart(2, '0'),
);
const errorBit = 0x20000000;

/** SocketCAN's bits after `##`: bit rate switch, error state indicator, and FD itself as can-utils sets it. */
const textFd = 4;

function timeText(t: number): string {
  const microseconds = Math.round(t * 1000);
  const seconds = Math.floor(microseconds / 1e6);
  return `${seconds}.${(microseconds - seconds * 1e6).toString().padStart(6, '0')}`;
}

function identifierText(id: number, flags: number): string {
  const extended = (flags & FrameFlag.extended) !== 0;
  const error = (flags & FrameFlag.error) !== 0;
  if (!extended && !error) return id.toString(16).toUpperCase().padStart(3, '0');
  return (error ? id | errorBit : id).toString(16).toUpperCase().padStart(8, '0');
}

function payloadText(frames: CanFrames, row: number): string {
  const flags = frames.flags[row];
  const length = frames.length[row];
  if ((flags & FrameFlag.remote) !== 0) return length === 0 ? 'R' : `R${length}`;
  const offset = frames.offset[row];
  let text = '';
  if ((flags & FrameFlag.fd) !== 0) {
    const bits =
      textFd |
      ((flags & FrameFlag.bitRateSwitch) === 0 ? 0 : 1) |
      ((flags & FrameFlag.errorStateIndicator) === 0 ? 0 : 2);
    text = `#${bits.toString(16).toUpperCase()}`;
  }
  for (let i = offset; i < offset + length; i++) text += hexadecimal[frames.data[i]];
  return text;
}

/** What `candump -L` writes behind the time: interface, identifier, payload, direction. */
export function candumpFrameText(frames: CanFrames, row: number, interfaceName: string): string {
  const flags = frames.flags[row];
  const direction = (flags & FrameFlag.transmitted) === 0 ? '' : ' T';
  return `${interfaceName} ${identifierText(frames.id[row], flags)}#${payloadText(frames, row)}${direction}`;
}

/** `21A` or, for 29 bits, `0000021A`; error frames have their bit set. */
export { identifierText as candumpIdentifier };

/**
 * Frames in the text form of `candump -L`, one line each; microseconds are what the form holds.
 * @param interfaceName name of a channel, `can<channel>` when absent
 */
export function candumpText(
  frames: CanFrames,
  interfaceName: (channel: number) => string = (channel) => `can${channel}`,
): string {
  const lines: string[] = [];
  for (let row = 0; row < frames.count; row++) {
    const name = interfaceName(frames.channel[row]);
    lines.push(`(${timeText(frames.t[row])}) ${candumpFrameText(frames, row, name)}\n`);
  }
  return lines.join('');
}
