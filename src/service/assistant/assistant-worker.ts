// The assistant's own thread: microphones, recogniser and dialog at a replica of the driver service's store. However
// long it thinks, no driver state is late.
import { monotonicClock } from '../../runtime/clock.js';
import { StoreLink } from '../../vehicle/store-link.js';
import { VehicleStore } from '../../vehicle/store.js';
import { loadTree } from '../../vehicle/tree.js';
import { servePart } from '../thread/serve.js';
import { AssistantService } from './assistant-service.js';
import {
  assistantBranch,
  type AssistantCommand,
  type AssistantData,
  type AssistantEvent,
} from './protocol.js';

await servePart<AssistantCommand, AssistantEvent>((data, teller) => {
  const { config, store: port } = data as AssistantData;
  const store = new VehicleStore({
    tree: loadTree(),
    onListenerError: (error, where) => teller.error(error, where),
  });
  const toDriver = new StoreLink(store, port, {
    name: 'the driver service',
    mirrors: (path) => !path.startsWith(`${assistantBranch}.`),
    clock: monotonicClock,
  });
  const service = new AssistantService(store, config, monotonicClock);
  service.outputs$.subscribe((output) => {
    teller.event(output, false);
    // What it says of itself, and what it wants moved, does not wait for the next tick.
    toDriver.flush();
  });
  return {
    store,
    command: (command) => {
      switch (command.kind) {
        case 'press':
          service.press(command.zone);
          return null;
        case 'release':
          service.release(command.zone);
          return null;
        case 'input':
          service.take(command.input);
          return null;
        case 'status':
          return service.status();
      }
    },
    close: () => {
      service.close();
      toDriver.close();
    },
  };
});
