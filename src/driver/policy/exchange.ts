import type { Driver } from '../memory.js';
import type { DriverOutput } from '../outputs.js';
import type { AlertOutput } from './alert.js';
import { endAlert } from './alert-step.js';
import { exchangePolicies } from './machine.js';
import { policyConflict, type Policy } from './policy.js';
import { standstillKmh } from './state.js';

/**
 * Puts other policies in force. Only at a known standstill: rules must not change under a driver who is being
 * warned by them. What was learnt about the driver stays; prompts in progress end.
 * @param speedKmh null when not known
 */
export function takePolicies(
  driver: Driver,
  policies: readonly Policy[],
  t: number,
  speedKmh: number | null,
  outputs: DriverOutput[],
): Driver {
  const names = policies.map(({ id, version }) => ({ id, version }));
  const refusal = refusalOf(policies, speedKmh);
  if (refusal !== null) {
    outputs.push({ kind: 'policyRefused', t, policies: names, ...refusal });
    return driver;
  }
  let alerts = driver.alerts;
  const ended: AlertOutput[] = [];
  for (const alert of alerts.active) alerts = endAlert(alerts, alert, 'policyChanged', t, ended);
  outputs.push(...ended, { kind: 'policyChanged', t, policies: names });
  const [policy, ...alongside] = policies;
  return {
    ...driver,
    options: { ...driver.options, policy, alongside },
    machine: exchangePolicies(driver.machine, policies),
    alerts: { ...alerts, quietUntilMs: {} },
  };
}

function refusalOf(
  policies: readonly Policy[],
  speedKmh: number | null,
): { reason: 'moving' | 'speedUnknown' | 'conflict'; detail: string } | null {
  if (speedKmh === null) {
    return {
      reason: 'speedUnknown',
      detail: 'Expected the vehicle to stand still but its speed is not known.',
    };
  }
  if (speedKmh >= standstillKmh) {
    const detail = `Expected the vehicle to stand still but it moves at ${speedKmh.toFixed(1)} km/h.`;
    return { reason: 'moving', detail };
  }
  const conflict = policyConflict(policies);
  if (conflict === null) return null;
  return { reason: 'conflict', detail: `Expected policies that can be in force together but ${conflict}.` };
}
