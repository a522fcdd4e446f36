/** Beginning of a WAVE stream: 16-bit samples of one channel follow. */
export interface WaveStart {
  /** Hz. */
  readonly rate: number;
  /** Where the samples begin, bytes. */
  readonly dataAt: number;
}

/** No program writes a longer header. */
const mostHeaderBytes = 4096;

/**
 * Reads the header of a WAVE that a program writes to a pipe, whose lengths it could not know.
 * @returns null while too little came; `invalid` when it is no mono 16-bit WAVE
 */
export function waveStart(bytes: Buffer): WaveStart | 'invalid' | null {
  if (bytes.length < 12) return null;
  if (bytes.toString('latin1', 0, 4) !== 'RIFF' || bytes.toString('latin1', 8, 12) !== 'WAVE')
    return 'invalid';
  let rate = 0;
  for (let at = 12; at < mostHeaderBytes;) {
    if (at + 8 > bytes.length) return null;
    const name = bytes.toString('latin1', at, at + 4);
    const size = bytes.readUInt32LE(at + 4);
    if (name === 'data') return rate === 0 ? 'invalid' : { rate, dataAt: at + 8 };
    if (name === 'fmt ') {
      if (at + 24 > bytes.length) return null;
      const [kind, channels] = [bytes.readUInt16LE(at + 8), bytes.readUInt16LE(at + 10)];
      const bits = bytes.readUInt16LE(at + 22);
      if (kind !== 1 || channels !== 1 || bits !== 16) return 'invalid';
      rate = bytes.readUInt32LE(at + 12);
    }
    at += 8 + size + (size & 1);
  }
  return 'invalid';
}
