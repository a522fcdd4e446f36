import { describe, expect, it } from 'vitest';
import { encodeMessage, messageType } from '../hil/recording/schemas.js';
import { OutputMessages } from '../hil/replay/output-messages.js';
import type { DriverInput } from '../src/driver/outputs.js';
import { loadPolicies } from '../src/driver/policy/policy.js';
import { loadTree } from '../src/vehicle/tree.js';
import { perform } from './70-support/person.js';
import { drive, feed, inOrder } from './70-support/watch.js';

const tree = loadTree();

/** The driver states of a drive as they are read from a recording. */
function recorded(inputs: readonly DriverInput[]): Record<string, unknown>[] {
  const messages = new OutputMessages('euroncap-2026', tree);
  const type = messageType('vigil.DriverState');
  return feed(inputs)
    .outputs.flatMap((output) => messages.of(output))
    .filter(({ typeName }) => typeName === 'vigil.DriverState')
    .map(({ t, message }) => type.toObject(type.decode(encodeMessage('vigil.DriverState', t, message))));
}

describe('the driver state in a recording', () => {
  it('names what is in the way and what supports other evidence', () => {
    const masked = perform({ lengthMs: 15_000 }).map((face) =>
      face.kind === 'face' && face.t >= 8000
        ? { ...face, lowerFace: { familiarity: 0, contrast: 0.1 } }
        : face,
    );
    const states = recorded(drive(masked, 100));
    const before = states.filter(({ frame }) => Number(frame) < 200).at(-1)!;
    expect(before).toMatchObject({ yawns: 0, nods: 0, headResting: false });
    expect(before).not.toHaveProperty('faults');
    const last = states.at(-1)!;
    expect(last).toMatchObject({
      degradedBy: ['lowerFaceCovered'],
      faults: [{ reason: 'lowerFaceCovered', severity: 'degraded' }],
      nods: 0,
    });
    // A covered mouth yawns unseen: there is no number.
    expect(last).not.toHaveProperty('yawns');
  });

  it('names the policy in force, also after another one was taken', () => {
    const policies = loadPolicies('eu-addw-2023-2590+eu-ddaw-2021-1341');
    const swapped: DriverInput = { kind: 'policy', t: 5000, policies };
    const states = recorded(inOrder([...drive(perform({ lengthMs: 8000 }), 0), swapped]));
    expect(states[0]['policy']).toBe('euroncap-2026');
    expect(states.at(-1)!['policy']).toBe('eu-addw-2023-2590+eu-ddaw-2021-1341');
  });
});
