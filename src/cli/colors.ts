import pc from 'picocolors';

/**
 * Colour for a person at a terminal only: by itself picocolors also colours wherever CI is set, where a program reads
 * the output. NO_COLOR and FORCE_COLOR have the last word.
 */
export const colors = pc.createColors(
  pc.isColorSupported && (process.stdout.isTTY || process.env['FORCE_COLOR'] !== undefined),
);
