import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OrderedInputs } from '../hil/replay/ordered-inputs.js';
import type { FaceObservation } from '../src/camera/observation.js';
import type { CanFrames } from '../src/can/frames.js';
import type { GraphInput } from '../src/fusion.js';

const noFrames = {} as CanFrames;

function seen(t: number, frame: number): FaceObservation {
  return { kind: 'unreadable', t, frame, reason: 'damagedImage' };
}

function label(input: GraphInput): string {
  return input.kind === 'observation' ? `frame ${input.observation.frame}` : `${input.kind} ${input.t}`;
}

function collector(tickMs = 50): { ordered: OrderedInputs; labels: string[] } {
  const labels: string[] = [];
  return { labels, ordered: new OrderedInputs((input) => labels.push(label(input)), tickMs) };
}

describe('ordered inputs of a replay', () => {
  it('hold CAN back until the observations before it have come', () => {
    const { ordered, labels } = collector();
    ordered.add({ kind: 'can', t: 1, frames: noFrames });
    ordered.expect(7);
    ordered.add({ kind: 'can', t: 12, frames: noFrames });
    expect(labels).toEqual(['can 1']);
    ordered.resolve(seen(10, 7));
    expect(labels).toEqual(['can 1', 'frame 7', 'can 12']);
  });

  it('put behind a frame what belongs to it, whatever else has arrived', () => {
    const { ordered, labels } = collector();
    ordered.expect(7);
    ordered.add({ kind: 'can', t: 12, frames: noFrames });
    const observation = { kind: 'unavailable', t: 10, frame: 7, reason: 'inferenceFailed' } as const;
    ordered.resolve(seen(10, 7), [{ kind: 'phone', t: 10, observation }]);
    expect(labels).toEqual(['frame 7', 'phone 10', 'can 12']);
  });

  it('give up the places of frames that were dropped', () => {
    const { ordered, labels } = collector();
    ordered.expect(1);
    ordered.expect(2);
    ordered.resolve(seen(20, 2));
    ordered.resolve(seen(10, 1));
    expect(labels).toEqual(['frame 2']);
  });

  it('put ticks in at absolute multiples, before anything stamped at or after them', () => {
    const { ordered, labels } = collector();
    ordered.add({ kind: 'can', t: 30, frames: noFrames });
    ordered.add({ kind: 'can', t: 100, frames: noFrames });
    ordered.finish(160);
    expect(labels).toEqual(['can 30', 'tick 50', 'tick 100', 'can 100', 'tick 150']);
  });

  it('finish without the observations that never came', () => {
    const { ordered, labels } = collector();
    ordered.expect(1);
    ordered.add({ kind: 'can', t: 5, frames: noFrames });
    ordered.finish(60);
    expect(labels).toEqual(['can 5', 'tick 50']);
  });

  it('come out in the same order whenever the observations come back', () => {
    const drive = fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 40 })), { maxLength: 60 });
    fc.assert(
      fc.property(drive, fc.infiniteStream(fc.nat({ max: 3 })), (items, delays) => {
        const run = (delayed: boolean): string[] => {
          const { ordered, labels } = collector();
          const open: { readonly t: number; readonly frame: number }[] = [];
          const give = (count: number): void => {
            for (const { t, frame } of open.splice(0, count)) ordered.resolve(seen(t, frame));
          };
          let t = 0;
          items.forEach(([isFrame, gap], frame) => {
            t += gap;
            if (isFrame) {
              ordered.expect(frame);
              open.push({ t, frame });
            } else {
              ordered.add({ kind: 'can', t, frames: noFrames });
            }
            give(delayed ? (delays.next().value as number) : open.length);
          });
          give(open.length);
          ordered.finish(t);
          return labels;
        };
        expect(run(true)).toEqual(run(false));
      }),
    );
  });
});
