import pino, { type Logger } from 'pino';
import type { GraphOutput } from '../fusion.js';
import type { VigilConfig } from './config/schema.js';
import type { ServiceEvent } from './service.js';

/** One JSON object a line, on this machine. Faces, voices and places are never in it. */
export function openLog({ level, file }: VigilConfig['log']): Logger {
  const destination = pino.destination({
    dest: file ?? 1,
    sync: true,
    ...(file === undefined ? {} : { mkdir: true }),
  });
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination);
}

export function logEvent(log: Logger, { level, message, details }: ServiceEvent): void {
  log[level]({ ...details }, message);
}

/** States and alerts, which explain afterwards what happened; not every blink. */
export function logOutput(log: Logger, output: GraphOutput): void {
  if (output.kind === 'stateChanged') {
    const { t, state, previous } = output;
    log.info({ t, state: state.kind, from: previous?.kind, ...reasonOf(state) }, 'driver state');
  } else if (output.kind === 'alertStarted' || output.kind === 'alertEnded') {
    const { t, alert } = output;
    log.warn(
      { t, alert: alert.id, level: alert.level },
      output.kind === 'alertStarted' ? 'alert' : 'alert ended',
    );
  }
}

function reasonOf(state: object): { readonly reason?: unknown } {
  return 'reason' in state ? { reason: state.reason } : {};
}
