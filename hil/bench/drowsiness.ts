import { DrowsinessModel } from '../../src/driver/drowsiness/model.js';
import type { BenchRow } from './row.js';

const calls = 5000;
/** Once every other blink on the driver graph's own thread: it must not be felt. */
const limitMs = 0.2;

/** CPU ms of one judgement of a blink window, the way into C++ and back included. */
export function run(): Promise<BenchRow[]> {
  const model = DrowsinessModel.load();
  const windows = Array.from({ length: 8 }, (_, k) =>
    Float32Array.from({ length: 120 }, (_value, i) => ((i * (7 + k)) % 13) / 4 - 1.5),
  );
  for (const window of windows) model.score(window);
  const before = process.cpuUsage();
  for (let i = 0; i < calls; i++) model.score(windows[i % windows.length]);
  const { user, system } = process.cpuUsage(before);
  const value = (user + system) / 1000 / calls;
  return Promise.resolve([
    { name: 'drowsiness model, one blink window', value, unit: 'ms CPU', limit: limitMs },
  ]);
}
