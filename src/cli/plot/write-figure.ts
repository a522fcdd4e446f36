import { writeFile } from 'node:fs/promises';
import { messageOf, VigilError } from '../../runtime/errors.js';
import { writePng } from './png.js';

/**
 * Writes an SVG document to a file: as PNG where the name ends so.
 * @throws VigilError `FILE_UNWRITABLE`, `PNG_CONVERTER_MISSING`
 */
export async function writeFigure(svg: string, path: string): Promise<void> {
  if (/\.png$/i.test(path)) {
    await writePng(svg, path);
    return;
  }
  try {
    await writeFile(path, svg);
  } catch (error) {
    throw new VigilError(
      'FILE_UNWRITABLE',
      `Expected to write ${path} but writing failed: ${messageOf(error)}.`,
      'Check the folder and its permissions.',
      { path },
      { cause: error },
    );
  }
}
