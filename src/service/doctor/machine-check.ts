import { readFileSync, statfsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { isOptional } from '../../runtime/models.js';
import { inspectModel, manifest } from '../../runtime/models.js';
import type { VigilConfig } from '../config/schema.js';
import { fail, ok, warn, type Finding } from './finding.js';

/** Models by file and hash, with their licences. */
export function checkModels(): Finding[] {
  const research = manifest().models.filter((entry) => isOptional(entry));
  const broken = manifest()
    .models.map((entry) => ({ entry, state: inspectModel(entry).state }))
    .filter(({ entry, state }) => state === 'mismatch' || (state === 'missing' && !isOptional(entry)));
  const found = `${manifest().models.length} in the manifest`;
  const state =
    broken.length === 0
      ? ok('models', `${found}, all built and unaltered`)
      : fail(
          'models',
          `${found}; ${broken.map(({ entry, state: why }) => `${entry.id} ${why}`).join(', ')}`,
          'vigil models build makes them, vigil models verify names what was altered.',
        );
  if (research.length === 0) return [state];
  return [
    state,
    warn(
      'licences',
      `optional weights: ${research.map(({ id, licence }) => `${id} (${licence})`).join(', ')}`,
      'Trained on research data: take them out where that is not allowed; Vigil does without.',
    ),
  ];
}

/** Whether the vision thread may have a real-time priority, where one is configured. */
export function checkPriority({ driver }: VigilConfig): Finding {
  const part = 'real time';
  const limit = limitOf('Max realtime priority');
  const wanted = driver.fifoPriority;
  const found = `SCHED_FIFO up to ${limit} is permitted, ${availableParallelism()} processors`;
  if (wanted === undefined || limit >= wanted) return ok(part, found);
  return warn(
    part,
    `${found}, ${wanted} is configured`,
    'LimitRTPRIO= in the unit file, or /etc/security/limits.d.',
  );
}

/** The soft limit of a line of /proc/self/limits. */
function limitOf(name: string): number {
  try {
    const line = readFileSync('/proc/self/limits', 'utf8')
      .split('\n')
      .find((one) => one.startsWith(name));
    const value = line?.slice(name.length).trim().split(/\s+/)[0] ?? '0';
    return value === 'unlimited' ? 99 : Number(value);
  } catch {
    return 0;
  }
}

/** The kernel's clock: disciplined smoothly or not at all, never stepped under our feet. */
export function checkClock(): Finding {
  try {
    const source = readFileSync(
      '/sys/devices/system/clocksource/clocksource0/current_clocksource',
      'utf8',
    ).trim();
    const found = `monotonic clock from ${source}`;
    if (/^(tsc|arch_sys_counter|kvm-clock|hyperv_clocksource.*|hpet)$/.test(source))
      return ok('clock', found);
    return warn('clock', found, 'This source is coarse or slow to read; see clocksource= of the kernel.');
  } catch {
    return warn('clock', 'the clock source is not known', 'Is /sys mounted?');
  }
}

/** Room for recordings, where they are made. */
export function checkDisk({ recorder }: VigilConfig): Finding[] {
  if (recorder === undefined) return [];
  const part = 'disk';
  try {
    const { bavail, bsize } = statfsSync(recorder.folder);
    const freeGiB = (bavail * bsize) / 2 ** 30;
    const found = `${freeGiB.toFixed(1)} GiB free in ${recorder.folder}`;
    const needed = recorder.minFreeGiB + 1;
    return [
      freeGiB >= needed
        ? ok(part, found)
        : warn(part, found, `Recording stops below ${recorder.minFreeGiB} GiB: make room.`),
    ];
  } catch {
    return [
      fail(
        part,
        `${recorder.folder} can not be written to`,
        'Make the folder, and give it to the user of the service.',
      ),
    ];
  }
}
