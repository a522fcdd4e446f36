import { coreAddon } from './core-addon.js';
import { nativeCall } from './errors.js';

/** What systemd tells a service about itself, from its environment (sd_notify(3), sd_watchdog_enabled(3)). */
export interface SystemdService {
  /** Null where systemd did not start us, or does not want to be told. */
  readonly notifySocket: string | null;
  /** Within which it wants signs of life; null where its watchdog is off. */
  readonly watchdogMs: number | null;
}

export function systemdService(environment: NodeJS.ProcessEnv, pid: number): SystemdService {
  const notifySocket = environment['NOTIFY_SOCKET'] ?? null;
  const microseconds = Number(environment['WATCHDOG_USEC']);
  const forUs = environment['WATCHDOG_PID'] === undefined || Number(environment['WATCHDOG_PID']) === pid;
  const watchdogMs = forUs && microseconds > 0 ? microseconds / 1000 : null;
  return { notifySocket, watchdogMs: notifySocket === null ? null : watchdogMs };
}

/**
 * Tells systemd something: `READY=1`, `RELOADING=1`, `STOPPING=1`, `STATUS=...`.
 * @throws VigilError `SOCKET_UNREACHABLE`
 */
export function notifySystemd({ notifySocket }: SystemdService, ...lines: readonly string[]): void {
  if (notifySocket !== null) nativeCall(() => coreAddon().sendDatagram(notifySocket, lines.join('\n')));
}
