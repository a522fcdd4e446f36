import type { LogFormat } from './log-format.js';
import { Mf4Log } from './mf4-reader.js';
import { isMf4 } from './mf4-structure.js';

/**
 * ASAM MDF 4 with bus logging: CAN_DataFrame, CAN_RemoteFrame and CAN_ErrorFrame, records sorted or not, packed or not,
 * payloads in the record or as variable-length values; files that the logger did not finish are read as far as they
 * go. Bus channels count from 1 there and from 0 here, except in files by asammdf (python-can), which keep theirs.
 */
export const mf4Format: LogFormat = {
  name: 'mf4',
  title: 'ASAM MDF 4 bus log',
  extensions: ['mf4', 'mdf'],
  sniff: (head) => (isMf4(head) ? 1 : 0),
  open: (source, options) => Mf4Log.open(source, options),
};
