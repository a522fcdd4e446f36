import type { Clock } from '../runtime/clock.js';
import { CameraSocket } from './camera-socket.js';
import type { CameraSource } from './camera-source.js';
import { V4l2Camera, type V4l2Options } from './v4l2-camera.js';

/**
 * Opens a camera: `v4l2:/dev/video0`, or `unix:/path` or `tcp://host:port` of a camera server.
 * @throws VigilError `INVALID_ARGUMENT`
 */
export function openCamera(address: string, options: V4l2Options, clock: Clock): CameraSource {
  if (address.startsWith('v4l2:')) return new V4l2Camera(address.slice('v4l2:'.length), options, clock);
  return new CameraSocket(address, clock);
}
