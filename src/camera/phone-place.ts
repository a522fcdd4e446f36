import type { Box } from './observation.js';
import type { PhonePlace } from './phone-observation.js';

/**
 * How far beside the face, in face widths, a phone's middle may lie for it to be at the ear. The box spans the mesh, so
 * the ear is just outside of it; a hand and the phone's thickness come on top.
 */
const outside = 0.55;
/** How far inside, for a head turned away from the phone. */
const inside = 0.25;
/** In face heights from the box's top: an ear lies between the brow and the mouth, a phone reaches to the chin. */
const [highest, lowest] = [0.1, 1.15];

/**
 * Where a phone is in relation to the driver's face: at the ear when its middle lies beside the face's left or right
 * edge and between brow and chin, else in hand. The limits come from the anatomy of a head before a camera and were
 * not fitted to pictures.
 * @param face the face's box in the same frame, pixels; undefined where no face was seen
 */
export function placeOfPhone(phone: Box, face: Box | undefined): PhonePlace {
  if (face === undefined || !(face.width > 0 && face.height > 0)) return 'unplaced';
  const x = phone.x + phone.width / 2;
  const height = (phone.y + phone.height / 2 - face.y) / face.height;
  if (height < highest || height > lowest) return 'inHand';
  const fromLeft = (face.x - x) / face.width;
  const fromRight = (x - face.x - face.width) / face.width;
  const beside = Math.max(fromLeft, fromRight);
  return beside >= -inside && beside <= outside ? 'atEar' : 'inHand';
}
