import { parentPort } from 'node:worker_threads';
import { VigilError } from '../../src/runtime/errors.js';
import { errorRecord, type FromWorker, type RecorderInput, type ToWorker } from './recorder-protocol.js';
import { RecordingWriter } from './writer.js';

/** Entry of the recorder's worker thread: owns the file and nothing else. */

const port = parentPort;
if (!port) throw new Error('recorder-worker.js runs as a worker thread only');

let writer: RecordingWriter | undefined;
/** Messages are taken one after the other, whatever their handlers wait for. */
let tail: Promise<void> = Promise.resolve();

function answer(message: FromWorker): void {
  port!.postMessage(message);
}

function opened(): RecordingWriter {
  if (!writer) throw new Error('a message came before the recording was open');
  return writer;
}

function write(input: RecorderInput): Promise<void> {
  switch (input.kind) {
    case 'camera':
      return opened().addCamera(input);
    case 'audio':
      return opened().addAudio(input);
    case 'can':
      return opened().addCan(input.frames);
    case 'output':
      return opened().addOutput(input);
  }
}

async function handle(message: ToWorker): Promise<void> {
  switch (message.type) {
    case 'open':
      writer = await RecordingWriter.create(message.path, message.header, message.options);
      answer({ type: 'opened' });
      return;
    case 'write':
      answer({ type: 'done', bytes: message.bytes, error: await refusal(message.input) });
      return;
    case 'close':
      answer({ type: 'closed', counts: await opened().close(message.counters) });
      port!.close();
  }
}

/** Null when written; the error when the input itself does not fit. A failing medium is thrown on. */
async function refusal(input: RecorderInput): Promise<ReturnType<typeof errorRecord> | null> {
  try {
    await write(input);
    return null;
  } catch (error) {
    if (error instanceof VigilError && error.code !== 'RECORDING_WRITE_FAILED') return errorRecord(error);
    throw error;
  }
}

port.on('message', (message: ToWorker) => {
  tail = tail
    .then(() => handle(message))
    .catch((error: unknown) => answer({ type: 'failed', error: errorRecord(error) }));
});
