import type { CanFrames } from '../../src/can/frames.js';
import type { AudioBlock, CameraFrame } from '../recording/message.js';
import type { SourceName } from '../recording/metadata.js';

/** One thing to be written, at `t` ms on the drive's clock. */
export type ImportItem =
  | { readonly kind: 'camera'; readonly t: number; readonly frame: Omit<CameraFrame, 't'> }
  | { readonly kind: 'audio'; readonly t: number; readonly block: Omit<AudioBlock, 't'> }
  /** `t` is the batch's last stamp. */
  | { readonly kind: 'can'; readonly t: number; readonly frames: CanFrames };

/** One file being read. `items` come in the order of their stamps, except where the file itself steps back. */
export interface ImportSource {
  readonly name: SourceName;
  readonly items: AsyncIterable<ImportItem>;
  /** First instant that the source covers, ms; known once the first item has been given. */
  firstMs(): number;
  /** Expected last stamp, ms; null when not known. For the progress bar. */
  readonly durationMs: number | null;
  /** Added to the file's own stamps so far, ms. */
  offsetMs(): number;
  /** What was lost, one sentence each; final once the items have ended. */
  losses(): string[];
  /** Facts for the summary, final once the items have ended. */
  facts(): Record<string, number | string>;
}
