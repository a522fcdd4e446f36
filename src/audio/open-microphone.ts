import type { Clock } from '../runtime/clock.js';
import { invalidArgument } from '../runtime/errors.js';
import { arecord, PcmProgram, pwRecord } from './pcm-program.js';
import { PcmSocket } from './pcm-socket.js';
import { speechFormat, type PcmFormat, type PcmSource } from './pcm-source.js';

/**
 * Opens a live microphone by its address: `alsa:DEVICE`, `pipewire` or `pipewire:TARGET`, `unix:PATH`,
 * `tcp://HOST:PORT`.
 * @throws VigilError `INVALID_ARGUMENT`
 */
export function openMicrophone(address: string, clock: Clock, format: PcmFormat = speechFormat): PcmSource {
  const alsa = /^alsa:(.+)$/.exec(address);
  if (alsa !== null) return new PcmProgram(address, arecord(alsa[1], format), clock, format);
  const pipewire = /^pipewire:?(.*)$/.exec(address);
  if (pipewire !== null) return new PcmProgram(address, pwRecord(pipewire[1], format), clock, format);
  if (/^(unix:|tcp:)/.test(address)) return new PcmSocket(address, clock, format);
  throw invalidArgument(
    'the microphone',
    'alsa:DEVICE, pipewire[:TARGET], unix:PATH or tcp://HOST:PORT',
    address,
  );
}
