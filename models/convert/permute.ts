/** Transposes a dense row-major array: axis `i` of the result is axis `order[i]` of `values`. */
export function permute(
  values: Float32Array,
  shape: readonly number[],
  order: readonly number[],
): Float32Array {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis];
  }
  const sizes = order.map((axis) => shape[axis]);
  const steps = order.map((axis) => strides[axis]);
  const index = new Array<number>(order.length).fill(0);
  const result = new Float32Array(values.length);
  let source = 0;
  for (let target = 0; target < result.length; target++) {
    result[target] = values[source]!;
    for (let axis = order.length - 1; axis >= 0; axis--) {
      source += steps[axis];
      if (++index[axis] < sizes[axis]) break;
      source -= steps[axis] * sizes[axis];
      index[axis] = 0;
    }
  }
  return result;
}
