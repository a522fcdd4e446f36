import { describe, expect, it } from 'vitest';
import { driverMatrix, type MatrixRow } from '../hil/eval/driver-matrix.js';
import { loadPolicy } from '../src/driver/policy/policy.js';

const said = ({ policy, scenario, awaited, expectedMs, measuredMs }: MatrixRow): string =>
  `${policy}: ${scenario}: ${awaited} expected ${expectedMs ?? 'never'}, measured ${measuredMs?.toFixed(0) ?? 'never'}`;

const ids = ['euroncap-2026', 'eu-addw-2023-2590', 'eu-ddaw-2021-1341', 'openpilot-like'];

describe('the scenario matrix', () => {
  it.each(ids)('of %s is met at 30 frames a second', (id) => {
    const rows = driverMatrix({ policies: [id] });
    expect(rows.filter(({ ok }) => !ok).map(said)).toEqual([]);
    expect(rows.length).toBeGreaterThanOrEqual(3);
  });

  it('of the protocol is met at 12 frames a second', () => {
    const rows = driverMatrix({ policies: ['euroncap-2026'], fps: 12 });
    expect(rows.filter(({ ok }) => !ok).map(said)).toEqual([]);
  });

  it('has a row for every rule that a stimulus can be generated for', () => {
    for (const id of ids) {
      const awaited = new Set(driverMatrix({ policies: [id], fps: 10 }).map((row) => row.awaited));
      const missing = Object.keys(loadPolicy(id).rules).filter((rule) => !awaited.has(`prompt ${rule}`));
      // The estimate of KSS has no stimulus of its own; its rule is tested on facts.
      expect(missing.filter((rule) => rule !== 'impairedUnknown')).toEqual(
        id === 'openpilot-like' ? ['notFunctional'] : [],
      );
    }
  });
});
