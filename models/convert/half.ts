/** Decodes little-endian IEEE 754 binary16 values; exact, as every half is a float32. */
export function halfToFloat(bytes: Uint8Array): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values = new Float32Array(bytes.byteLength >> 1);
  for (let index = 0; index < values.length; index++) {
    const half = view.getUint16(2 * index, true);
    const sign = half >> 15 === 0 ? 1 : -1;
    const exponent = (half >> 10) & 0x1f;
    const mantissa = half & 0x3ff;
    if (exponent === 0) values[index] = sign * mantissa * 2 ** -24;
    else if (exponent === 0x1f) values[index] = mantissa === 0 ? sign * Infinity : NaN;
    else values[index] = sign * (1 + mantissa / 1024) * 2 ** (exponent - 15);
  }
  return values;
}
