import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildDir } from '../src/runtime/paths.js';
import { runScript } from './10-support.js';

// Every end of life that JavaScript offers, each in a process of its own: an abort, a hang or a leaked thread shows in
// the exit code (null when killed), in the time limit, or in the counters that the script prints.

const probe = JSON.stringify(join(buildDir, 'native', 'Release', 'probe.node'));

const prelude = `
const { ProbeWorker } = require(${probe});
const threads = () => require('node:fs').readdirSync('/proc/self/task').length;
const print = (object) => process.stdout.write(JSON.stringify(object) + '\\n');
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const until = async (condition) => {
  for (const end = performance.now() + 5000; !condition() && performance.now() < end; await pause(5)) globalThis.gc?.();
};
// A joined thread leaves /proc a moment later.
const leaked = async (before) => { await until(() => threads() <= before); return Math.max(0, threads() - before); };
const oldest = 0, newest = 1, block = 2;
`;

/** Runs a script that ends by itself and returns the objects it printed. */
async function run(body: string, { code = 0, gc = false } = {}): Promise<Record<string, unknown>[]> {
  const result = await runScript(`${prelude}(async () => {${body}})();`, gc ? ['--expose-gc'] : []);
  expect({ code: result.code, signal: result.signal }, result.stderr).toEqual({ code, signal: null });
  if (code === 0) expect(result.stderr).toBe('');
  return result.stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('a native worker in JavaScript', () => {
  it('delivers every result once, in order, and then lets the event loop end', async () => {
    const [end] = await run(`
      const results = [];
      let batches = 0;
      const worker = new ProbeWorker(256, block, 0, (batch) => { batches++; results.push(...batch); });
      for (let i = 0; i < 200; i++) if (worker.push(i, 0) !== 0) throw new Error('refused');
      process.on('exit', () => print({ results, batches, counters: worker.counters() }));
    `);
    expect(end['results']).toEqual(Array.from({ length: 200 }, (_, i) => 2 * i));
    expect(end['batches']).toBeLessThanOrEqual(200);
    expect(end['counters']).toMatchObject({ accepted: 200, completed: 200, dropped: 0, late: 0 });
  });

  it('hands many results over by one wake-up while JavaScript is busy', async () => {
    const [end] = await run(`
      let batches = 0, results = 0;
      const worker = new ProbeWorker(64, block, 0, (batch) => { batches++; results += batch.length; });
      for (let i = 0; i < 50; i++) worker.push(i, 0);
      const end = performance.now() + 5000;
      while (performance.now() < end && worker.counters().completed < 50);
      process.on('exit', () => print({ batches, results }));
    `);
    expect(end).toEqual({ batches: 1, results: 50 });
  });

  it('never blocks the event loop: a full queue is an answer', async () => {
    const [end] = await run(`
      const ends = {};
      for (const [name, policy] of Object.entries({ oldest, newest, block })) {
        const results = [];
        const worker = new ProbeWorker(2, policy, 0, (batch) => results.push(...batch.map((value) => value / 2)));
        worker.push(0, 300);
        await pause(50); // 0 is in hand
        const answers = [1, 2, 3, 4].map((value) => worker.push(value, 0));
        ends[name] = { answers, results, worker };
      }
      process.on('exit', () => {
        for (const entry of Object.values(ends)) entry.counters = entry.worker.counters();
        print(ends);
      });
    `);
    expect(end).toMatchObject({
      oldest: { answers: [0, 0, 0, 0], results: [0, 3, 4], counters: { accepted: 5, dropped: 2 } },
      newest: { answers: [0, 0, 1, 1], results: [0, 1, 2], counters: { accepted: 3, dropped: 2 } },
      block: { answers: [0, 0, 1, 1], results: [0, 1, 2], counters: { accepted: 3, dropped: 0 } },
    });
  });

  it('keeps the process alive for work in flight, and not a moment when idle', async () => {
    const [end] = await run(`
      new ProbeWorker(4, block, 0, () => {});
      const worker = new ProbeWorker(4, block, 5, (batch) => print({ batch: [...batch] }));
      worker.push(21, 150);
      process.on('exit', () => print({ counters: worker.counters() }));
    `);
    expect(end).toEqual({ batch: [42] });
  });

  it('counts what came late', async () => {
    const [end] = await run(`
      const worker = new ProbeWorker(4, block, 20, () => {});
      worker.push(1, 40);
      await until(() => worker.counters().completed === 1);
      await pause(60);
      print(worker.counters());
    `);
    expect(end).toMatchObject({ accepted: 1, completed: 1, late: 1 });
    expect(end['lastInputAgeMs']).toBeGreaterThanOrEqual(90);
  });
});

describe('the end of the process', () => {
  it('process.exit with work in flight finishes the item in hand only', async () => {
    const [end] = await run(
      `
      const worker = new ProbeWorker(64, block, 0, () => {});
      for (let i = 0; i < 40; i++) worker.push(i, 500);
      setTimeout(() => { print(worker.counters()); process.exit(7); }, 30);
    `,
      { code: 7 },
    );
    expect(end).toMatchObject({ accepted: 40, completed: 0 });
  });

  it('process.exit inside the callback', async () => {
    const [end] = await run(
      `
      const worker = new ProbeWorker(8, block, 0, (batch) => { print({ first: batch[0] }); process.exit(5); });
      for (let i = 1; i < 8; i++) worker.push(i, 10);
    `,
      { code: 5 },
    );
    expect(end).toEqual({ first: 2 });
  });

  it('an uncaught exception elsewhere with work in flight', async () => {
    await run(
      `
      const worker = new ProbeWorker(8, block, 0, () => {});
      for (let i = 0; i < 8; i++) worker.push(i, 50);
      setTimeout(() => { throw new Error('elsewhere'); }, 20);
    `,
      { code: 1 },
    );
  });

  it('a callback that throws is an uncaught exception, not a warning', async () => {
    const body = `
      let calls = 0;
      const worker = new ProbeWorker(8, block, 0, (batch) => { calls++; if (calls === 1) throw new Error('from the callback'); });
      worker.push(1, 0);
    `;
    const result = await runScript(`${prelude}${body}`);
    expect(result.code).toBe(1);
    expect(result.stderr).toContain('from the callback');
    const [caught, end] = await run(`
      process.on('uncaughtException', (error) => { print({ caught: error.message }); worker.push(2, 0); });
      ${body}
      process.on('exit', () => print({ calls, counters: worker.counters() }));
    `);
    expect(caught).toEqual({ caught: 'from the callback' });
    expect(end).toMatchObject({ calls: 2, counters: { completed: 2 } });
  });
});

describe('a failure in the worker itself', () => {
  it('ends it, is raised once with its code, and does not keep the process', async () => {
    const [raised, end] = await run(`
      process.on('uncaughtException', (error) => print({ code: error.vigilCode, message: error.message }));
      const results = [];
      const worker = new ProbeWorker(8, block, 0, (batch) => results.push(...batch));
      for (const value of [1, NaN, 3, 4]) worker.push(value, 10);
      process.on('exit', () => print({ results, answer: worker.push(5, 0), counters: worker.counters() }));
    `);
    expect(raised).toEqual({ code: 'PROBE_FAILED', message: 'Expected a number but received NaN.' });
    expect(end).toMatchObject({ results: [2], answer: 2, counters: { accepted: 4, completed: 1 } });
  });

  it('is heard even when it comes before the push has returned', async () => {
    const [end] = await run(`
      let raised = 0;
      process.on('uncaughtException', () => { raised++; });
      for (let i = 0; i < 200; i++) new ProbeWorker(8, block, 0, () => {}).push(NaN, 0);
      process.on('exit', () => print({ raised }));
    `);
    expect(end).toEqual({ raised: 200 });
  });

  it('that nobody handles ends the process with its message', async () => {
    const result = await runScript(`${prelude} new ProbeWorker(8, block, 0, () => {}).push(NaN, 0);`);
    expect(result.code).toBe(1);
    expect(result.stderr).toContain('Expected a number but received NaN.');
  });
});

describe('close', () => {
  it('with work in flight: nothing is delivered afterwards, and it may be repeated', async () => {
    const [end] = await run(`
      const results = [];
      const worker = new ProbeWorker(64, block, 0, (batch) => results.push(...batch));
      for (let i = 0; i < 40; i++) worker.push(i, 20);
      await pause(30);
      worker.close();
      worker.close();
      const seen = results.length;
      const answer = worker.push(1, 0);
      await pause(50);
      print({ answer, more: results.length - seen, counters: worker.counters() });
    `);
    expect(end).toMatchObject({ answer: 2, more: 0, counters: { accepted: 40 } });
  });

  it('from within the callback', async () => {
    const [end] = await run(`
      let calls = 0;
      const worker = new ProbeWorker(64, block, 0, () => { calls++; worker.close(); });
      for (let i = 0; i < 10; i++) worker.push(i, 5);
      process.on('exit', () => print({ calls }));
    `);
    expect(end).toEqual({ calls: 1 });
  });
});

describe('garbage collection', () => {
  it('while work is in flight: the worker lives until its results are delivered', async () => {
    const [end, left] = await run(
      `
      const before = threads();
      (() => {
        const worker = new ProbeWorker(4, block, 0, (batch) => { gc(); print({ batch: [...batch] }); });
        worker.push(4, 60);
      })();
      await until(() => threads() <= before);
      print({ leaked: await leaked(before) });
    `,
      { gc: true },
    );
    expect(end).toEqual({ batch: [8] });
    expect(left).toEqual({ leaked: 0 });
  });

  it('when idle: threads and workers go', async () => {
    const [end] = await run(
      `
      const before = threads();
      let results = 0;
      for (let round = 0; round < 5; round++) {
        for (let i = 0; i < 20; i++) new ProbeWorker(4, block, 0, (batch) => { results += batch.length; }).push(i, 0);
        await pause(10);
      }
      const most = threads() - before;
      print({ most, leaked: await leaked(before), results });
    `,
      { gc: true },
    );
    expect(end).toMatchObject({ leaked: 0, results: 100 });
    expect(end['most']).toBeGreaterThan(0);
  });

  it('of a worker whose construction failed', async () => {
    const [end] = await run(
      `
      const before = threads();
      for (const wrong of [[], [0, block, 0, () => {}], [4, 9, 0, () => {}], [4, block, 0, 'no function'], [1.5, block, 0, () => {}]]) {
        try { new ProbeWorker(...wrong); throw new Error('accepted'); } catch (error) { if (error.vigilCode !== 'INVALID_ARGUMENT') throw error; }
      }
      gc();
      await pause(10);
      print({ leaked: await leaked(before) });
    `,
      { gc: true },
    );
    expect(end).toEqual({ leaked: 0 });
  });
});

describe('worker_threads', () => {
  const thread = `
    const { Worker } = require('node:worker_threads');
    const start = (body, workerData) => new Worker(${JSON.stringify(prelude)} +
      "const { parentPort, workerData } = require('node:worker_threads');" + body, { eval: true, workerData });
    const once = (emitter, event) => new Promise((resolve) => emitter.once(event, resolve));
  `;

  it('terminate with work in flight, at many moments', async () => {
    const [end] = await run(`${thread}
      const before = threads();
      for (let delay = 0; delay < 30; delay += 2) {
        const worker = start("const w = new ProbeWorker(64, block, 0, () => {}); for (let i = 0; i < 64; i++) w.push(i, 5); parentPort.postMessage('busy'); setInterval(() => w.push(1, 1), 1);");
        await once(worker, 'message');
        await pause(delay);
        await worker.terminate();
      }
      let results = 0;
      const own = new ProbeWorker(4, block, 0, (batch) => { results += batch.length; });
      own.push(1, 0);
      await until(() => results === 1);
      own.close();
      print({ leaked: await leaked(before), results });
    `);
    expect(end).toEqual({ leaked: 0, results: 1 });
  });

  it('process.exit and an uncaught exception inside a thread with work in flight', async () => {
    const [end] = await run(`${thread}
      const before = threads();
      const busy = "const w = new ProbeWorker(64, block, 0, () => {}); for (let i = 0; i < 64; i++) w.push(i, 5);";
      const exits = [];
      for (const ending of ['process.exit(3)', "throw new Error('inside')"]) {
        const worker = start(busy + 'setTimeout(() => { ' + ending + ' }, 10)');
        worker.on('error', () => {});
        exits.push(await once(worker, 'exit'));
      }
      print({ exits, leaked: await leaked(before) });
    `);
    expect(end).toEqual({ exits: [3, 1], leaked: 0 });
  });

  it('several environments at once, each with its own workers and counters', async () => {
    const [end] = await run(`${thread}
      const before = threads();
      const body = "let sum = 0, results = 0; const w = new ProbeWorker(256, block, 0, (batch) => { for (const value of batch) sum += value; results += batch.length; if (results === 100) parentPort.postMessage({ sum, counters: w.counters() }); }); for (let i = 0; i < 100; i++) w.push(i * workerData, 0);";
      const all = await Promise.all([1, 2, 3, 4].map(async (factor) => {
        const worker = start(body, factor);
        const exit = once(worker, 'exit');
        const message = await once(worker, 'message');
        return { ...message, exit: await exit };
      }));
      print({ sums: all.map(({ sum }) => sum), exits: all.map(({ exit }) => exit), accepted: all.map(({ counters }) => counters.accepted), leaked: await leaked(before) });
    `);
    expect(end).toEqual({
      sums: [9900, 19800, 29700, 39600],
      exits: [0, 0, 0, 0],
      accepted: [100, 100, 100, 100],
      leaked: 0,
    });
  });

  it('the main thread exits while another thread has work in flight', async () => {
    await run(
      `${thread}
      const worker = start("const w = new ProbeWorker(64, block, 0, () => {}); for (let i = 0; i < 64; i++) w.push(i, 20); parentPort.postMessage('busy');");
      await once(worker, 'message');
      process.exit(6);
    `,
      { code: 6 },
    );
  });
});
