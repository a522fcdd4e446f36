// Vigil's side of compare_opendbc.py: reads one request per line from stdin, answers one line each on stdout.
//   {"load": FILE}                      -> what the file holds and what was wrong with it, or {"refused": why}
//   {"decode": [[id, extended, hex]..]} -> per frame: signal name to the value's 64 bits as hex; frame by frame (in
//                                          BigInt) and as one batch (in C++), which must agree
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { isDeepStrictEqual } from 'node:util';
import { describeProblem } from '../../../dist/src/can/dbc.js';
import { loadDbc, parseDbc } from '../../../dist/src/can/dbc-parser.js';
import { writeDbc } from '../../../dist/src/can/dbc-writer.js';
import { CanDecoder } from '../../../dist/src/can/decoder.js';
import { decodeMessage } from '../../../dist/src/can/decode-message.js';
import { FrameBatchBuilder } from '../../../dist/src/can/frame-batch.js';
import { messageFinder } from '../../../dist/src/can/j1939.js';

let database;

function load(file) {
  let parsed;
  try {
    parsed = loadDbc(file);
  } catch (error) {
    return { refused: error.message };
  }
  database = parsed.database;
  const back = parseDbc(writeDbc(database), file).database;
  return {
    bytes: readFileSync(file).length,
    imports: parsed.imports.length,
    errors: parsed.problems.filter(({ severity }) => severity === 'error').map(describeProblem),
    warnings: parsed.problems.filter(({ severity }) => severity === 'warning').length,
    // For the repair: what the file says about signals that it does not have.
    places: parsed.problems
      .filter(({ severity, message }) => severity === 'error' || message.startsWith('expected a signal of the file'))
      .map((problem) => ({ file: problem.file, line: problem.line })),
    survivesWriting: isDeepStrictEqual(back, database),
    messages: database.messages.map(({ name, id, extended, signals }) => ({
      name,
      id,
      extended,
      signals: signals.map((signal) => signal.name),
    })),
  };
}

function bitsOf(value) {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return Number.isNaN(value) ? 'nan' : bytes.toString('hex');
}

function decode(frames) {
  const find = messageFinder(database);
  const builder = new FrameBatchBuilder();
  const single = frames.map(([id, extended, hex], i) => {
    const payload = Uint8Array.from(Buffer.from(hex, 'hex'));
    builder.add(i, id, payload, (extended ? 1 : 0) | (payload.length > 8 ? 8 : 0));
    return decodeMessage(find(id, extended), payload);
  });
  const batch = CanDecoder.of(database).decode(builder.take());
  const results = frames.map(() => ({}));
  let disagreements = 0;
  for (const { message, rows, t, ...columns } of batch.messages.map((m) => ({
    message: m.message,
    rows: m.rows,
    t: m.t,
    all: m.message.signals.map((_, i) => m.columnAt(i)),
  }))) {
    for (let row = 0; row < rows; row++) {
      const { signals } = single[t[row]];
      message.signals.forEach(({ name }, i) => {
        const native = columns.all[i][row];
        const exact = signals.get(name)?.physical;
        // A float signal may be a NaN of its own; then it is present in the single frame.
        if (bitsOf(exact ?? NaN) !== bitsOf(native)) disagreements += 1;
        if (exact !== undefined) results[t[row]][name] = bitsOf(native);
      });
    }
  }
  return { disagreements, values: results };
}

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  process.stdout.write(`${JSON.stringify('load' in request ? load(request.load) : decode(request.decode))}\n`);
}
