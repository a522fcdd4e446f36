// The least there is: a camera server and a bus, states and alerts as lines.
//   npx vigil feed build/demo.mcap --loop --camera unix:/tmp/camera.sock --can tcp://127.0.0.1:7010 &
//   node examples/minimal.mjs unix:/tmp/camera.sock slcan://127.0.0.1:7010 20
import { createVigil } from 'vigil';

const [camera = 'unix:/tmp/camera.sock', bus = 'slcan://127.0.0.1:7010', seconds = '20'] =
  process.argv.slice(2);
const vigil = await createVigil({
  config: { camera: { source: camera }, can: [{ address: bus, mapping: 'vigil-demo' }] },
});
vigil.driverState$.subscribe((state) => console.log(`state ${state.kind}`));
vigil.alerts$.subscribe(({ kind, alert }) => console.log(`${kind} ${alert.rule} ${alert.level}`));
await new Promise((resolve) => setTimeout(resolve, Number(seconds) * 1000));
console.log(`speed ${vigil.value('Vehicle.Speed').quality}`);
await vigil.dispose();
