import { VigilError } from '../../runtime/errors.js';
import { DrowsinessModel } from './model.js';

/**
 * The drowsiness network where it is installed and sound; null where not. The estimate of sleepiness then does
 * without, and says `modelMissing`.
 */
export function optionalDrowsinessModel(): DrowsinessModel | null {
  try {
    return DrowsinessModel.load();
  } catch (error) {
    if (error instanceof VigilError) return null;
    throw error;
  }
}
