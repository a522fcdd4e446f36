import { readFileSync } from 'node:fs';
import { requireModel } from '../../runtime/models.js';
import { parseHead, type WakeHeadFile } from './head-file.js';

/** The head that comes with the package, for "hey vigil". @throws VigilError `MODEL_HASH_MISMATCH`, `MODEL_NOT_BUILT` */
export function defaultHead(): WakeHeadFile {
  const { path } = requireModel('wake_hey_vigil');
  return parseHead(readFileSync(path, 'utf8'), path);
}
