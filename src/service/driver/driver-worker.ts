// The driver's own thread: bus, camera, store, graph and heartbeat, and nothing that could delay them.
import { monotonicClock } from '../../runtime/clock.js';
import { servePart } from '../thread/serve.js';
import { driveSinkOf } from './drive-sink.js';
import { DriverService } from './driver-service.js';
import type { DriverCommand, DriverData, DriverEvent } from './protocol.js';

await servePart<DriverCommand, DriverEvent>(async (data, teller) => {
  const { config, heartbeat } = data as DriverData;
  const service = new DriverService(config, {
    clock: monotonicClock,
    heartbeat,
    wallClock: {
      utcMs: Date.now() - monotonicClock.now(),
      // A computer whose zone is UTC has most likely never been told where it is.
      utcOffsetMin: -new Date().getTimezoneOffset() || null,
    },
    sink: await driveSinkOf(config, monotonicClock),
    onError: (error, where) => teller.error(error, where),
  });
  service.outputs$.subscribe((output) => {
    // Observations stay here, and changes of the store go by the links. What somebody may have to act on does not
    // wait for the next tick.
    if (output.kind !== 'observation' && output.kind !== 'vehicle')
      teller.event(output, output.kind === 'measures');
  });
  return {
    store: service.store,
    command: (command) => {
      switch (command.kind) {
        case 'acknowledge':
          service.acknowledge();
          return null;
        case 'policies':
          service.setPolicies(command.names);
          return null;
        case 'status':
          return service.status();
      }
    },
    close: () => service.close(),
  };
});
