import { fileSignature } from './blf-layout.js';
import { BlfLog } from './blf-reader.js';
import { BlfWriter } from './blf-writer.js';
import type { LogFormat } from './log-format.js';

/**
 * Vector's binary log: CAN and CAN FD frames, remote and error frames, with channel, direction and stamps of 10 µs or
 * 1 ns. The start of the measurement is taken as UTC, since the file does not say its time zone. Channels count from
 * 1 there and from 0 here.
 */
export const blfFormat: LogFormat = {
  name: 'blf',
  title: 'Vector binary logging format',
  extensions: ['blf'],
  sniff: (head) =>
    head.length >= fileSignature.length && fileSignature.equals(head.subarray(0, fileSignature.length))
      ? 1
      : 0,
  open: (source, options) => Promise.resolve().then(() => new BlfLog(source, options)),
  create: (sink, header) => BlfWriter.create(sink, header),
};
