import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { VigilError, messageOf } from '../../runtime/errors.js';

/** Programs that turn SVG into PNG, in the order in which they are tried. */
const converters: readonly {
  readonly program: string;
  readonly args: (svg: string, png: string) => string[];
}[] = [
  { program: 'rsvg-convert', args: (svg, png) => ['-o', png, svg] },
  {
    program: 'ffmpeg',
    args: (svg, png) => [
      '-v',
      'error',
      '-y',
      '-i',
      svg,
      '-frames:v',
      '1',
      '-f',
      'image2',
      '-c:v',
      'png',
      png,
    ],
  },
];

interface Ended {
  /** Undefined: the program isn't there. */
  readonly code: number | null | undefined;
  readonly said: string;
}

function run(program: string, args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
    child.on('error', (error) => resolve({ code: undefined, said: messageOf(error) }));
    child.on('close', (code) => resolve({ code, said }));
  });
}

/**
 * Writes an SVG document as a PNG file, with the first of rsvg-convert and ffmpeg that can.
 * @throws VigilError `PNG_CONVERTER_MISSING` when none is installed or none can read SVG
 */
export async function writePng(svg: string, path: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'vigil-plot-'));
  try {
    const input = join(folder, 'plot.svg');
    await writeFile(input, svg);
    const failures: string[] = [];
    for (const { program, args } of converters) {
      const { code, said } = await run(program, args(input, path));
      if (code === 0) return;
      failures.push(
        code === undefined ? `${program}: not installed` : `${program}: ${said.trim().split('\n')[0]}`,
      );
    }
    throw new VigilError(
      'PNG_CONVERTER_MISSING',
      `Expected a program that turns SVG into PNG but none did (${failures.join('; ')}).`,
      'Install librsvg2-bin, or write an .svg file.',
      { path },
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
