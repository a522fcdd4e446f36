/** Least squares: how much `values` grow in a unit of `times`. NaN below two points. */
export function slope(times: readonly number[], values: readonly number[]): number {
  const n = times.length;
  if (n < 2) return Number.NaN;
  const mean = (list: readonly number[]): number => list.reduce((sum, value) => sum + value, 0) / n;
  const [t, v] = [mean(times), mean(values)];
  let covariance = 0;
  let variance = 0;
  times.forEach((time, i) => {
    covariance += (time - t) * (values[i] - v);
    variance += (time - t) ** 2;
  });
  return variance === 0 ? Number.NaN : covariance / variance;
}
