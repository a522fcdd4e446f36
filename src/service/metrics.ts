import { Gauge, Registry } from 'prom-client';
import type { LatencySnapshot } from '../runtime/histogram.js';
import type { ServiceStatus } from './service.js';

/** A status as Prometheus reads it (text exposition format). Names follow its conventions: base units, `_total`. */
export async function metricsText(status: ServiceStatus): Promise<string> {
  const registry = new Registry();
  const set = (
    name: string,
    help: string,
    values: readonly (readonly [labels: Readonly<Record<string, string>>, value: number])[],
  ): void => {
    const [first] = values;
    const gauge = new Gauge({
      name: `vigil_${name}`,
      help,
      labelNames: values.length === 0 ? [] : Object.keys(first[0]),
      registers: [registry],
    });
    for (const [labels, value] of values) gauge.set(labels, value);
  };
  const one = (name: string, help: string, value: number): void => set(name, help, [[{}, value]]);

  const parts = [
    ['driver', status.driver],
    ...(status.assistant === null ? [] : [['assistant', status.assistant] as const]),
  ] as const;
  one('up', '1: the service answers', 1);
  one('uptime_seconds', 'Since the service was started', status.uptimeMs / 1000);
  set(
    'part_up',
    "1 when the part's thread runs and answers",
    parts.map(([part, { status: answer }]) => [{ part }, answer === null ? 0 : 1]),
  );
  set(
    'part_restarts_total',
    "How often the part's thread was started again",
    parts.map(([part, { restarts }]) => [{ part }, restarts]),
  );
  const microphones = status.assistant?.status?.microphones ?? [];
  set(
    'microphone_up',
    '1 while sound comes',
    microphones.map(({ zone, state }) => [{ zone }, state.kind === 'up' ? 1 : 0]),
  );
  const driver = status.driver.status;
  if (driver === null) return registry.metrics();

  const { camera, can, heartbeat } = driver;
  if (camera !== null) {
    one('camera_up', '1 while pictures come', camera.state.kind === 'up' ? 1 : 0);
    one('camera_frames_total', 'Pictures received', camera.received);
    one('camera_dropped_total', 'Pictures pushed out by newer ones', camera.dropped);
    one('camera_losses_total', 'How often the camera went away', camera.losses);
    if (camera.clock.driftPpm !== undefined)
      one('camera_clock_drift_ppm', "Of the camera's clock against ours", camera.clock.driftPpm);
    set('camera_latency_seconds', 'Arrival of a picture to its observation', quantiles({}, camera.latency));
  }
  set(
    'can_up',
    '1 while frames come',
    can.map(({ address, state }) => [{ bus: address }, state.kind === 'up' ? 1 : 0]),
  );
  set(
    'can_frames_total',
    'Frames received',
    can.map(({ address, counters }) => [{ bus: address }, counters?.received ?? 0]),
  );
  set(
    'stage_seconds',
    'How long a stage of the graph takes',
    Object.entries(driver.stages).flatMap(([stage, latency]) => quantiles({ stage }, latency)),
  );
  one('heartbeat_beats_total', 'Beats of the driver graph', heartbeat.beats);
  one('heartbeat_stalls_total', 'How often they stopped', heartbeat.stalls);
  one('store_samples_total', 'Samples written', driver.store.stored);
  one('store_invalid_total', 'Samples found implausible', driver.store.invalid);
  one('store_expired_total', 'Samples that became stale', driver.store.expired);
  return registry.metrics();
}

function quantiles(
  labels: Readonly<Record<string, string>>,
  { p50Ms, p99Ms, maxMs }: LatencySnapshot,
): (readonly [Readonly<Record<string, string>>, number])[] {
  return [
    [{ ...labels, quantile: '0.5' }, p50Ms / 1000],
    [{ ...labels, quantile: '0.99' }, p99Ms / 1000],
    [{ ...labels, quantile: '1' }, maxMs / 1000],
  ];
}
