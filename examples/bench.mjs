// A bench script: how many frames of a log does a database know?
//   node examples/bench.mjs drive.log car.dbc
import { CanDecoder, loadDbc, openLog } from 'vigil';

const [log, dbc] = process.argv.slice(2);
const decoder = CanDecoder.of(loadDbc(dbc).database);
let frames = 0;
let values = 0;
for await (const batch of await openLog(log)) {
  frames += batch.count;
  for (const { t } of decoder.decode(batch).messages) values += t.length;
}
console.log(JSON.stringify({ frames, decoded: values }));
