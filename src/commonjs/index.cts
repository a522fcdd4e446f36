// For hosts that are CommonJS: Vigil itself is ES modules, which are loaded when they are needed.
import type { Vigil, VigilOptions } from '../vigil.js' with { 'resolution-mode': 'import' };

/** As `createVigil` of the ES module. */
async function createVigil(options?: VigilOptions): Promise<Vigil> {
  const vigil = await import('../vigil.js');
  return vigil.createVigil(options);
}

export = { createVigil };
