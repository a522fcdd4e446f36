const repetitions = 7;
const measurementSeconds = 0.2;

/** CPU seconds of the whole process, so that reading, unpacking and garbage collection count too. */
export function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/**
 * CPU seconds that `work` takes, the least of several measurements; each lasts long enough for the resolution
 * of the process's CPU time (a scheduler tick, in the worst case) not to matter.
 */
export async function leastCpuSeconds(work: () => Promise<void> | void): Promise<number> {
  let least = Infinity;
  for (let i = 0; i < repetitions; i++) {
    const start = cpuSeconds();
    let rounds = 0;
    do {
      await work();
      rounds += 1;
    } while (cpuSeconds() - start < measurementSeconds);
    least = Math.min(least, (cpuSeconds() - start) / rounds);
  }
  return least;
}
