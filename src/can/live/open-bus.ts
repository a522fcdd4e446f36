import { monotonicClock, type Clock } from '../../runtime/clock.js';
import { parseBusAddress } from './bus-address.js';
import type { CanBus } from './can-bus.js';
import { Slcan } from './slcan.js';
import { SocketCanBus, type SocketCanOptions } from './socketcan-bus.js';
import { Socketcand } from './socketcand.js';
import { StreamBus, type StreamBusOptions } from './stream-bus.js';

/** Those of the kind of bus that the address names count. */
export type OpenBusOptions = SocketCanOptions & StreamBusOptions;

/**
 * Opens a live bus: `socketcan:can0`, `socketcand://host:port/can0`, `slcan:/dev/ttyACM0?bitrate=500000`,
 * `slcan://host:port`.
 * @throws VigilError `INVALID_ARGUMENT`, `CAN_UNSUPPORTED`, `CAN_INTERFACE_MISSING`, `CAN_OPEN_FAILED`,
 * `CAN_BUS_UNREACHABLE`, `CAN_BUS_REFUSED`
 */
export async function openBus(
  address: string,
  options: OpenBusOptions = {},
  clock: Clock = monotonicClock,
): Promise<CanBus> {
  const parsed = parseBusAddress(address);
  switch (parsed.kind) {
    case 'socketcan':
      return new SocketCanBus(address, { interface: parsed.interface }, clock, options);
    case 'socketcand': {
      const { host, port } = parsed;
      const protocol = () => new Socketcand(parsed.interface);
      return StreamBus.open(address, { kind: 'tcp', host, port }, protocol, clock, options);
    }
    case 'slcan': {
      const protocol = () => new Slcan(parsed.bitRate);
      return StreamBus.open(address, parsed.endpoint, protocol, clock, options);
    }
  }
}
