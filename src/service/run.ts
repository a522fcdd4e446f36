import type { Logger } from 'pino';
import type { HeartbeatOptions } from '../runtime/heartbeat.js';
import { messageOf } from '../runtime/errors.js';
import { notifySystemd, systemdService, type SystemdService } from '../runtime/system-notify.js';
import { loadConfig } from './config/load.js';
import type { VigilConfig } from './config/schema.js';
import { LocalServer, parseLocalAddress } from './local-server.js';
import { logEvent, logOutput, openLog } from './log.js';
import { metricsText } from './metrics.js';
import { VigilService } from './service.js';

/**
 * Runs the service of a configuration file until `signal` ends it: systemd is told when it watches, is about to end, and,
 * with every heartbeat of the driver graph, that it lives.
 * @param reloads calls back when the file is to be read again (SIGHUP)
 * @throws VigilError of the configuration, and of what no waiting repairs
 */
export async function runService(
  file: string,
  signal: AbortSignal,
  reloads: (reload: () => void) => void,
): Promise<void> {
  const config = loadConfig(file);
  const log = openLog(config.log);
  const systemd = systemdService(process.env, process.pid);
  const service = await VigilService.start(config, {
    heartbeat: heartbeatOf(systemd),
    onEvent: (event) => logEvent(log, event),
  });
  const servers: LocalServer[] = [];
  try {
    servers.push(...(await listen(config, service)));
    service.outputs$.subscribe((output) => logOutput(log, output));
    reloads(() => void reload(file, service, log));
    log.info({ config: file, policies: config.driver.policy, control: config.controlSocket }, 'watching');
    notifySystemd(systemd, 'READY=1');
    await ended(signal);
    notifySystemd(systemd, 'STOPPING=1');
    log.info('ending');
  } finally {
    await Promise.all(servers.map((server) => server.close()));
    await service.close();
  }
}

/** systemd's watchdog hears the driver graph itself, not a timer beside it. */
function heartbeatOf({ notifySocket, watchdogMs }: SystemdService): HeartbeatOptions {
  if (notifySocket === null || watchdogMs === null) return {};
  return { watchdog: { socket: notifySocket, withinMs: watchdogMs } };
}

async function listen(config: VigilConfig, service: VigilService): Promise<LocalServer[]> {
  const metrics = async () =>
    ({ type: 'text/plain; version=0.0.4', body: await metricsText(await service.status()) }) as const;
  const servers = [
    await LocalServer.listen(
      { kind: 'unix', path: config.controlSocket },
      {
        '/status': async () => ({ type: 'application/json', body: JSON.stringify(await service.status()) }),
        '/metrics': metrics,
      },
    ),
  ];
  if (config.metrics !== undefined)
    servers.push(
      await LocalServer.listen(parseLocalAddress(config.metrics.address), { '/metrics': metrics }),
    );
  return servers;
}

async function reload(file: string, service: VigilService, log: Logger): Promise<void> {
  try {
    const config = loadConfig(file);
    const { live, afterRestart } = await service.reload(config);
    log.level = config.log.level;
    log.info({ changed: live, afterRestart }, 'configuration read again');
  } catch (error) {
    log.error(`configuration not taken: ${messageOf(error)}`);
  }
}

async function ended(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
