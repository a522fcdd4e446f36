import type { Clock } from '../../runtime/clock.js';
import { messageOf } from '../../runtime/errors.js';
import type { VigilConfig } from '../config/schema.js';
import { cabinOf, policiesOf } from '../driver/named-files.js';
import { checkCamera } from './camera-check.js';
import { checkCan } from './can-check.js';
import { fail, ok, warn, type Finding } from './finding.js';
import { checkClock, checkDisk, checkModels, checkPriority } from './machine-check.js';
import { checkMicrophone } from './microphone-check.js';

/**
 * Looks at everything that a configuration names, for some seconds each, all at once. Nothing is kept of what was seen
 * and heard.
 */
export async function examine(config: VigilConfig, clock: Clock, seconds: number): Promise<Finding[]> {
  const { camera, can, assistant } = config;
  const live = await Promise.all([
    camera === undefined
      ? [warn('camera', 'none configured', 'Without one the driver is not seen: camera.source.')]
      : guarded('camera', () => checkCamera(camera, clock, seconds)),
    ...(can.length === 0
      ? [
          [
            warn(
              'can',
              'none configured',
              'Without a bus the speed is not known and most policies stay silent.',
            ),
          ],
        ]
      : can.map((bus) => guarded(`can ${bus.address}`, () => checkCan(bus, clock, seconds)))),
    ...(assistant?.microphones ?? []).map((microphone) =>
      guarded(`microphone ${microphone.zone}`, async () => [
        await checkMicrophone(microphone, clock, seconds),
      ]),
    ),
  ]);
  return [
    ...(await guarded('configuration', () => Promise.resolve([checkNames(config)]))),
    ...live.flat(),
    ...(await guarded('models', () => Promise.resolve(checkModels()))),
    checkPriority(config),
    checkClock(),
    ...checkDisk(config),
  ];
}

function checkNames({ driver }: VigilConfig): Finding {
  const policies = policiesOf(driver.policy).map(({ id, version }) => `${id} (${version})`);
  const { id } = cabinOf(driver.cabin);
  return ok('configuration', `policies ${policies.join(', ')}; cabin ${id}`);
}

/** What can not even be tried is a finding, too. */
async function guarded(part: string, check: () => Promise<Finding[]>): Promise<Finding[]> {
  try {
    return await check();
  } catch (error) {
    return [fail(part, messageOf(error), 'Correct it in the configuration.')];
  }
}
