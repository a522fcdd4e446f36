import type { Clock } from '../runtime/clock.js';
import { CameraSocket } from './camera-socket.js';
import type { CameraSource } from './camera-source.js';

/**
 * Opens a camera: `unix:/path` or `tcp://host:port` of a camera server.
 * @throws VigilError `INVALID_ARGUMENT`
 */
export function openCamera(address: string, clock: Clock): CameraSource {
  return new CameraSocket(address, clock);
}
